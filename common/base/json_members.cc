#include "common/base/json_members.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

class Scanner {
 public:
  explicit Scanner(absl::string_view text) : rest_(text) {}

  bool AtEnd() {
    SkipBlanks();
    return rest_.empty();
  }
  bool Take(char c) {
    SkipBlanks();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // A string with its quotes.
  bool TakeString(absl::string_view* text) {
    SkipBlanks();
    if (rest_.empty() || rest_.front() != '"') return false;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '"') {
        return Cut(i + 1, text);
      }
    }
    return false;
  }
  bool TakeValue(absl::string_view* text) {
    SkipBlanks();
    const absl::string_view start = rest_;
    absl::string_view ignored;
    int depth = 0;
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '"') {
        if (!TakeString(&ignored)) return false;
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}')) break;
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      if (depth < 0) return false;
      rest_.remove_prefix(1);
    }
    *text = absl::StripTrailingAsciiWhitespace(start.substr(0, start.size() - rest_.size()));
    return depth == 0 && !text->empty();
  }

 private:
  void SkipBlanks() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }
  bool Cut(size_t length, absl::string_view* text) {
    *text = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }

  absl::string_view rest_;
};

}  // namespace

std::optional<std::vector<JsonMember>> MembersOf(absl::string_view object) {
  Scanner scanner(object);
  std::vector<JsonMember> members;
  if (!scanner.Take('{')) return std::nullopt;
  if (scanner.Take('}')) return scanner.AtEnd() ? std::optional(members) : std::nullopt;
  do {
    JsonMember member;
    absl::string_view quoted;
    if (!scanner.TakeString(&quoted) || !scanner.Take(':') || !scanner.TakeValue(&member.value)) return std::nullopt;
    member.name = quoted.substr(1, quoted.size() - 2);
    members.push_back(member);
  } while (scanner.Take(','));
  if (!scanner.Take('}') || !scanner.AtEnd()) return std::nullopt;
  return members;
}

std::string ObjectOf(const std::vector<JsonMember>& members) {
  std::string object;
  for (const JsonMember& member : members) {
    absl::StrAppend(&object, object.empty() ? "{" : ",", "\"", member.name, "\":", member.value);
  }
  if (!object.empty()) object.push_back('}');
  return object;
}

}  // namespace tikhaul
