// Getting an access token and giving it back (tiktok-api.md 2.1). Blocking; one call each, not counted against the
// quota, which belongs to tokens that are in use.
#ifndef TIKHAUL_COMMON_TIKTOK_OAUTH_H_
#define TIKHAUL_COMMON_TIKTOK_OAUTH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace tikhaul {

// The page on which an advertiser grants the app access; afterwards the browser goes to `redirect_uri`, which must be
// registered with the app. `state` comes back and is to be compared.
std::string PortalUrl(const std::string& app_id, const std::string& state, const std::string& redirect_uri);

// What the address says to which the browser was sent back.
struct Redirect {
  Secret code;  // single use, good for an hour at most
  std::string state;
};
// INVALID_ARGUMENT when `address` is not one with a code and a state; PERMISSION_DENIED when it says that access was
// not granted.
absl::StatusOr<Redirect> ReadRedirect(const std::string& address);

struct OAuthApp {
  std::string base_url;  // as of the configuration, checked
  std::string id;
  Secret secret;
};

struct TokenGrant {
  Secret token;
  std::vector<std::string> advertisers;
  std::vector<int64_t> scopes;
};

// UNAUTHENTICATED: the API refuses app, secret, code or token, with what to do. UNAVAILABLE: it cannot be reached, or
// is out of order. FAILED_PRECONDITION: other refusals. DATA_LOSS: the answer is not of the documented shape.
absl::StatusOr<TokenGrant> ExchangeCode(const OAuthApp& app, const Secret& code);
// The accounts that the token no longer opens. The same errors.
absl::StatusOr<std::vector<std::string>> RevokeToken(const OAuthApp& app, const Secret& token);

// What the API's scope numbers mean, as far as is known; else the number.
std::string ScopeName(int64_t scope);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_OAUTH_H_
