#include "common/base/decimal_sum.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

DecimalSum Of(absl::string_view text) { return DecimalSum(ParseDecimal(text).value()); }

std::string Sum(std::initializer_list<absl::string_view> texts) {
  DecimalSum sum;
  for (const absl::string_view text : texts) sum += Of(text);
  return sum.Text();
}

TEST(DecimalSumTest, AddsAcrossScales) {
  EXPECT_EQ(Sum({}), "0");
  EXPECT_EQ(Sum({"20.00"}), "20");
  EXPECT_EQ(Sum({"1200"}), "1200");
  EXPECT_EQ(Sum({"0.1", "0.2"}), "0.3");
  EXPECT_EQ(Sum({"1", "0.000000000000000001", "-0.5"}), "0.500000000000000001");
  EXPECT_EQ(Sum({"-0.05"}), "-0.05");
  EXPECT_EQ(Sum({"100", "-300"}), "-200");
  EXPECT_EQ(Sum({"1.25", "-1.25"}), "0");
}

TEST(DecimalSumTest, EqualValuesAreEqualWhateverTheirScale) {
  EXPECT_EQ(Of("20.00"), Of("20"));
  EXPECT_LT(Of("-0.5"), Of("0"));
  EXPECT_GT(Of("0.51"), Of("0.509"));
  EXPECT_EQ(Of("-1.5").Abs(), Of("1.5"));
  EXPECT_TRUE((Of("100.001") - Of("100.0010")).IsZero());
}

TEST(DecimalSumTest, HoldsMoreThanSixtyFourBits) {
  const std::string most = absl::StrCat(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Sum({most, most, "0.5"}), "18446744073709551614.5");
  const DecimalSum least(Decimal{std::numeric_limits<int64_t>::min(), 0});
  EXPECT_EQ(least.Abs().Text(), "9223372036854775808");
}

TEST(DecimalSumTest, SubtractsAndLosesTheSign) {
  DecimalSum sum = Of("10.5");
  sum -= Of("12.75");
  EXPECT_EQ(sum.Text(), "-2.25");
  EXPECT_EQ(sum.Abs().Text(), "2.25");
  sum += Of("2.250");
  EXPECT_TRUE(sum.IsZero());
}

TEST(DecimalSumTest, SaysWhenItIsNotKnown) {
  const DecimalSum most(Decimal{std::numeric_limits<int64_t>::max(), 0});
  DecimalSum sum = most;
  for (int i = 0; i < 65; ++i) sum += sum;
  EXPECT_FALSE(sum.known());
  EXPECT_EQ(sum.Text(), "not known");
  DecimalSum fine = most;
  fine += DecimalSum(Decimal{1, 18});  // 37 digits fit
  EXPECT_EQ(fine.Text(), "9223372036854775807.000000000000000001");
  DecimalSum spoilt;
  spoilt.Spoil();
  EXPECT_FALSE(spoilt.IsZero());
  EXPECT_FALSE(spoilt == spoilt) << "nobody can say so";
  fine += spoilt;
  EXPECT_FALSE(fine.known());
}

TEST(DecimalSumTest, AgreesWithWholeNumbersOfTheSameScale) {
  std::mt19937_64 random(7);
  DecimalSum sum;
  int64_t hundredths = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto value = static_cast<int64_t>(random() % 2'000'001) - 1'000'000;
    hundredths += value;
    sum += DecimalSum(Decimal{value, 2});
  }
  EXPECT_EQ(sum, DecimalSum(Decimal{hundredths, 2}));
}

}  // namespace
}  // namespace tikhaul
