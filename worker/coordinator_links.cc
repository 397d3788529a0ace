#include "worker/coordinator_links.h"

#include <utility>

#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

// Coordinators come and go under new addresses: those of the dead are not kept for ever.
constexpr size_t kMostAddresses = 64;
// Below what a coordinator allows (kCallsOfAConnection), since questions for quota go the same way.
constexpr uint32_t kStreamsPerWay = 48;

}  // namespace

absl::StatusOr<std::unique_ptr<CoordinatorLinks>> CoordinatorLinks::Make(std::vector<std::string> home, Dialer dialer,
                                                                         uint32_t slots) {
  std::unique_ptr<CoordinatorLinks> links(
      new CoordinatorLinks(std::move(home), std::move(dialer), 1 + slots / kStreamsPerWay));
  for (const std::string& address : links->home_) RETURN_IF_ERROR(links->At(address).status());
  return links;
}

std::string CoordinatorLinks::Home() const {
  MutexLock lock(mu_);
  return home_[next_ % home_.size()];
}

void CoordinatorLinks::TryNext() {
  MutexLock lock(mu_);
  ++next_;
  lead_.clear();
}

std::string CoordinatorLinks::Lead() const {
  MutexLock lock(mu_);
  return lead_.empty() ? home_[next_ % home_.size()] : lead_;
}

void CoordinatorLinks::SetLead(const std::string& address) {
  MutexLock lock(mu_);
  lead_ = address;
}

absl::StatusOr<IngestStub> CoordinatorLinks::At(const std::string& address) {
  const std::string target = address.empty() ? Home() : address;
  MutexLock lock(mu_);
  if (ways_.size() >= kMostAddresses && ways_.count(target) == 0) ways_.clear();  // streams hold theirs
  Ways& ways = ways_[target];
  if (ways.stubs.size() == most_ways_) return ways.stubs[ways.next++ % most_ways_];
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, dialer_.Open(target));
  ways.stubs.push_back(v1::Ingest::NewStub(channel));
  return ways.stubs.back();
}

}  // namespace tikhaul
