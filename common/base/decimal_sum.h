// Exact sums of many decimals.
#ifndef TIKHAUL_COMMON_BASE_DECIMAL_SUM_H_
#define TIKHAUL_COMMON_BASE_DECIMAL_SUM_H_

#include <compare>
#include <string>

#include "absl/numeric/int128.h"
#include "common/base/decimal.h"

namespace tikhaul {

// value = unscaled / 10^scale in 128 bits: exact while its size stays below 10^20. Equal values are equal, whatever the
// scales that were added.
class DecimalSum {
 public:
  DecimalSum() = default;
  explicit DecimalSum(Decimal value);

  DecimalSum& operator+=(const DecimalSum& other);
  DecimalSum& operator-=(const DecimalSum& other);
  friend DecimalSum operator+(DecimalSum a, const DecimalSum& b) { return a += b; }
  friend DecimalSum operator-(DecimalSum a, const DecimalSum& b) { return a -= b; }
  friend bool operator==(const DecimalSum& a, const DecimalSum& b) { return (a <=> b) == 0; }
  friend std::strong_ordering operator<=>(const DecimalSum& a, const DecimalSum& b);

  bool IsZero() const { return unscaled_ == 0; }
  DecimalSum Abs() const;
  // Without closing zeros of the fraction: "1234.5", "-3", "0".
  std::string Text() const;

 private:
  // Raises the scale.
  void ScaleTo(int scale);

  absl::int128 unscaled_ = 0;
  int scale_ = 0;  // 0 to kMaxDecimalScale
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_DECIMAL_SUM_H_
