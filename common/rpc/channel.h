// The way to a coordinator, of workers and of other coordinators.
#ifndef TIKHAUL_COMMON_RPC_CHANNEL_H_
#define TIKHAUL_COMMON_RPC_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace tikhaul {

// `address` is "host:port" or "unix:/absolute/path"; a wildcard host (a copied `listen`) means this machine.
// FAILED_PRECONDITION when it leaves the machine and plaintext is not allowed; INVALID_ARGUMENT for other forms.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& address, bool allow_plaintext);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_RPC_CHANNEL_H_
