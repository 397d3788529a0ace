// Exact sums of many decimals.
#ifndef TIKHAUL_COMMON_BASE_DECIMAL_SUM_H_
#define TIKHAUL_COMMON_BASE_DECIMAL_SUM_H_

#include <compare>
#include <string>

#include "common/base/decimal.h"

namespace tikhaul {

// value = unscaled / 10^scale in 128 bits, at the largest scale it has met; beyond them the sum is no longer known, and
// says so. Equal values are equal, whatever the scales that were added; what is not known equals nothing.
class DecimalSum {
 public:
  DecimalSum() = default;
  explicit DecimalSum(Decimal value);

  DecimalSum& operator+=(const DecimalSum& other);
  DecimalSum& operator-=(const DecimalSum& other);
  friend DecimalSum operator+(DecimalSum a, const DecimalSum& b) { return a += b; }
  friend DecimalSum operator-(DecimalSum a, const DecimalSum& b) { return a -= b; }
  friend bool operator==(const DecimalSum& a, const DecimalSum& b) { return (a <=> b) == 0; }
  friend std::partial_ordering operator<=>(const DecimalSum& a, const DecimalSum& b);

  bool known() const { return known_; }
  // From now on the sum is not known.
  void Spoil() { known_ = false; }
  bool IsZero() const { return known_ && unscaled_ == 0; }
  DecimalSum Abs() const;
  // Without closing zeros of the fraction: "1234.5", "-3", "0"; "not known".
  std::string Text() const;

 private:
  __extension__ typedef __int128 Wide;
  static bool Raise(Wide& unscaled, int from, int to);

  Wide unscaled_ = 0;
  int scale_ = 0;  // 0 to kMaxDecimalScale
  bool known_ = true;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_DECIMAL_SUM_H_
