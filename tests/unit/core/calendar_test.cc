#include "coordinator/core/calendar.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

using ::testing::Eq;
using ::testing::Optional;

// Ten days of March 2026, of an account in UTC.
class CalendarTest : public testing::Test {
 protected:
  static Coverage March(int first, int last) { return {absl::CivilDay(2026, 3, first), absl::CivilDay(2026, 3, last)}; }
  void Cover(int first, int last) { facts_.covered.push_back({"", March(first, last)}); }
  void AddRead(int first, int last, absl::string_view committed, bool by_probe = false) {
    facts_.reads.push_back({"", March(first, last), Utc(committed), by_probe});
  }
  // Covered and read long after.
  void Finish(int first, int last) {
    Cover(first, last);
    AddRead(first, last, "2026-06-01 00:00:00");
  }
  void Open(ChunkState state, int first, int last, absl::Time died = absl::InfinitePast()) {
    facts_.open.push_back({"", March(first, last), state, died});
  }
  std::string Paint(int first = 1, int last = 10) {
    return PaintDays(rule_, facts_, absl::CivilDay(2026, 3, first), absl::CivilDay(2026, 3, last));
  }

  FinalityRule rule_{.zone = absl::UTCTimeZone()};
  CalendarFacts facts_;
};

TEST_F(CalendarTest, NothingIsWantedOfAnAdvertiserThatNobodyAskedFor) {
  EXPECT_EQ(Paint(), "..........");
  EXPECT_FALSE(WantedDays(facts_).has_value());
  facts_.wanted_from = Day("2026-03-01");  // and yet no run ever had a day
  EXPECT_EQ(Paint(), "..........");
}

TEST_F(CalendarTest, ARowIsAsLongAsItsDays) {
  EXPECT_EQ(Paint(5, 5), ".");
  EXPECT_EQ(PaintDays(rule_, facts_, Day("2024-03-01"), Day("2026-02-28")).size(), 730u);
  EXPECT_EQ(Paint(5, 4), "");
}

TEST_F(CalendarTest, AHoleBetweenCoveredDaysIsMissing) {
  Finish(2, 4);
  Finish(7, 8);
  EXPECT_EQ(Paint(), ".fffmmff..");
  EXPECT_THAT(WantedDays(facts_), Optional(Eq(March(2, 8))));
}

TEST_F(CalendarTest, DaysThatWereWantedBeforeTheCoveredOnesAreMissing) {
  facts_.wanted_from = Day("2026-02-01");
  Finish(5, 6);
  EXPECT_EQ(Paint(), "mmmmff....");
}

TEST_F(CalendarTest, DaysOutsideTheRowDoNotCount) {
  Finish(1, 31);
  Open(ChunkState::kRunning, 20, 25);
  EXPECT_EQ(Paint(9, 12), "ffff");
  EXPECT_EQ(Paint(18, 22), "ffrrr");
}

TEST_F(CalendarTest, ReadyAndRunningChunksFillHoles) {
  Finish(4, 5);
  Open(ChunkState::kReady, 1, 3);
  Open(ChunkState::kRunning, 8, 10);
  EXPECT_EQ(Paint(), "qqqffmmrrr");
}

TEST_F(CalendarTest, RunningShowsOverEverything) {
  Finish(1, 2);
  Open(ChunkState::kReady, 3, 4);
  Open(ChunkState::kDead, 5, 6, Utc("2026-07-01 00:00:00"));
  Open(ChunkState::kRunning, 1, 8);
  EXPECT_EQ(Paint(), "rrrrrrrr..");
}

TEST_F(CalendarTest, CoveredDaysThatWillBeReadAgainAreNoHole) {
  Finish(1, 10);
  Open(ChunkState::kReady, 1, 10);
  EXPECT_EQ(Paint(), "ffffffffff");
}

TEST_F(CalendarTest, ADeadLetterShowsUntilALaterReadComes) {
  Finish(1, 6);  // committed on 1 June
  Open(ChunkState::kDead, 1, 2, Utc("2026-05-31 00:00:00"));
  Open(ChunkState::kDead, 3, 4, Utc("2026-06-02 00:00:00"));
  Open(ChunkState::kDead, 8, 8, Utc("2026-01-01 00:00:00"));
  EXPECT_EQ(Paint(), "ffddffmd..");
  AddRead(3, 3, "2026-06-03 00:00:00");
  EXPECT_EQ(Paint(), "fffdffmd..");
}

TEST_F(CalendarTest, ADeadLetterShowsOverAChunkThatWaits) {
  Open(ChunkState::kDead, 2, 3, Utc("2026-05-31 00:00:00"));
  Open(ChunkState::kReady, 1, 10);
  EXPECT_EQ(Paint(), "qddqqqqqqq");
}

TEST_F(CalendarTest, FinalityIsThatOfTheNewestRead) {
  Cover(1, 10);
  AddRead(1, 10, "2026-03-10 20:00:00");
  // 9 March's figures are not complete before 10 March, 12:00; the reading began up to an hour before.
  EXPECT_EQ(Paint(), "sssssssssp");
  AddRead(1, 5, "2026-04-02 00:00:00");
  EXPECT_EQ(Paint(), "fffssssssp");  // 28 days after the end of 3 March it is 1 April
}

TEST_F(CalendarTest, TheBordersOfFinalityAreThoseOfTheRule) {
  Cover(1, 10);
  AddRead(1, 10, "2026-04-02 12:00:00");
  const absl::Time at = Utc("2026-04-02 12:00:00") - kReadMargin;
  std::string expected;
  for (int day = 1; day <= 10; ++day) {
    switch (FinalityOf(rule_, absl::CivilDay(2026, 3, day), at)) {
      case Finality::kProvisional:
        expected += 'p';
        break;
      case Finality::kSettling:
        expected += 's';
        break;
      case Finality::kFinal:
        expected += 'f';
        break;
    }
  }
  EXPECT_EQ(Paint(), expected);
  EXPECT_THAT(expected, testing::AllOf(testing::HasSubstr("fs"), testing::Not(testing::HasSubstr("p"))));
}

TEST_F(CalendarTest, TheOrderOfReadsDoesNotMatter) {
  Cover(1, 10);
  AddRead(1, 10, "2026-06-01 00:00:00");
  AddRead(6, 10, "2026-03-10 20:00:00");
  AddRead(2, 2, "2026-06-02 00:00:00", /*by_probe=*/true);
  const std::string painted = Paint();
  EXPECT_EQ(painted, "fiffffffff");
  std::reverse(facts_.reads.begin(), facts_.reads.end());
  EXPECT_EQ(Paint(), painted);
}

TEST_F(CalendarTest, IdleDaysAreIdleUntilTheyAreRead) {
  Cover(1, 4);
  AddRead(1, 4, "2026-06-01 00:00:00", /*by_probe=*/true);
  EXPECT_EQ(Paint(), "iiii......");
  AddRead(2, 3, "2026-06-05 00:00:00");
  EXPECT_EQ(Paint(), "iffi......");
}

TEST_F(CalendarTest, AReadOfDaysThatAreNotCoveredProvesNothing) {
  Cover(1, 2);
  AddRead(1, 4, "2026-06-01 00:00:00");
  EXPECT_EQ(Paint(), "ff........");
}

TEST_F(CalendarTest, CoveredDaysWithoutAReadAreProvisional) {
  Cover(1, 2);
  EXPECT_EQ(Paint(), "pp........");
}

TEST_F(CalendarTest, ADayThatItsNewestReadChangedIsNotFinal) {
  Finish(1, 4);
  facts_.moved = {{Day("2026-03-02"), Utc("2026-06-01 00:00:00")}, {Day("2026-03-03"), Utc("2026-05-01 00:00:00")}};
  EXPECT_EQ(Paint(), "fsff......");
}

TEST_F(CalendarTest, DaysAreThoseOfTheAccount) {
  rule_.zone = Zone("America/Los_Angeles");
  Cover(1, 3);
  AddRead(1, 3, "2026-03-04 06:30:00");  // 3 March, 22:30 there, and not yet 12:00 UTC on the day after 2 March's end
  const absl::Time at = Utc("2026-03-04 06:30:00") - kReadMargin;
  EXPECT_EQ(FinalityOf(rule_, Day("2026-03-03"), at), Finality::kProvisional);
  EXPECT_EQ(Paint(1, 3).back(), 'p');
  EXPECT_EQ(Paint(1, 3).front(), 's');
}

}  // namespace
}  // namespace tikhaul
