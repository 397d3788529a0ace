// Questions about a token and its ad accounts (tiktok-api.md 2.2, 2.3). Blocking; for the coordinator and `tikhaul
// auth`.
#ifndef TIKHAUL_COMMON_TIKTOK_ACCOUNT_H_
#define TIKHAUL_COMMON_TIKTOK_ACCOUNT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/secret.h"
#include "common/tiktok/client.h"

namespace tikhaul {

struct AdvertiserInfo {
  std::string id;
  std::string name;
  std::string timezone;  // display_timezone, an IANA name; the `timezone` member when that one is missing
  std::string currency;  // ISO 4217
  std::string status;    // STATUS_ENABLE and so on
  absl::Time created = absl::InfinitePast();
};

// Each sends one call (FetchAdvertiserInfo one per 100 ids) through `transport`, waits for its end and is to be called
// from any thread but the transport's. A fault of the API is a status that AsFault() can read: UNAUTHENTICATED (kAuth),
// PERMISSION_DENIED (kPermission), UNAVAILABLE (kTransient, kUnreachable), CANCELLED (kReleased), else
// FAILED_PRECONDITION; the message is the fault's. UNAVAILABLE also when the quota gave no token for 20 s. DATA_LOSS:
// the answer is not of the documented shape.

// oauth2/advertiser/get/: ids of all accounts that granted `app_id` access with this token. Not in the sandbox.
absl::StatusOr<std::vector<std::string>> FetchAdvertiserIds(ApiTransport& transport, const std::string& app_id,
                                                            const Secret& app_secret, const Secret& token);
// advertiser/info/: in the order in which the API lists them; ids it does not answer for are missing. Not in the
// sandbox.
absl::StatusOr<std::vector<AdvertiserInfo>> FetchAdvertiserInfo(ApiTransport& transport, const Secret& token,
                                                                const std::vector<std::string>& ids);
// user/info/: OK when the API accepts the token. Works in the sandbox too.
absl::Status CheckToken(ApiTransport& transport, const Secret& token);

// Any other call, sent in the same way.
absl::StatusOr<ApiAnswer> SendAndWait(ApiTransport& transport, ApiCall call);

// The fault inside a status of the functions above; nothing in other statuses.
std::optional<ApiFault> AsFault(const absl::Status& status);

// What the functions above send; for those who send it themselves.
ApiCall AdvertiserIdsCall(const std::string& app_id, const Secret& app_secret, const Secret& token);
ApiCall AdvertiserInfoCall(const Secret& token, absl::Span<const std::string> ids);
// What they read out of an answer's body.
absl::StatusOr<std::vector<std::string>> ReadAdvertiserIds(const std::string& body);
absl::StatusOr<std::vector<AdvertiserInfo>> ReadAdvertiserInfo(const std::string& body);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_ACCOUNT_H_
