#include "common/http/access/http_access.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/addresses.h"

namespace tikhaul {

TokenCheck ViewerCheck(const Authenticator& authenticator) {
  if (authenticator.everybody()) return nullptr;
  return [&authenticator](const std::string& token) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const Caller caller, authenticator.Identify({.token = token, .certificate_names = {}}));
    if (caller.May(v1::ROLE_VIEWER)) return caller.name;
    return absl::PermissionDeniedError(
        absl::StrCat(caller.name, " may not see this: the role viewer or operator is needed"));
  };
}

TokenCheck KnownCheck(const Authenticator& authenticator) {
  if (authenticator.everybody()) return nullptr;
  return [&authenticator](const std::string& token) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const Caller caller, authenticator.Identify({.token = token, .certificate_names = {}}));
    return caller.name;
  };
}

void GuardMetrics(HttpGuard& guard, const TokenCheck& known, std::map<std::string, HttpHandler>& pages) {
  if (known == nullptr) return;
  HttpHandler& metrics = pages.at("/metrics");
  metrics = guard.Behind(known, std::move(metrics));
}

bool EncryptsHttp(const v1::Config& config) { return !config.tls().certificate_file().empty(); }

absl::StatusOr<std::optional<HttpTls>> HttpTlsFor(const v1::Config& config, const std::string& address) {
  if (EncryptsHttp(config)) {
    return HttpTls{.certificate_file = config.tls().certificate_file(), .key_file = config.tls().key_file()};
  }
  ASSIGN_OR_RETURN(const ListenAddress parsed, ParseHttp(address));
  if (parsed.local || config.coordinator().allow_plaintext()) return std::optional<HttpTls>();
  return absl::FailedPreconditionError(
      absl::StrCat("other machines can reach ", address,
                   ", and what is served there is not encrypted: choose a loopback address for HTTP, or set `tls`, or "
                   "say coordinator.allow_plaintext: true in a network you trust"));
}

}  // namespace tikhaul
