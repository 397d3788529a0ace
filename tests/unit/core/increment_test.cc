#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/core/planner.h"
#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

IncrementInput At(absl::string_view now) {
  IncrementInput input;
  input.calendar.longest_days = 30;
  input.calendar.zone = absl::UTCTimeZone();
  input.calendar.now = Utc(now);
  input.floor = Day("2026-01-01");
  return input;
}

TEST(IncrementTest, TheLastAppendedDayIsReadAgainWithTheNewOnes) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.committed = {Days("2026-01-01", "2026-03-08")};
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("2026-03-08..2026-03-10"));
}

TEST(IncrementTest, ASecondOneOnTheSameDayReadsTheLastDayAgain) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.committed = {Days("2026-01-01", "2026-03-10")};
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("2026-03-10..2026-03-10"));
}

TEST(IncrementTest, TheLookBackCountsFromTheNewestCommittedDay) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.committed = {Days("2026-01-01", "2026-03-05")};
  input.look_back_days = 7;
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("2026-02-27..2026-03-10"));
}

TEST(IncrementTest, HolesAreFilled) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.committed = {Days("2026-01-01", "2026-01-10"), Days("2026-01-13", "2026-03-10")};
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("2026-03-10..2026-03-10", "2026-01-11..2026-01-12"));
}

TEST(IncrementTest, DaysReadWhileProvisionalAreReadAgain) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.committed = {Days("2026-01-01", "2026-03-10")};
  input.provisional = {Days("2026-02-01", "2026-02-02"), Days("2026-03-09", "2026-03-10")};
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("2026-03-09..2026-03-10", "2026-02-01..2026-02-02"));
}

TEST(IncrementTest, DaysOfUnfinishedChunksAreLeftToThem) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.committed = {Days("2026-02-01", "2026-03-08")};
  input.pending = {Days("2026-01-01", "2026-01-31"), Days("2026-03-08", "2026-03-09")};
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("2026-03-10..2026-03-10"));
}

TEST(IncrementTest, NothingIsPlannedWhenUnfinishedChunksOwnAllOfIt) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.pending = {Days("2026-01-01", "2026-03-10")};
  EXPECT_THAT(PlanIncrement(input), IsEmpty());
}

TEST(IncrementTest, WithoutAnythingCommittedTheWholeHistoryIsRead) {
  IncrementInput input = At("2026-03-10 15:00:00");
  EXPECT_THAT(Texts(PlanIncrement(input)),
              ElementsAre("2026-02-09..2026-03-10", "2026-01-10..2026-02-08", "2026-01-01..2026-01-09"));
}

TEST(IncrementTest, TheFloorIsNeverBeforeTheAccount) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.calendar.account_created = Utc("2026-03-09 12:00:00");
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("2026-03-09..2026-03-10"));
}

TEST(IncrementTest, WhatWasReadBeforeTheFloorIsNotReadAgain) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.floor = Day("2026-03-01");
  input.committed = {Days("2026-01-01", "2026-03-08")};
  input.provisional = {Days("2026-02-01", "2026-02-01")};
  input.look_back_days = 28;
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("2026-03-01..2026-03-10"));
}

TEST(IncrementTest, ThroughKeepsLaterDaysOut) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.committed = {Days("2026-01-01", "2026-03-05")};
  input.through = Day("2026-03-07");
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("2026-03-05..2026-03-07"));
}

TEST(IncrementTest, CommittedDaysAfterTodayDoNotDisturb) {  // the clock went back
  IncrementInput input = At("2026-03-10 15:00:00");
  input.committed = {Days("2026-01-01", "2026-03-15")};
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("2026-03-10..2026-03-10"));
}

TEST(IncrementTest, UnwindowedExtractsAreReadWhole) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.calendar.longest_days = 0;
  EXPECT_THAT(Texts(PlanIncrement(input)), ElementsAre("all"));
}

TEST(IncrementGridTest, TheCellThatGrowsIsReadWhole) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.calendar.fixed_grid = true;
  const absl::CivilDay cell = DayFromNumber(DayNumber(Day("2026-03-10")) / 30 * 30);
  input.committed = {{Day("2026-01-01"), Day("2026-03-09")}};
  const std::vector<Window> windows = PlanIncrement(input);
  ASSERT_THAT(windows, SizeIs(1));
  EXPECT_EQ(windows[0], (Window{WindowKind::kDays, cell, Day("2026-03-10")}));
}

TEST(IncrementGridTest, ACellWaitsWhileAPendingChunkOwnsAPartOfIt) {
  IncrementInput input = At("2026-03-10 15:00:00");
  input.calendar.fixed_grid = true;
  input.committed = {Days("2026-01-01", "2026-03-08")};
  input.pending = {Days("2026-03-09", "2026-03-09")};
  EXPECT_THAT(PlanIncrement(input), IsEmpty());
}

}  // namespace
}  // namespace tikhaul
