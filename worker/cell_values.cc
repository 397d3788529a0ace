#include "worker/cell_values.h"

#include "absl/strings/match.h"
#include "absl/time/civil_time.h"
#include "common/base/civil.h"

namespace tikhaul {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads `digits` decimal digits at `at`; -1 when there are other characters. `text` is long enough.
int Digits(absl::string_view text, size_t at, size_t digits) {
  int value = 0;
  for (size_t i = at; i < at + digits; ++i) {
    if (!IsDigit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Drops leading digits and says how many there were.
size_t EatDigits(absl::string_view* text) {
  size_t count = 0;
  while (count < text->size() && IsDigit((*text)[count])) ++count;
  text->remove_prefix(count);
  return count;
}

bool EatAnyOf(absl::string_view* text, absl::string_view characters) {
  if (text->empty() || characters.find(text->front()) == absl::string_view::npos) return false;
  text->remove_prefix(1);
  return true;
}

// ParseWhole() with a short way for what nearly all cells are: a few digits and nothing else.
std::optional<int64_t> ParseInteger(absl::string_view text) {
  constexpr size_t kAlwaysFits = 18;
  int64_t value = 0;
  if (text.empty() || text.size() > kAlwaysFits) return ParseWhole(text);
  for (const char c : text) {
    if (!IsDigit(c)) return ParseWhole(text);
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<int64_t> DatePart(absl::string_view text) {
  if (text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  if (year < 1 || month < 1 || month > 12 || day < 1) return std::nullopt;
  const absl::CivilDay result(year, month, day);
  if (result.day() != day) return std::nullopt;  // the 31st of a shorter month
  return DayNumber(result);
}

}  // namespace

bool IsJsonNumber(absl::string_view text) {
  EatAnyOf(&text, "-");
  const bool leading_zero = !text.empty() && text.front() == '0';
  const size_t whole = EatDigits(&text);
  if (whole == 0 || (leading_zero && whole > 1)) return false;
  if (EatAnyOf(&text, ".") && EatDigits(&text) == 0) return false;
  if (EatAnyOf(&text, "eE")) {
    EatAnyOf(&text, "+-");
    if (EatDigits(&text) == 0) return false;
  }
  return text.empty();
}

bool IsJsonAtom(absl::string_view token) {
  return token == "null" || token == "true" || token == "false" || IsJsonNumber(token);
}

std::optional<int64_t> ParseDayNumber(absl::string_view text) {
  if (text.size() == 10) return DatePart(text);
  if (!ParseSecondNumber(text).has_value()) return std::nullopt;
  return DatePart(text.substr(0, 10));
}

std::optional<int64_t> ParseSecondNumber(absl::string_view text) {
  if (text.size() != 19 || text[10] != ' ' || text[13] != ':' || text[16] != ':') return std::nullopt;
  const std::optional<int64_t> day = DatePart(text.substr(0, 10));
  const int hour = Digits(text, 11, 2), minute = Digits(text, 14, 2), second = Digits(text, 17, 2);
  if (!day.has_value() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return std::nullopt;
  }
  return *day * 86'400 + hour * 3600 + minute * 60 + second;
}

std::optional<int64_t> ParseInstant(absl::string_view text) {
  constexpr size_t kIsoLength = 20;       // "2020-06-10T07:39:14Z"
  constexpr size_t kMostUnixDigits = 11;  // beyond the year 5000
  if (text.size() == kIsoLength && text[10] == 'T' && text[19] == 'Z') {
    char plain[19];
    text.copy(plain, sizeof(plain));
    plain[10] = ' ';
    return ParseSecondNumber({plain, sizeof(plain)});
  }
  if (!text.empty() && text.size() <= kMostUnixDigits &&
      text.find_first_not_of("0123456789") == absl::string_view::npos) {
    return ParseInteger(text);
  }
  return ParseSecondNumber(text);
}

std::optional<int64_t> ParseBool(absl::string_view text) {
  if (text == "1" || absl::EqualsIgnoreCase(text, "true")) return 1;
  if (text == "0" || absl::EqualsIgnoreCase(text, "false")) return 0;
  return std::nullopt;
}

std::optional<int64_t> ParseNumberCell(ColumnType type, absl::string_view text) {
  switch (type) {
    case ColumnType::kInt64:
      return ParseInteger(text);
    case ColumnType::kDate:
      return ParseDayNumber(text);
    case ColumnType::kTimestamp:
      return ParseInstant(text);
    case ColumnType::kLocalHour:
      return ParseSecondNumber(text);
    case ColumnType::kBool:
      return ParseBool(text);
    default:
      return std::nullopt;
  }
}

bool ExceedsDouble(Decimal value) {
  constexpr int64_t kFifteenDigits = 1'000'000'000'000'000;
  if (value.unscaled > -kFifteenDigits && value.unscaled < kFifteenDigits) return false;
  // Zeros at the end are not significant, whichever side of the point they stand on.
  while (value.unscaled % 10 == 0) value.unscaled /= 10;
  return value.unscaled <= -kFifteenDigits || value.unscaled >= kFifteenDigits;
}

}  // namespace tikhaul
