// Who may see what is served over HTTP, and how it is encrypted, as the configuration says.
#ifndef TIKHAUL_COMMON_HTTP_ACCESS_HTTP_ACCESS_H_
#define TIKHAUL_COMMON_HTTP_ACCESS_HTTP_ACCESS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/access/authenticator.h"
#include "common/http/http_guard.h"
#include "common/http/http_server.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// Viewers and operators. Unset when no identities are configured: everybody may. Borrows the authenticator.
TokenCheck ViewerCheck(const Authenticator& authenticator);
// Whoever is known. Unset as above.
TokenCheck KnownCheck(const Authenticator& authenticator);

// Puts the "/metrics" of `pages` behind `known`; leaves it to everybody when that is unset. Borrows the guard.
void GuardMetrics(HttpGuard& guard, const TokenCheck& known, std::map<std::string, HttpHandler>& pages);

// HTTPS is spoken, since the configuration names a certificate.
bool EncryptsHttp(const v1::Config& config);
// How `address` is served; nothing: in the clear. FAILED_PRECONDITION when other machines can reach it and neither
// `tls` nor coordinator.allow_plaintext is set.
absl::StatusOr<std::optional<HttpTls>> HttpTlsFor(const v1::Config& config, const std::string& address);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_HTTP_ACCESS_HTTP_ACCESS_H_
