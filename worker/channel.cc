#include "worker/channel.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

constexpr int kMessageBytes = 16 << 20;

bool IsLoopback(absl::string_view host) {
  return host == "localhost" || host == "[::1]" || absl::StartsWith(host, "127.");
}

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

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& address, bool allow_plaintext) {
  std::string target = address;
  if (!absl::StartsWith(address, "unix:")) {
    const size_t colon = address.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", address, "\" is not the address of a coordinator; write host:port or unix:/absolute/path"));
    }
    std::string host = address.substr(0, colon);
    if (host == "0.0.0.0") host = "127.0.0.1";
    if (host == "[::]") host = "[::1]";
    if (!IsLoopback(host) && !allow_plaintext) {
      return absl::FailedPreconditionError(
          absl::StrCat("the way to the coordinator at ", address,
                       " is not encrypted and leaves this machine; use a loopback address ",
                       "or a Unix socket, or set coordinator.allow_plaintext: true in a network you trust"));
    }
    target = absl::StrCat(host, address.substr(colon));
  }
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), Arguments());
}

}  // namespace tikhaul
