#include "common/base/civil.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

absl::Time Utc(int year, int month, int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(year, month, day, hour, minute), absl::UTCTimeZone());
}

TEST(LoadZoneTest, KnowsIanaNamesAndTheirOddSigns) {
  EXPECT_EQ(DayStart(*LoadZone("Etc/GMT+8"), absl::CivilDay(2026, 1, 1)), Utc(2026, 1, 1, 8));
  EXPECT_EQ(DayStart(*LoadZone("Asia/Kolkata"), absl::CivilDay(2026, 1, 1)), Utc(2025, 12, 31, 18, 30));
  EXPECT_EQ(DayStart(*LoadZone("UTC"), absl::CivilDay(2026, 1, 1)), Utc(2026, 1, 1, 0));
}

TEST(LoadZoneTest, RefusesOtherNamesAndSaysThem) {
  for (const char* name : {"", "Mars/Olympus", "+08:00", "../../etc/passwd"}) {
    const absl::StatusOr<absl::TimeZone> zone = LoadZone(name);
    EXPECT_TRUE(absl::IsInvalidArgument(zone.status())) << name;
    EXPECT_THAT(std::string(zone.status().message()), ::testing::HasSubstr(name));
  }
}

TEST(DayStartTest, DaysOfSummerTimeHave23And25Hours) {
  const absl::TimeZone zone = *LoadZone("America/New_York");
  EXPECT_EQ(DayEnd(zone, absl::CivilDay(2026, 3, 8)) - DayStart(zone, absl::CivilDay(2026, 3, 8)), absl::Hours(23));
  EXPECT_EQ(DayEnd(zone, absl::CivilDay(2026, 11, 1)) - DayStart(zone, absl::CivilDay(2026, 11, 1)), absl::Hours(25));
}

TEST(DayStartTest, ADayWhoseMidnightIsSkippedBeginsAtOne) {
  const absl::TimeZone zone = *LoadZone("America/Sao_Paulo");
  EXPECT_EQ(DayStart(zone, absl::CivilDay(2018, 11, 4)), Utc(2018, 11, 4, 3));  // 01:00 at UTC-2
  EXPECT_EQ(DayIn(zone, DayStart(zone, absl::CivilDay(2018, 11, 4))), absl::CivilDay(2018, 11, 4));
}

TEST(DayStartTest, ADayWhoseMidnightIsRepeatedBeginsWithTheFirst) {
  const absl::TimeZone zone = *LoadZone("America/Havana");  // 01:00 falls back to 00:00
  const absl::CivilDay day(2025, 11, 2);
  EXPECT_EQ(DayEnd(zone, day) - DayStart(zone, day), absl::Hours(25));
}

TEST(DayStartTest, ADayThatAZoneLeftOutIsEmpty) {
  const absl::TimeZone zone = *LoadZone("Pacific/Apia");
  const absl::CivilDay missing(2011, 12, 30);
  EXPECT_EQ(DayStart(zone, missing), DayEnd(zone, missing));
  EXPECT_EQ(DayStart(zone, missing), DayEnd(zone, missing - 1));
}

TEST(DayStartTest, DaysFollowEachOtherWithoutGapsInEveryZone) {
  for (const char* name :
       {"Europe/London", "America/Santiago", "Asia/Beirut", "Africa/Cairo", "Pacific/Chatham", "Antarctica/Troll"}) {
    const absl::TimeZone zone = *LoadZone(name);
    for (absl::CivilDay day(2024, 1, 1); day < absl::CivilDay(2026, 1, 1); ++day) {
      ASSERT_EQ(DayIn(zone, DayStart(zone, day)), day) << name;
      ASSERT_EQ(DayIn(zone, DayEnd(zone, day) - absl::Nanoseconds(1)), day) << name;
    }
  }
}

TEST(ParseDayTest, ReadsWhatFormatDayWrites) {
  for (const char* text : {"2026-01-01", "2024-02-29", "0001-12-31", "9999-12-31"}) {
    ASSERT_TRUE(ParseDay(text).ok()) << text;
    EXPECT_EQ(FormatDay(*ParseDay(text)), text);
  }
}

TEST(ParseDayTest, RefusesOtherFormsAndImpossibleDays) {
  for (const char* text :
       {"", "2026-1-1", "2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026/01/01",
        " 2026-01-01", "2026-01-01 ", "2026-01-0x", "-026-01-01", "20260101", "today"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseDay(text).status())) << text;
  }
}

TEST(ParseCivilSecondTest, ReadsWhatFormatCivilSecondWrites) {
  for (const char* text : {"2026-01-01 00:00:00", "2024-02-29 23:59:59"}) {
    ASSERT_TRUE(ParseCivilSecond(text).ok()) << text;
    EXPECT_EQ(FormatCivilSecond(*ParseCivilSecond(text)), text);
  }
}

TEST(ParseCivilSecondTest, RefusesOtherForms) {
  for (const char* text :
       {"", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 24:00:00", "2026-01-01 00:60:00", "2026-01-01 00:00:60",
        "2026-02-30 00:00:00", "2026-01-01 00:00:0a", "2026-01-01 00:00:00Z"}) {
    EXPECT_FALSE(ParseCivilSecond(text).ok()) << text;
  }
}

TEST(NumbersTest, CountFromTheEpochBothWays) {
  EXPECT_EQ(DayNumber(absl::CivilDay(1970, 1, 2)), 1);
  EXPECT_EQ(DayNumber(absl::CivilDay(1969, 12, 31)), -1);
  EXPECT_EQ(SecondNumber(absl::CivilSecond(1970, 1, 2, 0, 0, 1)), 86401);
  for (const int64_t number : {-719528, -1, 0, 20000, 2932896}) {
    EXPECT_EQ(DayNumber(DayFromNumber(number)), number);
    EXPECT_EQ(SecondNumber(SecondFromNumber(number * 86400)), number * 86400);
  }
}

TEST(FormatInstantTest, IsUtcToTheSecond) {
  EXPECT_EQ(FormatInstant(Utc(2026, 3, 10, 15, 4) + absl::Milliseconds(5999)), "2026-03-10T15:04:05Z");
}

}  // namespace
}  // namespace tikhaul
