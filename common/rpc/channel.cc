#include "common/rpc/channel.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/addresses.h"

namespace tikhaul {
namespace {

constexpr int kMessageBytes = 16 << 20;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  // A lost peer is noticed within 15 s, with or without calls (queue-notes.md 6.3).
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // an Extract stream is never repeated blindly
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetMaxReceiveMessageSize(kMessageBytes);
  arguments.SetMaxSendMessageSize(kMessageBytes);
  return arguments;
}

// A wildcard host, copied from `listen`, is this machine.
std::string WithoutWildcard(const std::string& address) {
  if (absl::StartsWith(address, "0.0.0.0:")) return absl::StrCat("127.0.0.1", address.substr(7));
  if (absl::StartsWith(address, "[::]:")) return absl::StrCat("[::1]", address.substr(4));
  return address;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& address, bool allow_plaintext) {
  ASSIGN_OR_RETURN(const ListenAddress target, ParseListen(WithoutWildcard(address), "/"));
  if (!target.local && !allow_plaintext) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the way to the coordinator at ", address, " is not encrypted and leaves this machine; use a loopback address ",
        "or a Unix socket, or set coordinator.allow_plaintext: true in a network you trust"));
  }
  return grpc::CreateCustomChannel(target.address, grpc::InsecureChannelCredentials(), Arguments());
}

}  // namespace tikhaul
