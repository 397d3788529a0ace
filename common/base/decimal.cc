#include "common/base/decimal.h"

#include <array>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

constexpr std::array<int64_t, kMaxDecimalScale + 1> kPowers = [] {
  std::array<int64_t, kMaxDecimalScale + 1> powers{};
  int64_t power = 1;
  for (int i = 0; i <= kMaxDecimalScale; ++i) {
    powers[i] = power;
    if (i < kMaxDecimalScale) power *= 10;
  }
  return powers;
}();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// SimpleAtoi alone would take blanks at both ends, too.
bool ParseExponent(absl::string_view text, int* exponent) {
  if (text.empty() || !IsDigit(text.back())) return false;
  return (IsDigit(text.front()) || text.front() == '-' || text.front() == '+') && absl::SimpleAtoi(text, exponent);
}

}  // namespace

int64_t PowerOfTen(int exponent) { return kPowers[exponent]; }

std::optional<Decimal> ParseDecimal(absl::string_view text) {
  size_t at = 0;
  bool negative = false;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) negative = text[at++] == '-';
  uint64_t value = 0;
  int scale = 0;
  bool any_digit = false, point = false, full = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
    } else if (IsDigit(c)) {
      any_digit = true;
      full = full || value > (std::numeric_limits<uint64_t>::max() - 9) / 10;
      if (full && point && c == '0') continue;  // zeros that close a long fraction say nothing
      if (full) return std::nullopt;
      value = value * 10 + static_cast<uint64_t>(c - '0');
      if (point) ++scale;
    } else {
      break;
    }
  }
  if (!any_digit) return std::nullopt;
  int exponent = 0;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    if (text.size() - at > 5 || !ParseExponent(text.substr(at + 1), &exponent)) return std::nullopt;
  }
  scale -= exponent;
  while (scale > 0 &&
         (scale > kMaxDecimalScale || value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) &&
         value % 10 == 0) {
    value /= 10;
    --scale;
  }
  if (value == 0 && (scale < 0 || scale > kMaxDecimalScale)) scale = 0;
  for (; scale < 0; ++scale) {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) / 10) return std::nullopt;
    value *= 10;
  }
  if (scale > kMaxDecimalScale || value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    return std::nullopt;
  const int64_t magnitude = static_cast<int64_t>(value);
  return Decimal{negative ? -magnitude : magnitude, scale};
}

std::optional<int64_t> ParseWhole(absl::string_view text) {
  const std::optional<Decimal> decimal = ParseDecimal(text);
  if (!decimal.has_value()) return std::nullopt;
  const Decimal normal = Normalize(*decimal);
  if (normal.scale != 0) return std::nullopt;
  return normal.unscaled;
}

std::string FormatDecimal(Decimal value) {
  char text[kMaxDecimalScale + 8];  // 19 digits, point and sign at most
  char* const end = text + sizeof(text);
  char* at = end;
  const bool negative = value.unscaled < 0;
  uint64_t rest = negative ? 0 - static_cast<uint64_t>(value.unscaled) : static_cast<uint64_t>(value.unscaled);
  for (int digits = 0; rest > 0 || digits <= value.scale; ++digits) {
    if (digits > 0 && digits == value.scale) *--at = '.';
    *--at = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  if (negative) *--at = '-';
  return std::string(at, end);
}

Decimal Normalize(Decimal value) {
  if (value.unscaled == 0) return Decimal{};
  while (value.scale > 0 && value.unscaled % 10 == 0) {
    value.unscaled /= 10;
    --value.scale;
  }
  return value;
}

std::optional<Decimal> Rescale(Decimal value, int scale) {
  int64_t unscaled = 0;
  if (scale < value.scale || scale > kMaxDecimalScale ||
      __builtin_mul_overflow(value.unscaled, PowerOfTen(scale - value.scale), &unscaled)) {
    return std::nullopt;
  }
  return Decimal{unscaled, scale};
}

}  // namespace tikhaul
