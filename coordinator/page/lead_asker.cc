#include "coordinator/page/lead_asker.h"

#include <chrono>

#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

constexpr std::chrono::seconds kPatience(5);

}  // namespace

absl::StatusOr<std::shared_ptr<v1::Admin::Stub>> LeadAsker::Lead() {
  const std::string address = membership_.LeadAddress();
  if (address.empty())
    return absl::UnavailableError("no coordinator leads at the moment; one of them takes over within 15 s");
  MutexLock lock(mu_);
  if (stub_ == nullptr || address != address_) {
    ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, open_(address));
    stub_ = v1::Admin::NewStub(channel);
    address_ = address;
  }
  return stub_;
}

void LeadAsker::Prepare(grpc::ClientContext& context, const std::string& authorization) {
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  if (!authorization.empty()) context.AddMetadata("authorization", authorization);
}

}  // namespace tikhaul
