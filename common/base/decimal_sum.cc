#include "common/base/decimal_sum.h"

#include <algorithm>

namespace tikhaul {

DecimalSum::DecimalSum(Decimal value) {
  const Decimal normal = Normalize(value);
  unscaled_ = normal.unscaled;
  scale_ = normal.scale;
}

// `unscaled` at a larger or equal scale; false when it does not fit.
bool DecimalSum::Raise(Wide& unscaled, int from, int to) {
  return !__builtin_mul_overflow(unscaled, static_cast<Wide>(PowerOfTen(to - from)), &unscaled);
}

DecimalSum& DecimalSum::operator+=(const DecimalSum& other) {
  Wide addend = other.unscaled_;
  const int scale = std::max(scale_, other.scale_);
  known_ = known_ && other.known_ && Raise(unscaled_, scale_, scale) && Raise(addend, other.scale_, scale) &&
           !__builtin_add_overflow(unscaled_, addend, &unscaled_);
  scale_ = scale;
  return *this;
}

DecimalSum& DecimalSum::operator-=(const DecimalSum& other) {
  DecimalSum negative = other;
  negative.known_ = other.known_ && !__builtin_sub_overflow(Wide{0}, other.unscaled_, &negative.unscaled_);
  return *this += negative;
}

std::partial_ordering operator<=>(const DecimalSum& a, const DecimalSum& b) {
  const DecimalSum difference = a - b;
  if (!difference.known_) return std::partial_ordering::unordered;
  return difference.unscaled_ < 0   ? std::partial_ordering::less
         : difference.unscaled_ > 0 ? std::partial_ordering::greater
                                    : std::partial_ordering::equivalent;
}

DecimalSum DecimalSum::Abs() const { return unscaled_ < 0 ? DecimalSum() - *this : *this; }

std::string DecimalSum::Text() const {
  if (!known_) return "not known";
  __extension__ typedef unsigned __int128 UnsignedWide;
  const bool negative = unscaled_ < 0;
  UnsignedWide rest =
      negative ? UnsignedWide{0} - static_cast<UnsignedWide>(unscaled_) : static_cast<UnsignedWide>(unscaled_);
  int scale = scale_;
  for (; scale > 0 && rest % 10 == 0; rest /= 10) --scale;
  std::string digits;  // the last first
  for (int place = 0; place <= scale || rest != 0; ++place, rest /= 10) {
    if (place == scale && scale > 0) digits += '.';
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace tikhaul
