// Secrets that do not print themselves, and a last net for texts that leave the process.
#ifndef TIKHAUL_COMMON_BASE_SECRET_H_
#define TIKHAUL_COMMON_BASE_SECRET_H_

#include <string>

#include "absl/strings/string_view.h"

namespace tikhaul {

// Holds a token or an app secret. Registers the value with Redact() for the life of the process.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  // The value itself: only for the request that needs it.
  const std::string& Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool operator==(const Secret& other) const { return value_ == other.value_; }

 private:
  std::string value_;
};

// `text` with every registered secret of at least six bytes, and the values of access_token, refresh_token, secret
// (also app_secret and the like), auth_code and Access-Token wherever they are named, replaced by "[redacted]". Linear
// in the length of the text, whatever stands in it. Thread-safe.
std::string Redact(absl::string_view text);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_SECRET_H_
