#include "worker/coordinator_links.h"

#include <utility>

#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

// Coordinators come and go under new addresses: those of the dead are not kept for ever.
constexpr size_t kMostStubs = 64;

}  // namespace

absl::StatusOr<std::unique_ptr<CoordinatorLinks>> CoordinatorLinks::Make(std::vector<std::string> home, Dialer dialer) {
  std::unique_ptr<CoordinatorLinks> links(new CoordinatorLinks(std::move(home), std::move(dialer)));
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
  const auto found = stubs_.find(target);
  if (found != stubs_.end()) return found->second;
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, dialer_.Open(target));
  if (stubs_.size() >= kMostStubs) stubs_.clear();  // streams hold theirs
  return stubs_[target] = v1::Ingest::NewStub(channel);
}

}  // namespace tikhaul
