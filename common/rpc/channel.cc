#include "common/rpc/channel.h"

#include <grpcpp/security/tls_credentials_options.h>

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/access/tls_files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/config/addresses.h"
#include "common/config/config.h"
#include "common/rpc/certificates.h"
#include "common/rpc/token_interceptor.h"
#include "proto/limits.h"

namespace tikhaul {
namespace {

// Ledgers and catalogues may be large.
constexpr int kMostAnswerBytes = 64 << 20;

grpc::ChannelArguments StandingArguments() {
  grpc::ChannelArguments arguments;
  // A lost peer is noticed within 15 s, with or without calls (queue-notes.md 6.3).
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // each channel is a connection of its own
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);             // an Extract stream is never repeated blindly
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetMaxReceiveMessageSize(kLargestAnswer);
  arguments.SetMaxSendMessageSize(kLargestRequest);
  return arguments;
}

grpc::ChannelArguments CommandArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMostAnswerBytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Channels of one process share connections otherwise, and with them the back-off after a failed attempt.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

std::shared_ptr<grpc::ChannelCredentials> TlsCredentialsFor(const v1::Tls& tls) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  WatchCertificates(tls, options);
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace

std::string DialAddress(absl::string_view listen) {
  for (const absl::string_view any : {"0.0.0.0:", "[::]:", "*:"}) {
    absl::string_view port = listen;
    if (absl::ConsumePrefix(&port, any)) return absl::StrCat("127.0.0.1:", port);
  }
  return std::string(listen);
}

struct Dialer::Ways {
  bool allow_plaintext = false;
  std::shared_ptr<grpc::ChannelCredentials> tls;  // nullptr: none
  std::string token_file;                         // empty: none
};

Dialer::Dialer() : ways_(std::make_shared<const Ways>()) {}

absl::StatusOr<Dialer> Dialer::Make(const v1::Config& config) {
  Ways ways{
      .allow_plaintext = config.coordinator().allow_plaintext(), .tls = nullptr, .token_file = config.token_file()};
  if (config.has_tls()) {
    RETURN_IF_ERROR(CheckTlsFiles(config.tls()));
    ways.tls = TlsCredentialsFor(config.tls());
  }
  if (!ways.token_file.empty()) RETURN_IF_ERROR(ReadRpcToken(ways.token_file).status());
  return Dialer(std::make_shared<const Ways>(std::move(ways)));
}

bool Dialer::encrypts() const { return ways_->tls != nullptr; }

absl::StatusOr<std::shared_ptr<grpc::Channel>> Dialer::Open(const std::string& address, ChannelUse use) const {
  ASSIGN_OR_RETURN(const ListenAddress target, ParseListen(DialAddress(address), "/"));
  const bool encrypted = encrypts() && !absl::StartsWith(target.address, "unix:");
  if (!encrypted && !target.local && !ways_->allow_plaintext) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the way to the coordinator at ", address,
        " is not encrypted and leaves this machine: name the files of `tls` "
        "in the configuration; or use a loopback address or a Unix socket; or set coordinator.allow_plaintext: true "
        "in a network you trust"));
  }
  if (!encrypted && !target.local && use == ChannelUse::kStanding) {
    LogWarning("the way to a coordinator is not encrypted: set `tls`", {{"address", target.address}});
  }
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  if (!ways_->token_file.empty()) interceptors.push_back(MakeTokenInterceptor(ways_->token_file));
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      target.address, encrypted ? ways_->tls : grpc::InsecureChannelCredentials(),
      use == ChannelUse::kStanding ? StandingArguments() : CommandArguments(), std::move(interceptors));
}

}  // namespace tikhaul
