#include "worker/cell_values.h"

#include "common/base/civil.h"
#include "gtest/gtest.h"

namespace tikhaul {
namespace {

TEST(CellValuesTest, JsonNumbersByGrammar) {
  for (const char* text : {"0", "-0", "12", "-1.5", "1e5", "1.25E-10", "0.1e+3"})
    EXPECT_TRUE(IsJsonNumber(text)) << text;
  for (const char* text : {"", "-", "01", "1.", ".5", "+1", "1e", "1e+", "0x1", "1 ", "NaN", "--1", "1.2.3"}) {
    EXPECT_FALSE(IsJsonNumber(text)) << text;
  }
  EXPECT_TRUE(IsJsonAtom("null"));
  EXPECT_TRUE(IsJsonAtom("true"));
  EXPECT_FALSE(IsJsonAtom("nul"));
  EXPECT_FALSE(IsJsonAtom("True"));
}

TEST(CellValuesTest, DaysWithAndWithoutTime) {
  EXPECT_EQ(ParseDayNumber("1970-01-02"), 1);
  EXPECT_EQ(ParseDayNumber("2025-01-01 00:00:00"), 20089);
  EXPECT_EQ(ParseDayNumber("2024-02-29"), DayNumber(absl::CivilDay(2024, 2, 29)));
  EXPECT_EQ(ParseDayNumber("1969-12-31"), -1);
  for (const char* text :
       {"", "2025-1-1", "2025-02-29", "2025-13-01", "2025-00-01", "2025-01-00", "2025-01-01T00:00:00",
        "2025-01-01 24:00:00", "2025/01/01", "2025-01-01 00:00", "0000-01-01", "202a-01-01", "2025-01-32"}) {
    EXPECT_FALSE(ParseDayNumber(text).has_value()) << text;
  }
}

TEST(CellValuesTest, SecondsAreReadAsUtc) {
  EXPECT_EQ(ParseSecondNumber("1970-01-01 00:00:01"), 1);
  EXPECT_EQ(ParseSecondNumber("2021-10-25 13:00:00"), 1635166800);
  EXPECT_FALSE(ParseSecondNumber("2021-10-25").has_value());
  EXPECT_FALSE(ParseSecondNumber("2021-10-25 13:60:00").has_value());
  EXPECT_FALSE(ParseSecondNumber("2021-10-25 13:00:60").has_value());
}

TEST(CellValuesTest, InstantsComeInThreeForms) {
  EXPECT_EQ(ParseInstant("2020-06-10 07:39:14"), 1591774754);
  EXPECT_EQ(ParseInstant("2020-06-10T07:39:14Z"), 1591774754);
  EXPECT_EQ(ParseInstant("1591774754"), 1591774754);
  for (const char* text :
       {"", "2020-06-10T07:39:14", "2020-06-10T07:39:14+", "2020-06-10 07:39:14Z", "-5", "12.5", "123456789012"}) {
    EXPECT_FALSE(ParseInstant(text).has_value()) << text;
  }
  EXPECT_FALSE(ParseNumberCell(ColumnType::kLocalHour, "1591774754").has_value()) << "only timestamps";
}

TEST(CellValuesTest, BooleansInAllSpellings) {
  for (const char* text : {"true", "TRUE", "True", "1"}) EXPECT_EQ(ParseBool(text), 1) << text;
  for (const char* text : {"false", "FALSE", "0"}) EXPECT_EQ(ParseBool(text), 0) << text;
  for (const char* text : {"", "yes", "2", "truee"}) EXPECT_FALSE(ParseBool(text).has_value()) << text;
}

TEST(CellValuesTest, FifteenDigitsFitIntoADouble) {
  EXPECT_FALSE(ExceedsDouble({999'999'999'999'999, 3}));
  EXPECT_TRUE(ExceedsDouble({1'000'000'000'000'001, 3}));
  EXPECT_TRUE(ExceedsDouble({-1'234'567'890'123'456, 0}));
  EXPECT_FALSE(ExceedsDouble({1'000'000'000'000'000, 3}));   // one digit that counts
  EXPECT_FALSE(ExceedsDouble({-1'234'567'890'123'450, 2}));  // fifteen
  EXPECT_TRUE(ExceedsDouble({INT64_MIN + 1, 0}));
  EXPECT_FALSE(ExceedsDouble({0, 18}));
}

}  // namespace
}  // namespace tikhaul
