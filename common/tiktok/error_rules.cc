#include "common/tiktok/error_rules.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/tiktok/client.h"

namespace tikhaul {
namespace {

using enum FailureClass;

constexpr std::array kRules = {
    ErrorRule{40000, 40000, kPermanent},   // parameters invalid
    ErrorRule{40001, 40001, kPermission},  // advertiser not accessible, or a path not granted
    ErrorRule{40002, 40002, kPermanent},   // parameter error, details in the message
    ErrorRule{40006, 40008, kPermanent},   // not in this version; unknown object; not implemented
    ErrorRule{40009, 40009, kPermanent},   // not in the sandbox
    ErrorRule{40010, 40010, kPermanent},   // wrong host
    ErrorRule{40011, 40011, kTooBig},      // too many ids in one request
    ErrorRule{40013, 40014, kPermanent},   // sandbox account or feature missing
    ErrorRule{40016, 40016, kThrottled}, ErrorRule{40050, 40050, kTransient},  // duplicate request refused
    ErrorRule{40051, 40053, kPermanent},                                       // version invalid; write-side codes
    ErrorRule{40065, 40065, kPermanent}, ErrorRule{40067, 40067, kTooBig},     // the answer would be too large
    ErrorRule{40100, 40100, kThrottled}, ErrorRule{40101, 40110, kAuth},  // app and secret, token, core user, refresh
                                                                          // token, auth code
    ErrorRule{40112, 40113, kAuth},        // password; app blocked, unknown or not the token's
    ErrorRule{40115, 40117, kAuth},        // timestamp, signature, method
    ErrorRule{40118, 40119, kPermission},  // allowlist; company mismatch
    ErrorRule{40121, 40122, kPermission}, ErrorRule{40124, 40125, kPermission}, ErrorRule{40131, 40131, kAuth},
    ErrorRule{40132, 40133, kThrottled},   // limit on a field value; limit of this advertiser on this path
    ErrorRule{40200, 40202, kTransient},   // async task; write conflict
    ErrorRule{40300, 40301, kPermission},  // advertiser deleted or unknown
    ErrorRule{40502, 40502, kPermission}, ErrorRule{40700, 40700, kTransient},  // internal validation error of a
                                                                                // service
    ErrorRule{40900, 40900, kPermanent},                                        // file handling
    ErrorRule{40901, 40901, kTransient},                                        // transcoding under way
    ErrorRule{40902, 40915, kPermanent},                                        // file handling
    ErrorRule{41000, 41000, kPermission},  // the caller's address is in a blocked country
    ErrorRule{41001, 41002, kPermanent},   // endpoint switched off; fields no longer in use
    ErrorRule{50000, 51020, kTransient}, ErrorRule{51021, 51021, kThrottled},    // "too many requests"
    ErrorRule{51022, 59999, kTransient}, ErrorRule{60001, 60001, kUnreachable},  // maintenance
};

FailureClass ClassByCode(int code) {
  for (const ErrorRule& rule : kRules) {
    if (code >= rule.from && code <= rule.to) return rule.failure_class;
  }
  return code / 10'000 == 5 || code / 10'000 == 6 ? kTransient : kPermanent;
}

}  // namespace

absl::Span<const ErrorRule> ErrorRules() { return kRules; }

bool IsSuccessCode(int code) { return code == 0 || code == 20001; }

FailureClass ClassifyCode(int code, const std::string& message) {
  const FailureClass by_code = ClassByCode(code);
  if (by_code != kPermanent) return by_code;
  const std::string text = absl::AsciiStrToLower(message);  // message-only signals, section 3.5
  const bool no_access = absl::StrContains(text, "no permission to operate advertiser") ||
                         absl::StrContains(text, "doesn't exist or has been deleted");
  return no_access ? kPermission : by_code;
}

FailureClass ClassifyHttpStatus(int status) {
  switch (status) {
    case 401:
      return kAuth;
    case 403:
      return kPermission;
    case 408:
      return kTransient;
    case 413:
      return kTooBig;
    case 429:
      return kThrottled;
    case 502:
    case 503:
      return kUnreachable;  // a gateway whose service is away; 504 may be the request's own weight
    default:
      // A 2xx without an envelope is a gateway's answer; redirects and other 4xx are configuration faults.
      return status < 300 || status >= 500 ? kTransient : kPermanent;
  }
}

bool IsAppRestriction(const std::string& message) {
  return absl::StrContains(absl::AsciiStrToLower(message), "temporarily restricted");
}

}  // namespace tikhaul
