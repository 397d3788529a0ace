#include "common/base/secret.h"

#include <regex>
#include <set>
#include <utility>

#include "absl/strings/str_replace.h"
#include "common/base/mutex.h"

namespace tikhaul {
namespace {

// Shorter values would blank out harmless text.
constexpr size_t kShortestSecret = 6;

struct Registry {
  Mutex mu;
  std::set<std::string> values ABSL_GUARDED_BY(mu);
};

Registry& GlobalRegistry() {
  static Registry& registry = *new Registry;
  return registry;
}

}  // namespace

Secret::Secret(std::string value) : value_(std::move(value)) {
  if (value_.size() < kShortestSecret) return;
  Registry& registry = GlobalRegistry();
  MutexLock lock(registry.mu);
  registry.values.insert(value_);
}

std::string Redact(absl::string_view text) {
  std::string result(text);
  {
    Registry& registry = GlobalRegistry();
    MutexLock lock(registry.mu);
    for (const std::string& value : registry.values) absl::StrReplaceAll({{value, "[redacted]"}}, &result);
  }
  static const std::regex& named = *new std::regex(
      R"re(("?\b(?:access[_-]token|secret|auth_code)"?\s*[:=]\s*"?)(?!\[redacted\])[^"&\s,}]+)re", std::regex::icase);
  return std::regex_replace(result, named, "$1[redacted]");
}

}  // namespace tikhaul
