#include "common/base/decimal_sum.h"

#include <algorithm>

namespace tikhaul {

DecimalSum::DecimalSum(Decimal value) {
  const Decimal normal = Normalize(value);
  unscaled_ = normal.unscaled;
  scale_ = normal.scale;
}

void DecimalSum::ScaleTo(int scale) {
  if (scale <= scale_) return;
  unscaled_ *= PowerOfTen(scale - scale_);
  scale_ = scale;
}

DecimalSum& DecimalSum::operator+=(const DecimalSum& other) {
  DecimalSum addend = other;
  addend.ScaleTo(scale_);
  ScaleTo(addend.scale_);
  unscaled_ += addend.unscaled_;
  return *this;
}

DecimalSum& DecimalSum::operator-=(const DecimalSum& other) {
  DecimalSum negative = other;
  negative.unscaled_ = -negative.unscaled_;
  return *this += negative;
}

std::strong_ordering operator<=>(const DecimalSum& a, const DecimalSum& b) {
  const absl::int128 difference = (a - b).unscaled_;
  return difference < 0   ? std::strong_ordering::less
         : difference > 0 ? std::strong_ordering::greater
                          : std::strong_ordering::equal;
}

DecimalSum DecimalSum::Abs() const {
  DecimalSum sum = *this;
  if (sum.unscaled_ < 0) sum.unscaled_ = -sum.unscaled_;
  return sum;
}

std::string DecimalSum::Text() const {
  absl::int128 rest = Abs().unscaled_;
  int scale = scale_;
  while (scale > 0 && rest % 10 == 0) {
    rest /= 10;
    --scale;
  }
  std::string reversed;
  for (int digit = 0; rest > 0 || digit <= scale; ++digit) {
    if (digit == scale && scale > 0) reversed += '.';
    reversed += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (unscaled_ < 0) reversed += '-';
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

}  // namespace tikhaul
