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
  return kUnknownCode;
}

bool NamesAPath(const std::string& lower) {  // "... does not grant /file/video/ad/search/:GET" (section 2.1)
  return absl::StrContains(lower, "/:get") || absl::StrContains(lower, "/:post") || absl::StrContains(lower, "grant");
}

bool NamesTheAccount(const std::string& lower) {
  for (const char* const words : {"no permission to operate advertiser", "doesn't exist or has been deleted",
                                  "not accessible", "been deleted", "does not exist"}) {
    if (absl::StrContains(lower, words)) return true;
  }
  return false;
}

struct Mend {
  int from, to;
  const char* text;
};

// What a user can do, where it is more than the class says.
constexpr Mend kMends[] = {
    {40001, 40001, "let the account grant the app this endpoint (`tikhaul auth url`), or take the advertiser out"},
    {40002, 40002, "the API's words name the parameter; change the extract so that it is not asked for"},
    {40006, 40006, "the API has dropped a parameter of this version; update tikhaul"},
    {40007, 40007, "an object or endpoint that the extract names does not exist; check its filters"},
    {40008, 40009, "the endpoint is not offered here (the sandbox lacks many); remove the extract or use production"},
    {40010, 40010, "set api.base_url to the host that the token belongs to"},
    {40013, 40014, "use a production token and base URL; the sandbox does not have this"},
    {40051, 40051, "update tikhaul: the API has dropped version v1.3"},
    {40101, 40101, "check app.id, and that the secret file holds this app's secret"},
    {40103, 40103,
     "that is a code of TikTok-account tokens; put an access token of the Marketing API into the token file"},
    {40107, 40108,
     "that is a code of TikTok-account tokens; put an access token of the Marketing API into the token file"},
    {40104, 40104, "put the access token into the token file; it was empty"},
    {40106, 40106, "the token belongs to another TikTok user; get one with `tikhaul auth url` for this advertiser"},
    {40110, 40110, "the auth code is used up or too old; get a new one with `tikhaul auth url`"},
    {40113, 40113, "TikTok has blocked the app, or app.id is not the token's app; see the developer portal"},
    {40118, 40118, "ask TikTok to put the app on the allowlist of this endpoint, or remove the extract"},
    {40119, 40119, "the account's company is not the app's; ask the account's owner or TikTok"},
    {40121, 40122, "that is for creators' accounts; take the advertiser out of the extract"},
    {40124, 40124, "complete the developer profile in the developer portal and wait for its approval"},
    {40125, 40125, "apply for the permission in the developer portal, or remove the fields that need it"},
    {40300, 40301, "the account is deleted or unknown to TikTok; take it out of the configuration"},
    {40502, 40502, "the account has reached its number of ads; that is for its owner to mend"},
    {41000, 41000, "TikTok refuses the country of this machine's address; run the workers elsewhere"},
    {41001, 41002, "TikTok has switched this endpoint or field off; remove it from the extract, or update tikhaul"},
};

}  // namespace

AccessState ClosedAs(int code, const std::string& message) {
  const std::string lower = absl::AsciiStrToLower(message);
  if (code == 40300 || code == 40301) return AccessState::kAccountDead;
  return NamesTheAccount(lower) && !NamesAPath(lower) ? AccessState::kAccountDead : AccessState::kNoGrant;
}

std::string MendOf(FailureClass failure_class, int code) {
  for (const Mend& mend : kMends) {
    if (code >= mend.from && code <= mend.to) return mend.text;
  }
  switch (failure_class) {
    case kTransient:
    case kUnreachable:
      return "TikTok's side was out of order; when it is well again, `tikhaul retry`";
    case kThrottled:
      return "nothing: tikhaul waits until the API takes calls again";
    case kAuth:
      return "put a valid access token into the token file; `tikhaul auth` gets one";
    case kPermission:
      return "let the account grant the app access, or take the advertiser out";
    case kPermanent:
      return "change what the API's words name, then `tikhaul retry`";
    case kUnknownCode:
      return "tikhaul does not know this return code: look it up in TikTok's documentation or update tikhaul, then "
             "`tikhaul retry`";
    case kTooBig:
    case kTruncated:
      return "ask for less: fewer dimensions or metrics, or filters on ids, then `tikhaul retry`";
    case kDrift:
      return "the account changes while it is read; `tikhaul retry` at a quieter hour";
    case kCrash:
      return "see the logs of worker and coordinator, then `tikhaul retry`";
    case kStore:
    case kReleased:
      break;
  }
  return "";
}

absl::Span<const ErrorRule> ErrorRules() { return kRules; }

bool IsSuccessCode(int code) { return code == 0 || code == 20001; }

FailureClass ClassifyCode(int code, const std::string& message) {
  const FailureClass by_code = ClassByCode(code);
  if (by_code != kPermanent && by_code != kUnknownCode) return by_code;
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
      return kUnreachable;  // a gateway whose service is away; 504 is a time-out, as those of ours
    default:
      // A 2xx without an envelope is a gateway's answer; redirects and other 4xx are configuration faults.
      return status < 300 || status >= 500 ? kTransient : kPermanent;
  }
}

}  // namespace tikhaul
