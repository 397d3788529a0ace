// Members of a JSON object as texts, without reading their values: numbers keep every digit.
#ifndef TIKHAUL_COMMON_BASE_JSON_MEMBERS_H_
#define TIKHAUL_COMMON_BASE_JSON_MEMBERS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tikhaul {

struct JsonMember {
  absl::string_view name;   // as in the text, without its quotes and with its escapes
  absl::string_view value;  // JSON text
};

// The members of the object in their order; nothing when the text is no JSON object. Values are only delimited, not
// checked. The views point into `object`.
std::optional<std::vector<JsonMember>> MembersOf(absl::string_view object);

// {"name":value,...}; empty when there are no members.
std::string ObjectOf(const std::vector<JsonMember>& members);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_JSON_MEMBERS_H_
