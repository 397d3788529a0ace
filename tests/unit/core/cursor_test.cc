#include "coordinator/core/cursor.h"

#include <gtest/gtest.h>

#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

const absl::CivilDay kFirst(2026, 1, 1);

TEST(CursorTest, NothingIsReachedWhileTheFirstDayIsMissing) {
  EXPECT_EQ(NextCursor(kFirst, std::nullopt, {Days("2026-01-02", "2026-03-01")}, {}), CursorDays{});
  EXPECT_EQ(LedgerNeededFrom(kFirst, std::nullopt, {Days("2026-01-02", "2026-03-01")}), std::nullopt);
}

TEST(CursorTest, AHoleHoldsBothDaysBack) {
  const std::vector<Coverage> coverage = {Days("2026-01-01", "2026-01-10"), Days("2026-01-12", "2026-01-20")};
  EXPECT_EQ(NextCursor(kFirst, std::nullopt, coverage, {}), (CursorDays{Day("2026-01-10"), Day("2026-01-10")}));
}

TEST(CursorTest, MendingAHoleMovesOverAllBehindIt) {
  EXPECT_EQ(NextCursor(kFirst, Day("2026-01-10"), {Days("2026-01-01", "2026-01-20")}, {}),
            (CursorDays{Day("2026-01-20"), Day("2026-01-20")}));
}

TEST(CursorTest, TheCursorStopsBeforeAProvisionalDay) {
  EXPECT_EQ(NextCursor(kFirst, std::nullopt, {Days("2026-01-01", "2026-01-20")}, {Days("2026-01-19", "2026-01-20")}),
            (CursorDays{Day("2026-01-20"), Day("2026-01-18")}));
}

TEST(CursorTest, OldProvisionalDaysHoldItBackUntilTheyAreReadAgain) {
  EXPECT_EQ(NextCursor(kFirst, Day("2026-01-05"), {Days("2026-01-01", "2026-01-20")},
                       {Days("2026-01-07", "2026-01-07"), Days("2026-01-20", "2026-01-20")}),
            (CursorDays{Day("2026-01-20"), Day("2026-01-06")}));
}

TEST(CursorTest, AProvisionalFirstDayMeansNoCursor) {
  EXPECT_EQ(NextCursor(kFirst, std::nullopt, {Days("2026-01-01", "2026-01-02")}, {Days("2025-12-30", "2026-01-02")}),
            (CursorDays{Day("2026-01-02"), std::nullopt}));
}

TEST(CursorTest, DaysUpToTheCursorAreNotDoubtedAgain) {
  EXPECT_EQ(
      NextCursor(kFirst, Day("2026-01-10"), {Days("2026-01-01", "2026-01-12")}, {Days("2026-01-09", "2026-01-12")}),
      (CursorDays{Day("2026-01-12"), Day("2026-01-10")}));
}

TEST(CursorTest, AnEarlierStartTakesTheCursorBackUntilItsHoleIsFilled) {
  const std::vector<Coverage> coverage = {Days("2026-01-01", "2026-01-12")};
  EXPECT_EQ(NextCursor(Day("2025-12-01"), Day("2026-01-12"), coverage, {}), CursorDays{});
}

TEST(CursorTest, TheLedgerIsNeededFromTheDayAfterTheCursor) {
  const std::vector<Coverage> coverage = {Days("2026-01-01", "2026-01-12")};
  EXPECT_EQ(LedgerNeededFrom(kFirst, std::nullopt, coverage), kFirst);
  EXPECT_EQ(LedgerNeededFrom(kFirst, Day("2026-01-08"), coverage), Day("2026-01-09"));
  EXPECT_EQ(LedgerNeededFrom(kFirst, Day("2026-01-12"), coverage), std::nullopt);
  EXPECT_EQ(LedgerNeededFrom(kFirst, Day("2025-06-01"), coverage), kFirst);
}

}  // namespace
}  // namespace tikhaul
