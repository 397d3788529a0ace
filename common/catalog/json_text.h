// JSON arrays of texts, as the API wants them inside query parameters (tiktok-api.md 1, 4.5).
#ifndef TIKHAUL_COMMON_CATALOG_JSON_TEXT_H_
#define TIKHAUL_COMMON_CATALOG_JSON_TEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tikhaul {

// ["a","b"], compact. Bytes that are not UTF-8 are replaced.
std::string JsonArray(const std::vector<std::string>& texts);

// The texts of a JSON array of strings. Nothing for every other text, arrays with numbers among it.
std::optional<std::vector<std::string>> ParseJsonArray(absl::string_view text);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_JSON_TEXT_H_
