#include "common/base/decimal_sum.h"

#include <gtest/gtest.h>

#include <limits>

namespace tikhaul {
namespace {

DecimalSum Of(absl::string_view text) { return DecimalSum(ParseDecimal(text).value()); }

TEST(DecimalSumTest, AddsAcrossScalesExactly) {
  DecimalSum sum;
  for (int i = 0; i < 1000; ++i) sum += Of("0.1");
  EXPECT_EQ(sum, Of("100"));
  sum += Of("0.001");
  EXPECT_EQ(sum.Text(), "100.001");
  EXPECT_EQ((sum - Of("100.001")).Text(), "0");
  EXPECT_TRUE((sum - Of("100.001")).IsZero());
}

TEST(DecimalSumTest, EqualValuesAreEqualWhateverTheirScale) {
  EXPECT_EQ(Of("20.00"), Of("20"));
  EXPECT_LT(Of("-0.5"), Of("0"));
  EXPECT_GT(Of("0.51"), Of("0.509"));
  EXPECT_EQ(Of("-1.5").Abs(), Of("1.5"));
}

TEST(DecimalSumTest, TextHasNoClosingZeros) {
  EXPECT_EQ(DecimalSum().Text(), "0");
  EXPECT_EQ(Of("0.05").Text(), "0.05");
  EXPECT_EQ(Of("-0.05").Text(), "-0.05");
  EXPECT_EQ(Of("1200").Text(), "1200");
  EXPECT_EQ((Of("0.55") + Of("0.45")).Text(), "1");
}

TEST(DecimalSumTest, HoldsMoreThan64Bits) {
  DecimalSum sum(Decimal{std::numeric_limits<int64_t>::max(), 0});
  sum += sum;
  sum += Of("0.01");
  EXPECT_EQ(sum.Text(), "18446744073709551614.01");
}

}  // namespace
}  // namespace tikhaul
