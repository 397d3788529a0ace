#include "common/base/secret.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/mutex.h"

namespace tikhaul {
namespace {

// Shorter values would blank out harmless text.
constexpr size_t kShortestSecret = 6;

struct Registry {
  Mutex mu;
  std::vector<std::string> values ABSL_GUARDED_BY(mu);  // longest first: one may begin with another
};

Registry& GlobalRegistry() {
  static Registry& registry = *new Registry;
  return registry;
}

constexpr absl::string_view kRedacted = "[redacted]";
// Endings of the names of secret values.
constexpr absl::string_view kNames[] = {"access_token", "access-token", "refresh_token", "secret", "auth_code"};

// Whether `before`, the text before a ':' or '=', ends in such a name, quoted or not, at whatever level of escaping.
bool NamesSecret(absl::string_view before) {
  const auto strip = [&before](absl::string_view characters) {
    const size_t last = before.find_last_not_of(characters);
    before = before.substr(0, last == absl::string_view::npos ? 0 : last + 1);
  };
  strip(" \t");
  strip("\"'");
  strip("\\");
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [before](absl::string_view name) { return absl::EndsWithIgnoreCase(before, name); });
}

// How many bytes of `text` belong to a value in double quotes that were escaped by `escapes` backslashes when they
// opened.
size_t QuotedLength(absl::string_view text, size_t escapes) {
  size_t backslashes = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && backslashes <= escapes) return i - backslashes;
    backslashes = text[i] == '\\' ? backslashes + 1 : 0;
  }
  return text.size();
}

size_t PlainLength(absl::string_view text) { return std::min(text.size(), text.find_first_of("\"'&,;}\\ \t\r\n")); }

// Where the value begins that stands behind a ':' or '=', and how long it is.
std::pair<size_t, size_t> FindValue(absl::string_view text) {
  const size_t start = std::min(text.size(), text.find_first_not_of(" \t"));
  const size_t quote = std::min(text.size(), text.find_first_not_of('\\', start));
  if (quote < text.size() && text[quote] == '"') {
    return {quote + 1, QuotedLength(text.substr(quote + 1), quote - start)};
  }
  return {start, PlainLength(text.substr(start))};
}

// A hand-written scan and no std::regex, which uses stack for every byte of a match and so falls over on long values.
std::string RedactNamed(absl::string_view text) {
  std::string result;
  size_t copied = 0;
  for (size_t i = text.find_first_of(":="); i != absl::string_view::npos; i = text.find_first_of(":=", i + 1)) {
    if (i < copied || !NamesSecret(text.substr(0, i))) continue;
    const auto [start, length] = FindValue(text.substr(i + 1));
    if (length == 0) continue;
    absl::StrAppend(&result, text.substr(copied, i + 1 + start - copied), kRedacted);
    copied = i + 1 + start + length;
  }
  absl::StrAppend(&result, text.substr(copied));
  return result;
}

}  // namespace

Secret::Secret(std::string value) : value_(std::move(value)) {
  if (value_.size() < kShortestSecret) return;
  Registry& registry = GlobalRegistry();
  MutexLock lock(registry.mu);
  if (std::find(registry.values.begin(), registry.values.end(), value_) != registry.values.end()) return;
  const auto place = std::find_if(registry.values.begin(), registry.values.end(),
                                  [this](const std::string& other) { return other.size() < value_.size(); });
  registry.values.insert(place, value_);
}

std::string Redact(absl::string_view text) {
  std::string result(text);
  {
    Registry& registry = GlobalRegistry();
    MutexLock lock(registry.mu);
    for (const std::string& value : registry.values) absl::StrReplaceAll({{value, kRedacted}}, &result);
  }
  return RedactNamed(result);
}

}  // namespace tikhaul
