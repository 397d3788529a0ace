// Bearer tokens: made at random, known to coordinators by their hash only.
#ifndef TIKHAUL_COMMON_ACCESS_TOKEN_H_
#define TIKHAUL_COMMON_ACCESS_TOKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tikhaul {

// 256 random bits as 43 letters, digits, "-" and "_".
std::string NewToken();
// SHA-256, 64 lower-case hexadecimal digits.
std::string TokenHash(absl::string_view token);
// The token of the value of an Authorization header, "Bearer TOKEN"; nothing when it has another form.
std::optional<std::string> BearerToken(absl::string_view authorization);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_ACCESS_TOKEN_H_
