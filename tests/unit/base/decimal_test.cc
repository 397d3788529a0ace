#include "common/base/decimal.h"

#include <gtest/gtest.h>

#include <limits>

namespace tikhaul {
namespace {

std::string Read(absl::string_view text) {
  const std::optional<Decimal> decimal = ParseDecimal(text);
  return decimal.has_value() ? FormatDecimal(*decimal) : "none";
}

TEST(ParseDecimalTest, KeepsTheDigitsOfTheText) {
  for (const char* text :
       {"0", "20.00", "-0.5", "69", "116.0", "0.001", "-12345678.9", "9223372036854775807", "0.000000000000000001"}) {
    EXPECT_EQ(Read(text), text);
  }
}

TEST(ParseDecimalTest, ReadsOtherFormsOfNumbers) {
  EXPECT_EQ(Read(".5"), "0.5");
  EXPECT_EQ(Read("5."), "5");
  EXPECT_EQ(Read("+7"), "7");
  EXPECT_EQ(Read("007"), "7");
  EXPECT_EQ(Read("1.2e3"), "1200");
  EXPECT_EQ(Read("1.2E-3"), "0.0012");
  EXPECT_EQ(Read("12e+1"), "120");
  EXPECT_EQ(Read("-0"), "0");
  EXPECT_EQ(Read("0e999"), "0");
}

TEST(ParseDecimalTest, RefusesWhatIsNotANumber) {
  for (const char* text : {"",   "-",    "+",    ".",     "e5",   "1e",  "1e+", "--1", "1.2.3", "1,000", " 1",
                           "1 ", "1e 5", "1e5 ", "1e\t5", "0x10", "nan", "inf", "1_0", "12abc", "１"}) {
    EXPECT_EQ(Read(text), "none") << text;
  }
}

TEST(ParseDecimalTest, RefusesWhatDoesNotFitExactly) {
  for (const char* text : {"9223372036854775808", "99999999999999999999", "0.0000000000000000001", "1e19", "1e-19",
                           "1e9999", "0.12345678901234567891", "12345678901234567890.5", "922337203685477580.75"}) {
    EXPECT_EQ(Read(text), "none") << text;
  }
}

TEST(ParseDecimalTest, ZerosThatCloseALongFractionDoNotCount) {
  EXPECT_EQ(Read("0.30000000000000000000000000"), "0.300000000000000000");
  EXPECT_EQ(Read("9223372036854775807.0000"), "9223372036854775807");
  EXPECT_EQ(Read("12.50000000000000000000000001"), "none");
}

TEST(ParseWholeTest, AFractionOfZerosIsAllowed) {
  EXPECT_EQ(ParseWhole("69.0"), 69);
  EXPECT_EQ(ParseWhole("-3"), -3);
  EXPECT_EQ(ParseWhole("1e3"), 1000);
  EXPECT_EQ(ParseWhole("1.5"), std::nullopt);
  EXPECT_EQ(ParseWhole("-"), std::nullopt);
}

TEST(FormatDecimalTest, WritesTheWholeScaleAndTheSmallestNumber) {
  EXPECT_EQ(FormatDecimal({2000, 2}), "20.00");
  EXPECT_EQ(FormatDecimal({-5, 3}), "-0.005");
  EXPECT_EQ(FormatDecimal({std::numeric_limits<int64_t>::min(), 0}), "-9223372036854775808");
  EXPECT_EQ(FormatDecimal({std::numeric_limits<int64_t>::min(), 18}), "-9.223372036854775808");
}

TEST(NormalizeTest, EqualValuesHaveEqualForms) {
  for (const Decimal& value : {Decimal{2000, 2}, Decimal{20, 0}, Decimal{200000, 4}}) {
    EXPECT_EQ(Normalize(value).unscaled, 20);
    EXPECT_EQ(Normalize(value).scale, 0);
  }
  EXPECT_EQ(Normalize({0, 9}).scale, 0);
  EXPECT_EQ(Normalize({-1230, 3}).unscaled, -123);
}

TEST(RescaleTest, RaisesTheScaleOrSaysThatItCannot) {
  EXPECT_EQ(Rescale({5, 0}, 2)->unscaled, 500);
  EXPECT_EQ(Rescale({5, 2}, 2)->unscaled, 5);
  EXPECT_EQ(Rescale({5, 2}, 1), std::nullopt);
  EXPECT_EQ(Rescale({5, 2}, 19), std::nullopt);
  EXPECT_EQ(Rescale({std::numeric_limits<int64_t>::max(), 0}, 1), std::nullopt);
  EXPECT_EQ(Rescale({std::numeric_limits<int64_t>::min(), 0}, 1), std::nullopt);
}

}  // namespace
}  // namespace tikhaul
