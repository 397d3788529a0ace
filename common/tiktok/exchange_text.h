// Texts about an exchange with the API that are fit for logs, errors and the store: valid UTF-8, without secrets.
#ifndef TIKHAUL_COMMON_TIKTOK_EXCHANGE_TEXT_H_
#define TIKHAUL_COMMON_TIKTOK_EXCHANGE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/tiktok/client.h"

namespace tikhaul {

// `text` with every byte that is not part of valid UTF-8 replaced by '?' (protobuf strings must be valid).
std::string ValidUtf8(absl::string_view text);

// base_url + path + "?" + parameters, percent-encoded.
std::string RequestUrl(const std::string& base_url, const ApiCall& call);

// "GET path?a=1&b=2", then "HTTP 200" and the body's first 2 KB; without an answer, the first line only. Parameters are
// not percent-encoded, for people. App secrets and tokens are redacted; the Access-Token header is not part of it.
std::string ExchangeText(const ApiCall& call, int http_status, absl::string_view body);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_EXCHANGE_TEXT_H_
