#include "coordinator/core/look_back.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "coordinator/core/coverage.h"
#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const absl::Time kNow = Utc("2026-06-30 13:30:00");

class LookBackTest : public testing::Test {
 protected:
  LookBackTest() {
    input_.rule.zone = Zone("UTC");
    input_.now = kNow;
  }

  // A read of days, counted back from 30 June, made so many days before now.
  void Read(int oldest, int newest, int days_ago) {
    const absl::CivilDay today = Day("2026-06-30");
    LedgerEntry entry;
    entry.window = {WindowKind::kDays, today - oldest, today - newest};
    entry.committed = kNow - absl::Hours(24) * days_ago;
    input_.ledger.push_back(entry);
    input_.committed = AddInterval(input_.committed, {entry.window.first, entry.window.last});
  }
  // Two years read long ago; then every day the `look_back` days before it, all of 35 days once a week, until
  // yesterday.
  void ReadFor(int days, int look_back) {
    Read(730, days + 1, days);
    for (int ago = days - 1; ago >= 1; --ago) Read(ago % 7 == 1 ? ago + 35 : ago + look_back, ago, ago);
  }
  void Moved(int age, const std::string& metric, double moved) {
    input_.movement.push_back({.age_days = age, .metric = metric, .days = 1, .moved = moved});
  }
  LookBack Learn() const { return LearnLookBack(input_); }

  LookBackInput input_;
};

TEST(LeastLookBackTest, ReadsADayOnceMoreWhenItsFiguresAreComplete) {
  EXPECT_EQ(LeastLookBack(absl::Minutes(30)), 2);
  EXPECT_EQ(LeastLookBack(absl::Hours(16)), 2);
  EXPECT_EQ(LeastLookBack(absl::Hours(24)), 2);
  EXPECT_EQ(LeastLookBack(absl::Hours(48)), 3);
}

TEST_F(LookBackTest, WithoutHistoryItBeginsWithAWeek) {
  EXPECT_EQ(Learn().days, 7);
  EXPECT_THAT(Learn().why, HasSubstr("nothing is read yet"));
  EXPECT_THAT(Learn().check, IsEmpty());
  Read(730, 0, 0);
  EXPECT_EQ(Learn().days, 7);
  EXPECT_THAT(Learn().why, HasSubstr("0 of the 42 re-reads of days older than 7"));
  EXPECT_THAT(Learn().check, IsEmpty()) << "all was read today";
}

TEST_F(LookBackTest, WhenNothingMovesItShrinksToTheLeast) {
  ReadFor(25, 7);
  EXPECT_EQ(Learn().days, 2);
  EXPECT_THAT(Learn().why, AllOf(HasSubstr("nothing moved in"), HasSubstr("figures are complete only then"),
                                 HasSubstr("older days were last read again on 2026-06-29")));
  input_.rule.least_days = 3;
  EXPECT_EQ(Learn().days, 3);
}

TEST_F(LookBackTest, ADayOfMarginIsAddedToTheAgeAtWhichDaysStopMoving) {
  ReadFor(25, 7);
  Moved(2, "spend", 500);
  Moved(4, "conversion", 90);
  Moved(5, "conversion", 10);
  EXPECT_EQ(Learn().days, 6);
  EXPECT_THAT(Learn().why, AllOf(HasSubstr("no day older than 5 moved in"), HasSubstr("conversion moved that long")));
}

TEST_F(LookBackTest, AThousandthMayComeLater) {
  ReadFor(25, 7);
  Moved(2, "spend", 9'990);
  Moved(20, "spend", 9.9);
  EXPECT_EQ(Learn().days, 3);
  EXPECT_THAT(Learn().why, HasSubstr("days older than 2 had at most 0.1 % of any metric's change"));
  Moved(21, "spend", 5);
  EXPECT_EQ(Learn().days, 21) << "both together are more";
}

TEST_F(LookBackTest, TheSlowestMetricDecides) {
  ReadFor(25, 7);
  Moved(1, "impressions", 1e9);
  Moved(13, "purchase", 1);
  EXPECT_EQ(Learn().days, 14);
}

TEST_F(LookBackTest, ItGrowsBeforeItHasLearntToShrink) {
  ReadFor(2, 7);
  Moved(1, "spend", 1);
  EXPECT_EQ(Learn().days, 7);
  EXPECT_THAT(Learn().why, HasSubstr("to begin with"));
  Moved(9, "spend", 1);
  EXPECT_EQ(Learn().days, 10);
  EXPECT_THAT(Learn().why, Not(HasSubstr("to begin with")));
}

TEST_F(LookBackTest, TheLimitHoldsAndIsNamed) {
  ReadFor(25, 7);
  Moved(34, "purchase", 1);
  EXPECT_EQ(Learn().days, 28);
  EXPECT_THAT(Learn().why, HasSubstr("look_back_limit is 28 days"));
}

TEST_F(LookBackTest, TwoReadsOfOneDayTeachNothing) {
  Read(60, 0, 0);
  for (int i = 0; i < 10; ++i) {
    Read(60, 0, 0);
    input_.ledger.back().committed += absl::Hours(i);
  }
  EXPECT_THAT(Learn().why, HasSubstr("0 of the 42 re-reads"));
}

TEST_F(LookBackTest, AllDaysThatAreNotFinalAreCheckedOnceAWeek) {
  Read(730, 8, 8);
  for (int ago = 7; ago >= 1; --ago) Read(ago + 7, ago, ago);
  // Read 8 days ago: those of them that were 28 days old then are final, those that the look-back has met were read
  // since.
  EXPECT_THAT(Learn().check, ElementsAre(Days("2026-05-25", "2026-06-29")));
  Read(36, 1, 0);
  EXPECT_THAT(Learn().check, IsEmpty());
  input_.now += absl::Hours(24 * 6);
  EXPECT_THAT(Learn().check, IsEmpty());
  input_.now += absl::Hours(24) - absl::Minutes(5);
  EXPECT_THAT(Learn().check, ElementsAre(Days("2026-06-02", "2026-06-29"))) << "those before had their last read";
}

TEST_F(LookBackTest, ADayThatMovedAtItsLastReadIsReadAgainHoweverOld) {
  Read(730, 40, 8);
  input_.ledger.clear();
  Read(60, 0, 8);
  Read(60, 0, 7);
  const auto check = [&] { return Clip(Learn().check, Day("2026-04-01"), Day("2026-05-20")); };
  EXPECT_THAT(check(), IsEmpty());
  Restatement late;
  late.settled = kNow - absl::Hours(24 * 7);
  late.change = {.day = Day("2026-05-10"), .inserted = 1};
  input_.late = {late};
  EXPECT_THAT(check(), ElementsAre(Days("2026-05-10", "2026-05-10")));
  input_.late[0].change = {.day = Day("2026-05-10"), .updated = 1, .metrics = {{.metric = "ad_name", .rows = 1}}};
  EXPECT_THAT(check(), IsEmpty()) << "another name is no movement";
  input_.late[0].change.inserted = 1;
  input_.late[0].settled -= absl::Hours(24);
  EXPECT_THAT(check(), IsEmpty()) << "a later read found it at rest";
}

TEST_F(LookBackTest, HolesAreNotChecked) {
  Read(60, 30, 8);
  Read(25, 10, 8);
  EXPECT_THAT(Learn().check, ElementsAre(Days("2026-05-25", "2026-05-31"), Days("2026-06-05", "2026-06-20")));
}

}  // namespace
}  // namespace tikhaul
