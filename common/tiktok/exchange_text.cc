#include "common/tiktok/exchange_text.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/base/secret.h"

namespace tikhaul {
namespace {

constexpr size_t kBodyExcerpt = 2048;
constexpr size_t kLongestSecret = 512;  // redacted before the cut, so that no half of one is left over

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

// Length of the valid UTF-8 sequence at the start of `text`; 0 when there is none.
size_t SequenceLength(absl::string_view text) {
  const uint8_t first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  const uint8_t second = static_cast<uint8_t>(text[1]);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second > 0x9f;
  const bool too_large = first == 0xf4 && second > 0x8f;
  return overlong || surrogate || too_large ? 0 : length;
}

std::string PercentEncoded(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  constexpr absl::string_view kPlain = "-._~";
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       kPlain.find(c) != absl::string_view::npos;
    if (plain) {
      result.push_back(c);
    } else {
      const uint8_t byte = static_cast<uint8_t>(c);
      absl::StrAppend(&result, "%", std::string(1, kHex[byte >> 4]), std::string(1, kHex[byte & 15]));
    }
  }
  return result;
}

bool IsSecretName(absl::string_view name) { return name == "secret" || name == "access_token" || name == "auth_code"; }

}  // namespace

std::string ValidUtf8(absl::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length == 0) {
      result.push_back('?');
      text.remove_prefix(1);
    } else {
      result.append(text.data(), length);
      text.remove_prefix(length);
    }
  }
  return result;
}

std::string RequestUrl(const std::string& base_url, const ApiCall& call) {
  std::string url = absl::StrCat(base_url, call.path);
  char separator = '?';
  for (const auto& [name, value] : call.params) {
    absl::StrAppend(&url, std::string(1, separator), PercentEncoded(name), "=", PercentEncoded(value));
    separator = '&';
  }
  return url;
}

std::string ExchangeText(const ApiCall& call, int http_status, absl::string_view body) {
  std::string text = absl::StrCat("GET ", call.path);
  char separator = '?';
  for (const auto& [name, value] : call.params) {
    absl::StrAppend(&text, std::string(1, separator), name, "=", IsSecretName(name) ? "[redacted]" : value);
    separator = '&';
  }
  if (http_status != 0) {
    const std::string start = Redact(body.substr(0, kBodyExcerpt + kLongestSecret));
    absl::StrAppend(&text, "\nHTTP ", http_status, "\n", start.substr(0, kBodyExcerpt));
  }
  return ValidUtf8(Redact(text));
}

}  // namespace tikhaul
