#include "common/tiktok/envelope.h"

#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "common/base/decimal.h"
#include "simdjson.h"

namespace tikhaul {
namespace {

// Walks over JSON text without building anything. Every Read... leaves `rest` behind what it read; false: not sound.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : rest_(text) {}

  bool ReadChar(char wanted) {
    SkipBlanks();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // A string with its quotes, still escaped.
  bool ReadString(absl::string_view* token) {
    SkipBlanks();
    if (rest_.empty() || rest_.front() != '"') return false;
    for (size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] == '\\') {
        ++at;
      } else if (rest_[at] == '"') {
        return Take(at + 1, token);
      }
    }
    return false;
  }

  // Any value; arrays and objects by counting their brackets.
  bool ReadValue(absl::string_view* token) {
    SkipBlanks();
    if (rest_.empty()) return false;
    if (rest_.front() == '"') return ReadString(token);
    if (rest_.front() == '{' || rest_.front() == '[') return ReadNested(token);
    size_t end = 0;
    while (end < rest_.size() && rest_[end] != ',' && rest_[end] != '}' && !absl::ascii_isspace(rest_[end])) ++end;
    return end > 0 && Take(end, token);
  }

 private:
  void SkipBlanks() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  bool Take(size_t length, absl::string_view* token) {
    *token = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }

  bool ReadNested(absl::string_view* token) {
    const absl::string_view start = rest_;
    int64_t depth = 0;
    while (!rest_.empty()) {
      const char c = rest_.front();
      absl::string_view text;
      if (c == '"') {
        if (!ReadString(&text)) return false;
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      rest_.remove_prefix(1);
      if (depth == 0) {
        *token = start.substr(0, start.size() - rest_.size());
        return true;
      }
    }
    return false;
  }

  absl::string_view rest_;
};

// A string token without quotes and escapes; other scalars as they are written.
std::optional<std::string> TextOf(absl::string_view token) {
  if (token == "null") return "";
  if (token.empty() || token.front() != '"') return std::string(token);
  if (token.find('\\') == absl::string_view::npos) return std::string(token.substr(1, token.size() - 2));
  simdjson::padded_string padded(token.data(), token.size());
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(padded).get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

// Takes one member over; false when it is one of ours and does not parse. `found` counts ours.
bool TakeMember(absl::string_view key, absl::string_view value, Envelope* envelope, int* found) {
  if (key == "\"code\"") {
    const std::optional<std::string> text = TextOf(value);
    const std::optional<int64_t> code = text.has_value() ? ParseWhole(*text) : std::nullopt;
    if (!code.has_value() || *code < INT32_MIN || *code > INT32_MAX) return false;
    envelope->code = static_cast<int>(*code);
    *found |= 1;
  } else if (key == "\"message\"" || key == "\"request_id\"") {
    std::optional<std::string> text = TextOf(value);
    if (!text.has_value()) return false;
    const bool is_message = key == "\"message\"";
    (is_message ? envelope->message : envelope->request_id) = *std::move(text);
    *found |= is_message ? 2 : 4;
  }
  return true;
}

}  // namespace

std::optional<Envelope> ReadEnvelope(absl::string_view body) {
  if (absl::StripTrailingAsciiWhitespace(body).empty() || absl::StripTrailingAsciiWhitespace(body).back() != '}') {
    return std::nullopt;
  }
  Scanner scanner(body);
  Envelope envelope;
  int found = 0;
  if (!scanner.ReadChar('{')) return std::nullopt;
  do {
    absl::string_view key, value;
    if (!scanner.ReadString(&key) || !scanner.ReadChar(':') || !scanner.ReadValue(&value)) return std::nullopt;
    if (!TakeMember(key, value, &envelope, &found)) return std::nullopt;
    if (found == 7) return envelope;
  } while (scanner.ReadChar(','));
  if (!scanner.ReadChar('}') || (found & 1) == 0) return std::nullopt;
  return envelope;
}

}  // namespace tikhaul
