#include "coordinator/core/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PlanInput Daily(absl::string_view now) {
  PlanInput input;
  input.calendar.longest_days = 30;
  input.calendar.zone = absl::UTCTimeZone();
  input.calendar.now = Utc(now);
  return input;
}

TEST(PlannerTest, DepthCountsTodayAndWindowsComeNewestFirst) {
  PlanInput input = Daily("2026-03-10 15:00:00");
  input.depth_days = 70;
  EXPECT_THAT(Texts(PlanWindows(input)),
              ElementsAre("2026-02-09..2026-03-10", "2026-01-10..2026-02-08", "2025-12-31..2026-01-09"));
}

TEST(PlannerTest, TodayIsTheAccountsToday) {
  PlanInput input = Daily("2026-03-10 15:30:00");
  input.depth_days = 1;
  input.calendar.zone = Zone("Asia/Tokyo");
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2026-03-11..2026-03-11"));
  input.calendar.zone = Zone("America/Los_Angeles");
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2026-03-10..2026-03-10"));
}

TEST(PlannerTest, CreationWindowsAreCutInUtcWhateverTheZone) {
  PlanInput input = Daily("2026-03-10 15:30:00");
  input.calendar.kind = WindowKind::kCreated;
  input.calendar.zone = Zone("Asia/Tokyo");
  input.depth_days = 1;
  const std::vector<Window> windows = PlanWindows(input);
  ASSERT_THAT(windows, SizeIs(1));
  EXPECT_EQ(windows[0], (Window{WindowKind::kCreated, Day("2026-03-10"), Day("2026-03-10")}));
}

TEST(PlannerTest, NothingIsPlannedBeforeTheAccountsFirstDayInItsZone) {
  PlanInput input = Daily("2026-03-10 15:00:00");
  input.calendar.zone = Zone("America/New_York");
  input.calendar.account_created = Utc("2026-03-01 02:00:00");  // still 28 February there
  input.depth_days = 730;
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2026-02-28..2026-03-10"));
}

TEST(PlannerTest, UnknownCreationFallsBackToTheOldestHistory) {
  PlanInput input = Daily("2016-09-05 15:00:00");
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2016-09-01..2016-09-05"));
  input.first = Day("2010-01-01");
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2016-09-01..2016-09-05"));
}

TEST(PlannerTest, AnExplicitRangeIsCutToWhatCanBeThere) {
  PlanInput input = Daily("2026-03-10 15:00:00");
  input.calendar.account_created = Utc("2026-03-05 12:00:00");
  input.first = Day("2026-01-01");
  input.last = Day("2027-01-01");
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2026-03-05..2026-03-10"));
}

TEST(PlannerTest, AnExplicitFirstDayCountsInsteadOfTheDepth) {
  PlanInput input = Daily("2026-03-10 15:00:00");
  input.depth_days = 2;
  input.first = Day("2026-03-01");
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2026-03-01..2026-03-10"));
}

TEST(PlannerTest, NothingRemainsOfRangesOutsideHistory) {
  PlanInput input = Daily("2026-03-10 15:00:00");
  input.calendar.account_created = Utc("2026-03-05 12:00:00");
  input.last = Day("2026-03-04");
  EXPECT_THAT(PlanWindows(input), IsEmpty());
  input.last.reset();
  input.first = Day("2026-03-11");
  EXPECT_THAT(PlanWindows(input), IsEmpty());
  input.first = Day("2026-03-09");
  input.last = Day("2026-03-08");
  EXPECT_THAT(PlanWindows(input), IsEmpty());
}

TEST(PlannerTest, AnAccountOfTomorrowHasNoWindows) {
  PlanInput input = Daily("2026-03-10 15:00:00");
  input.calendar.account_created = Utc("2026-03-11 12:00:00");
  EXPECT_THAT(PlanWindows(input), IsEmpty());
}

TEST(PlannerTest, WindowsTileTheRangeWithAsFewAsPossible) {
  for (const int longest : {1, 7, 30, 180, 365}) {
    for (const int depth : {1, 2, 29, 30, 31, 60, 365, 730, 731}) {
      PlanInput input = Daily("2026-03-10 15:00:00");
      input.calendar.longest_days = longest;
      input.depth_days = depth;
      const std::vector<Window> windows = PlanWindows(input);
      ASSERT_THAT(windows, SizeIs((depth + longest - 1) / longest));
      absl::CivilDay expected_last = Day("2026-03-10");
      for (const Window& window : windows) {
        ASSERT_EQ(window.last, expected_last);
        ASSERT_LE(window.Days(), longest);
        expected_last = window.first - 1;
      }
      ASSERT_EQ(expected_last, Day("2026-03-10") - depth);
    }
  }
}

TEST(PlannerTest, UnwindowedExtractsGetOneWholeWindow) {
  PlanInput input = Daily("2026-03-10 15:00:00");
  input.calendar.longest_days = 0;
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("all"));
  input.calendar.longest_days = 30;
  input.calendar.kind = WindowKind::kWhole;
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("all"));
}

PlanInput Gridded(absl::string_view now) {
  PlanInput input = Daily(now);
  input.calendar.fixed_grid = true;
  return input;
}

TEST(PlannerGridTest, WindowStartsDoNotDependOnTheDayOfPlanning) {
  PlanInput input = Gridded("2026-03-10 15:00:00");
  input.depth_days = 40;
  const std::vector<Window> today = PlanWindows(input);
  input.calendar.now += absl::Hours(24);
  const std::vector<Window> tomorrow = PlanWindows(input);
  ASSERT_EQ(today.size(), tomorrow.size());
  for (size_t i = 0; i < today.size(); ++i) EXPECT_EQ(today[i].first, tomorrow[i].first);
  for (const Window& window : today) EXPECT_EQ(DayNumber(window.first) % 30, 0);
  EXPECT_EQ(today[0].last, Day("2026-03-10"));
}

TEST(PlannerGridTest, PartsOfCellsAreWidenedToWholeCells) {
  PlanInput input = Gridded("2026-06-10 15:00:00");
  input.first = input.last = DayFromNumber(30 * 680 + 17);
  const std::vector<Window> windows = PlanWindows(input);
  ASSERT_THAT(windows, SizeIs(1));
  EXPECT_EQ(windows[0].first, DayFromNumber(30 * 680));
  EXPECT_EQ(windows[0].last, DayFromNumber(30 * 681 - 1));
}

TEST(PlannerGridTest, TheFirstCellBeginsWithTheAccount) {
  PlanInput input = Gridded("2026-03-10 15:00:00");
  input.calendar.account_created = Utc("2026-03-08 12:00:00");
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2026-03-08..2026-03-10"));
}

std::vector<Coverage> Idle(absl::string_view first, absl::string_view last) { return {{Day(first), Day(last)}}; }

TEST(PlannerIdleTest, IdleDaysAtTheEdgesAreLeftOut) {
  PlanInput input = Daily("2026-03-10 15:00:00");
  input.depth_days = 70;  // from 2025-12-31
  input.idle = Idle("2025-12-31", "2026-01-20");
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2026-02-09..2026-03-10", "2026-01-21..2026-02-08"));
  input.idle = Idle("2026-01-15", "2026-03-10");
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2025-12-31..2026-01-14"));
  input.idle = Idle("2025-01-01", "2026-03-10");
  EXPECT_THAT(PlanWindows(input), IsEmpty());
}

TEST(PlannerIdleTest, AWindowBridgesIdleDaysWithinIt) {
  PlanInput input = Daily("2026-03-10 15:00:00");
  input.depth_days = 70;
  input.idle = Idle("2026-02-20", "2026-03-05");
  EXPECT_THAT(Texts(PlanWindows(input)),
              ElementsAre("2026-02-09..2026-03-10", "2026-01-10..2026-02-08", "2025-12-31..2026-01-09"));
  input.idle = Idle("2026-01-05", "2026-02-19");
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("2026-02-20..2026-03-10", "2025-12-31..2026-01-04"));
}

TEST(PlannerIdleTest, OnAGridOnlyWholeCellsAreLeftOut) {
  PlanInput input = Gridded("2026-03-10 15:00:00");
  input.depth_days = 70;
  const std::vector<Window> all = PlanWindows(input);
  ASSERT_THAT(all, SizeIs(testing::Ge(3)));
  input.idle = {{all[1].first, all[1].last}};
  std::vector<Window> rest = all;
  rest.erase(rest.begin() + 1);
  EXPECT_EQ(PlanWindows(input), rest);
  input.idle = {{all[1].first + 1, all[1].last}};
  EXPECT_EQ(PlanWindows(input), all);
}

TEST(PlannerTest, ObjectsAreReadWholeWhereAllAreWanted) {
  PlanInput input = Daily("2026-03-10 15:00:00");
  input.calendar.kind = WindowKind::kCreated;
  input.calendar.longest_days = 180;
  input.calendar.account_created = Utc("2024-03-05 12:00:00");
  input.depth_days = 5 * 365;
  EXPECT_THAT(Texts(PlanWindows(input)), ElementsAre("all"));
  input.depth_days = 365;
  EXPECT_THAT(PlanWindows(input), ElementsAre(Window{WindowKind::kCreated, Day("2025-03-11"), Day("2026-03-10")}));
  input.depth_days = 0;
  input.last = Day("2026-03-09");
  EXPECT_THAT(PlanWindows(input), ElementsAre(Window{WindowKind::kCreated, Day("2024-03-05"), Day("2026-03-09")}));
}

TEST(AdvisedWindowsTest, TileWhatWasAskedForAtOnce) {
  Calendar calendar = Daily("2026-03-10 15:00:00").calendar;
  calendar.kind = WindowKind::kCreated;
  calendar.longest_days = 180;
  calendar.account_created = Utc("2025-03-05 12:00:00");
  EXPECT_THAT(Texts(AdvisedWindows(calendar, Window{})),
              ElementsAre("2025-09-12..2026-03-10", "2025-03-16..2025-09-11", "2025-03-05..2025-03-15"));
  EXPECT_THAT(Texts(AdvisedWindows(calendar, {WindowKind::kCreated, Day("2025-07-01"), Day("2026-02-28")})),
              ElementsAre("2025-09-02..2026-02-28", "2025-07-01..2025-09-01"));
  EXPECT_THAT(AdvisedWindows(calendar, {WindowKind::kCreated, Day("2026-01-01"), Day("2026-02-28")}), IsEmpty());
}

TEST(SplitWindowTest, HalvesTileTheWindowNewerFirst) {
  const Window window{WindowKind::kDays, Day("2026-01-01"), Day("2026-01-07")};
  EXPECT_THAT(Texts(SplitWindow(window)), ElementsAre("2026-01-04..2026-01-07", "2026-01-01..2026-01-03"));
}

TEST(SplitWindowTest, OneDayAndWholeWindowsCannotBeSplit) {
  EXPECT_THAT(SplitWindow({WindowKind::kDays, Day("2026-01-01"), Day("2026-01-01")}), IsEmpty());
  EXPECT_THAT(SplitWindow({WindowKind::kWhole, Day("2026-01-01"), Day("2026-01-09")}), IsEmpty());
}

TEST(PlannerTest, CoveredDaysAndNoOthers) {
  const Calendar calendar = Daily("2026-03-10 15:00:00").calendar;
  const std::vector<Coverage> covered = {{Day("2026-01-01"), Day("2026-01-05")},
                                         {Day("2026-01-10"), Day("2026-02-20")}};
  EXPECT_THAT(Texts(PlanCovered(calendar, covered, {}, {})),
              ElementsAre("2026-01-22..2026-02-20", "2026-01-10..2026-01-21", "2026-01-01..2026-01-05"));
  EXPECT_THAT(Texts(PlanCovered(calendar, covered, Day("2026-01-04"), Day("2026-01-12"))),
              ElementsAre("2026-01-10..2026-01-12", "2026-01-04..2026-01-05"));
  EXPECT_THAT(PlanCovered(calendar, covered, Day("2026-03-01"), {}), IsEmpty());
  EXPECT_THAT(PlanCovered(calendar, {}, {}, {}), IsEmpty());
}

TEST(PlannerTest, CoveredCellsOfAGridAreTakenAsTheyWereRead) {
  Calendar calendar = Daily("2026-03-10 15:00:00").calendar;
  calendar.longest_days = 365;
  calendar.fixed_grid = true;
  const std::vector<Coverage> covered = {{Day("2024-06-01"), Day("2026-02-20")}};  // not until today
  const std::vector<std::string> cells = Texts(PlanCovered(calendar, covered, {}, {}));
  EXPECT_THAT(cells, ElementsAre("2025-12-18..2026-02-20", "2024-12-18..2025-12-17", "2024-06-01..2024-12-17"));
  EXPECT_THAT(Texts(PlanCovered(calendar, covered, Day("2026-01-05"), Day("2026-01-06"))), ElementsAre(cells[0]));
}

}  // namespace
}  // namespace tikhaul
