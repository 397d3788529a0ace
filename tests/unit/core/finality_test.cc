#include "coordinator/core/finality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

LedgerEntry Read(absl::string_view first, absl::string_view last, absl::string_view read_at) {
  LedgerEntry entry;
  entry.window = {WindowKind::kDays, Day(first), Day(last)};
  entry.committed = Utc(read_at) + kReadMargin;
  return entry;
}

const absl::CivilDay kLongAgo(2020, 1, 1);

TEST(FinalityTest, FastFiguresWaitForTheRepairRunOfTheNextDay) {
  const FinalityRule rule{.zone = Zone("Europe/London"), .lag = absl::Minutes(30)};
  EXPECT_EQ(ProvisionalUntil(rule, Day("2026-01-10")), Utc("2026-01-11 12:00:00"));
}

TEST(FinalityTest, SlowFiguresWaitForTheirLag) {
  const FinalityRule rule{.zone = Zone("Europe/London"), .lag = absl::Hours(48)};
  EXPECT_EQ(ProvisionalUntil(rule, Day("2026-01-10")), Utc("2026-01-13 00:00:00"));
}

TEST(FinalityTest, WestOfGreenwichTheDayEndsLater) {
  const FinalityRule rule{.zone = Zone("America/Los_Angeles"), .lag = absl::Hours(16)};
  EXPECT_EQ(ProvisionalUntil(rule, Day("2026-01-10")), Utc("2026-01-12 00:00:00"));  // 08:00 UTC on the 11th, and 16 h
}

TEST(FinalityTest, NoZoneMakesADayCompleteBeforeItsEnd) {
  const FinalityRule rule{.zone = Zone("Etc/GMT+12"), .lag = absl::Minutes(30)};
  EXPECT_EQ(ProvisionalUntil(rule, Day("2026-01-10")), Utc("2026-01-11 12:30:00"));
}

TEST(FinalityTest, AudienceFiguresAlsoWaitForNineInTheMorning) {
  const FinalityRule rule{.zone = Zone("America/Los_Angeles"), .lag = absl::Minutes(30), .audience = true};
  EXPECT_EQ(ProvisionalUntil(rule, Day("2026-01-10")), Utc("2026-01-11 17:00:00"));
}

TEST(FinalityTest, ADayIsProvisionalThenSettlingThenFinal) {
  const FinalityRule rule{.zone = absl::UTCTimeZone(), .settle_days = 28};
  const absl::CivilDay day = Day("2026-01-10");
  EXPECT_EQ(FinalityOf(rule, day, Utc("2026-01-11 11:59:59")), Finality::kProvisional);
  EXPECT_EQ(FinalityOf(rule, day, Utc("2026-01-11 12:00:00")), Finality::kSettling);
  EXPECT_EQ(FinalityOf(rule, day, Utc("2026-02-07 23:59:59")), Finality::kSettling);
  EXPECT_EQ(FinalityOf(rule, day, Utc("2026-02-08 00:00:00")), Finality::kFinal);
}

TEST(FinalityTest, ADayThatHasNotComeIsProvisional) {
  EXPECT_EQ(FinalityOf({.zone = absl::UTCTimeZone()}, Day("2026-06-01"), Utc("2026-01-01 00:00:00")),
            Finality::kProvisional);
}

TEST(FinalityTest, WithoutSettlingADayIsFinalWhenItIsComplete) {
  const FinalityRule rule{.zone = absl::UTCTimeZone(), .settle_days = 0};
  EXPECT_EQ(FinalityOf(rule, Day("2026-01-10"), Utc("2026-01-11 12:00:00")), Finality::kFinal);
}

TEST(FinalityTest, ADayThatMovedAtItsNewestReadIsNotFinal) {
  const RestatedMetric spend{.metric = "spend", .rows = 3, .sums = RestatedSums{"1", "2", "1", "1"}};
  RestatedMetric filled = spend;
  filled.filled = 3;
  const RestatedMetric name{.metric = "ad_name", .rows = 3};
  EXPECT_TRUE(Moves({.updated = 3, .metrics = {name, spend}}));
  EXPECT_TRUE(Moves({.inserted = 1}));
  EXPECT_TRUE(Moves({.removed = 1}));
  EXPECT_FALSE(Moves({.updated = 3, .metrics = {name}}));
  EXPECT_FALSE(Moves({.updated = 3, .metrics = {filled}})) << "a metric that was added to the extract";
  EXPECT_EQ(FinalityAfter(Finality::kFinal, {.inserted = 1}), Finality::kSettling);
  EXPECT_EQ(FinalityAfter(Finality::kFinal, {.updated = 3, .metrics = {name}}), Finality::kFinal);
  EXPECT_EQ(FinalityAfter(Finality::kProvisional, {.inserted = 1}), Finality::kProvisional);
}

TEST(FinalityTest, FirstProvisionalDayDividesTheDays) {
  for (const char* name :
       {"Pacific/Kiritimati", "Asia/Kolkata", "UTC", "America/New_York", "Etc/GMT+12", "America/Sao_Paulo"}) {
    for (const absl::Duration lag : {absl::Minutes(30), absl::Hours(16), absl::Hours(48)}) {
      const FinalityRule rule{.zone = Zone(name), .lag = lag};
      for (absl::Time at = Utc("2018-10-30 00:30:00"); at < Utc("2018-11-10 00:00:00"); at += absl::Hours(5)) {
        const absl::CivilDay first = FirstProvisionalDay(rule, at);
        ASSERT_EQ(FinalityOf(rule, first, at), Finality::kProvisional) << name;
        ASSERT_NE(FinalityOf(rule, first - 1, at), Finality::kProvisional) << name;
      }
    }
  }
}

TEST(ProvisionalDaysTest, TheNewestReadOfADayHasTheLastWord) {
  const FinalityRule rule{.zone = absl::UTCTimeZone()};
  const LedgerEntry early =
      Read("2026-01-01", "2026-01-10", "2026-01-10 08:00:00");  // the 9th and 10th are provisional
  const LedgerEntry again = Read("2026-01-09", "2026-01-09", "2026-01-12 08:00:00");
  EXPECT_THAT(ProvisionalDays(rule, {early}, kLongAgo), ElementsAre(Days("2026-01-09", "2026-01-10")));
  EXPECT_THAT(ProvisionalDays(rule, {again, early}, kLongAgo), ElementsAre(Days("2026-01-10", "2026-01-10")));
}

TEST(ProvisionalDaysTest, ADayStaysProvisionalHoweverLongAgoItWasRead) {
  const FinalityRule rule{.zone = absl::UTCTimeZone()};
  const LedgerEntry old = Read("2026-01-01", "2026-01-10", "2026-01-10 08:00:00");
  const LedgerEntry later = Read("2026-01-11", "2026-01-31", "2026-03-01 08:00:00");
  EXPECT_THAT(ProvisionalDays(rule, {old, later}, kLongAgo), ElementsAre(Days("2026-01-09", "2026-01-10")));
}

TEST(ProvisionalDaysTest, DaysBeforeTheCursorAreNotDoubtedAgain) {
  const FinalityRule rule{.zone = absl::UTCTimeZone()};
  const LedgerEntry old = Read("2026-01-01", "2026-01-10", "2026-01-10 08:00:00");
  EXPECT_THAT(ProvisionalDays(rule, {old}, Day("2026-01-10")), ElementsAre(Days("2026-01-10", "2026-01-10")));
  EXPECT_THAT(ProvisionalDays(rule, {old}, Day("2026-01-11")), IsEmpty());
}

TEST(ProvisionalDaysTest, AReadThatWasUnderWayAtTheRepairRunIsDoubted) {
  const FinalityRule rule{.zone = absl::UTCTimeZone()};
  LedgerEntry entry = Read("2026-01-10", "2026-01-10", "2026-01-11 11:59:00");  // committed an hour later
  EXPECT_THAT(ProvisionalDays(rule, {entry}, kLongAgo), ElementsAre(Days("2026-01-10", "2026-01-10")));
  entry.committed += absl::Minutes(1);
  EXPECT_THAT(ProvisionalDays(rule, {entry}, kLongAgo), IsEmpty());
}

TEST(ProvisionalDaysTest, WindowsThatAreNotDaysSayNothing) {
  LedgerEntry entry = Read("2026-01-10", "2026-01-10", "2026-01-10 08:00:00");
  entry.window.kind = WindowKind::kCreated;
  EXPECT_THAT(ProvisionalDays({.zone = absl::UTCTimeZone()}, {entry}, kLongAgo), IsEmpty());
}

TEST(LastFinalDayTest, IsTheNewestDayThatCannotChangeAnyMore) {
  const FinalityRule rule{.zone = Zone("Asia/Tokyo"), .lag = absl::Hours(16), .audience = true};
  const absl::Time now = Utc("2026-03-10 13:00:00");
  const absl::CivilDay last = LastFinalDay(rule, now);
  EXPECT_EQ(FinalityOf(rule, last, now), Finality::kFinal);
  EXPECT_NE(FinalityOf(rule, last + 1, now), Finality::kFinal);
  EXPECT_EQ(last, Day("2026-02-09"));
}

TEST(ReadAtTest, ALongReadIsAsOldAsItsClaim) {
  LedgerEntry entry;
  entry.committed = Utc("2026-01-11 20:00:00");
  entry.claimed = Utc("2026-01-11 11:00:00");
  EXPECT_EQ(ReadAt(entry), entry.claimed);
}

TEST(ReadAtTest, AShortReadIsTakenForOlderThanItIs) {
  LedgerEntry entry;
  entry.committed = Utc("2026-01-11 20:00:00");
  EXPECT_EQ(ReadAt(entry), Utc("2026-01-11 19:00:00")) << "the claim is not known";
  entry.claimed = Utc("2026-01-11 19:59:00");
  EXPECT_EQ(ReadAt(entry), Utc("2026-01-11 19:00:00"));
}

// Its pages may be from before the day's repair run, though it was committed hours after it.
TEST(ProvisionalDaysTest, AReadThatBeganBeforeTheDayWasCompleteIsProvisional) {
  const FinalityRule rule{.zone = Zone("Europe/London"), .lag = absl::Minutes(30)};
  LedgerEntry entry = Read("2026-01-10", "2026-01-10", "2026-01-11 20:00:00");
  EXPECT_THAT(ProvisionalDays(rule, {entry}, kLongAgo), IsEmpty());
  entry.claimed = Utc("2026-01-11 11:59:00");
  EXPECT_THAT(ProvisionalDays(rule, {entry}, kLongAgo), ElementsAre(Coverage{Day("2026-01-10"), Day("2026-01-10")}));
}

}  // namespace
}  // namespace tikhaul
