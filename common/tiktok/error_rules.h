// The API's return codes and HTTP statuses in tikhaul's classes: data from tiktok-api.md 3.4 and 3.5.
#ifndef TIKHAUL_COMMON_TIKTOK_ERROR_RULES_H_
#define TIKHAUL_COMMON_TIKTOK_ERROR_RULES_H_

#include <string>

#include "absl/types/span.h"
#include "common/model/chunk.h"

namespace tikhaul {

// Codes `from` to `to`, both included, are of that class.
struct ErrorRule {
  int from = 0;
  int to = 0;
  FailureClass failure_class = FailureClass::kPermanent;
};

// In order of code; no two overlap. Codes outside are unknown: kUnknownCode.
absl::Span<const ErrorRule> ErrorRules();

// True for 0 (success) and 20001 (partial success).
bool IsSuccessCode(int code);

// "Too many requests" for this advertiser on this path, not for the app.
inline constexpr int kAdvertiserLimit = 40133;

// ClassifyCode() and ClassifyHttpStatus() of client.h read these rules.

// What a refusal of class permission is about. 40001 has two meanings: its words either name the account, which is not
// accessible or deleted, or a path that the account has not granted (section 3.5); words that name neither close the
// one endpoint only.
AccessState ClosedAs(int code, const std::string& message);

// What a user can do about a failure, for people. `code` 0: the API gave none. Empty: nothing needs to be done.
std::string MendOf(FailureClass failure_class, int code);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_ERROR_RULES_H_
