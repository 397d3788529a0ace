// Exact decimals: an integer and a scale. Never a double.
#ifndef TIKHAUL_COMMON_BASE_DECIMAL_H_
#define TIKHAUL_COMMON_BASE_DECIMAL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tikhaul {

inline constexpr int kMaxDecimalScale = 18;

// value = unscaled / 10^scale. 0 <= scale <= kMaxDecimalScale.
struct Decimal {
  int64_t unscaled = 0;
  int scale = 0;
};

// Reads "20.00", "-0.5", ".5", "69", "1.2e3". Nothing when the text is not a number or does not fit exactly.
std::optional<Decimal> ParseDecimal(absl::string_view text);
// Reads a whole number; a fraction of zeros is allowed ("116.0", tiktok-api.md 4.3).
std::optional<int64_t> ParseWhole(absl::string_view text);
// With exactly `scale` digits after the point: {2000, 2} is "20.00".
std::string FormatDecimal(Decimal value);
// Without closing zeros of the fraction: {2000, 2} is {20, 0}. Equal values have equal normal forms.
Decimal Normalize(Decimal value);
// `value` at a larger or equal scale. Nothing when it does not fit.
std::optional<Decimal> Rescale(Decimal value, int scale);
// 10^exponent, 0 <= exponent <= 18.
int64_t PowerOfTen(int exponent);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_DECIMAL_H_
