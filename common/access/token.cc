#include "common/access/token.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"

namespace tikhaul {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr absl::string_view kScheme = "bearer ";

}  // namespace

std::string NewToken() {
  std::array<unsigned char, kTokenBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) std::abort();  // a guessable one would be worse
  std::string text;
  absl::WebSafeBase64Escape({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, &text);
  return text;
}

std::string TokenHash(absl::string_view token) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int length = 0;
  if (EVP_Digest(token.data(), token.size(), hash.data(), &length, EVP_sha256(), nullptr) != 1) std::abort();
  return absl::BytesToHexString({reinterpret_cast<const char*>(hash.data()), length});
}

std::optional<std::string> BearerToken(absl::string_view authorization) {
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) return std::nullopt;
  const absl::string_view token = absl::StripAsciiWhitespace(authorization.substr(kScheme.size()));
  if (token.empty()) return std::nullopt;
  return std::string(token);
}

}  // namespace tikhaul
