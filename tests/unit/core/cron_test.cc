#include "coordinator/core/cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

std::string Next(absl::string_view schedule, absl::string_view after) {
  const absl::StatusOr<Cron> cron = ParseCron(schedule);
  if (!cron.ok()) return std::string(cron.status().message());
  return FormatCivilSecond(absl::ToCivilSecond(cron->Next(Utc(after)), absl::UTCTimeZone()));
}

TEST(CronTest, FiresAtTheNextMatch) {
  EXPECT_EQ(Next("15 5 * * *", "2026-03-10 05:14:59"), "2026-03-10 05:15:00");
  EXPECT_EQ(Next("15 5 * * *", "2026-03-10 05:15:00"), "2026-03-11 05:15:00");
  EXPECT_EQ(Next("* * * * *", "2026-12-31 23:59:30"), "2027-01-01 00:00:00");
  EXPECT_EQ(Next("30 * * * *", "2026-03-10 05:31:00"), "2026-03-10 06:30:00");
  EXPECT_EQ(Next("30 23 * * *", "2026-03-10 23:31:00"), "2026-03-11 23:30:00");
  EXPECT_EQ(Next("30 6,18 * * *", "2026-03-10 06:45:00"), "2026-03-10 18:30:00");
}

TEST(CronTest, ListsRangesAndSteps) {
  EXPECT_EQ(Next("*/15 * * * *", "2026-03-10 05:16:00"), "2026-03-10 05:30:00");
  EXPECT_EQ(Next("10-50/20 * * * *", "2026-03-10 05:11:00"), "2026-03-10 05:30:00");
  EXPECT_EQ(Next("5/20 * * * *", "2026-03-10 05:26:00"), "2026-03-10 05:45:00");
  EXPECT_EQ(Next("0 2,14-15 * * *", "2026-03-10 14:00:00"), "2026-03-10 15:00:00");
}

TEST(CronTest, NamesOfMonthsAndWeekdays) {
  EXPECT_EQ(Next("0 0 1 Jul *", "2026-03-10 00:00:00"), "2026-07-01 00:00:00");
  EXPECT_EQ(Next("0 0 * * mon-fri", "2026-03-13 12:00:00"), "2026-03-16 00:00:00");  // after a Friday
  EXPECT_EQ(Next("0 0 * * SUN", "2026-03-10 00:00:00"), "2026-03-15 00:00:00");
}

TEST(CronTest, SundayIsZeroAndSeven) {
  EXPECT_EQ(Next("0 0 * * 0", "2026-03-10 00:00:00"), "2026-03-15 00:00:00");
  EXPECT_EQ(Next("0 0 * * 7", "2026-03-10 00:00:00"), "2026-03-15 00:00:00");
  EXPECT_EQ(Next("0 0 * * 6-7", "2026-03-14 12:00:00"), "2026-03-15 00:00:00");
}

TEST(CronTest, EitherOfTwoDayFieldsIsEnough) {
  EXPECT_EQ(Next("0 0 13 * 5", "2026-03-06 00:00:00"), "2026-03-13 00:00:00");
  EXPECT_EQ(Next("0 0 12 * 5", "2026-03-06 00:00:00"), "2026-03-12 00:00:00");
  EXPECT_EQ(Next("0 0 20 * 5", "2026-03-06 00:00:00"), "2026-03-13 00:00:00");
}

TEST(CronTest, AStarredDayFieldRestrictsOnlyByItsStep) {
  EXPECT_EQ(Next("0 0 */2 * 1", "2026-03-10 00:00:00"), "2026-03-23 00:00:00");  // a Monday and an odd day
}

TEST(CronTest, RareDaysAreFound) {
  EXPECT_EQ(Next("0 0 29 2 *", "2096-03-01 00:00:00"), "2104-02-29 00:00:00");
  EXPECT_EQ(Next("0 0 31 * *", "2026-01-31 00:00:00"), "2026-03-31 00:00:00");
  EXPECT_EQ(Next("0 0 29 2 */7", "2088-03-01 00:00:00"), "2128-02-29 00:00:00");  // a leap day on a Sunday
}

TEST(CronTest, BadSchedulesAreRefusedAndTheFieldIsNamed) {
  EXPECT_THAT(Next("* * * *", "2026-01-01 00:00:00"), HasSubstr("five fields"));
  EXPECT_THAT(Next("* * * * * *", "2026-01-01 00:00:00"), HasSubstr("five fields"));
  EXPECT_THAT(Next("60 * * * *", "2026-01-01 00:00:00"), HasSubstr("minute"));
  EXPECT_THAT(Next("* 24 * * *", "2026-01-01 00:00:00"), HasSubstr("hour"));
  EXPECT_THAT(Next("* * 0 * *", "2026-01-01 00:00:00"), HasSubstr("day of month"));
  EXPECT_THAT(Next("* * * 13 *", "2026-01-01 00:00:00"), HasSubstr("month"));
  EXPECT_THAT(Next("* * * * 8", "2026-01-01 00:00:00"), HasSubstr("day of week"));
  EXPECT_THAT(Next("0 0 30 2 *", "2026-01-01 00:00:00"), HasSubstr("never fires"));
  for (const char* minute :
       {"", "5-", "-5", "9-5", "*/0", "*/-2", "*/", "1,,2", "1-2-3", "1/2/3", "x", "jan", "+5", "1e1", "*5"}) {
    EXPECT_FALSE(ParseCron(absl::StrCat(minute, " * * * *")).ok()) << minute;
  }
}

}  // namespace
}  // namespace tikhaul
