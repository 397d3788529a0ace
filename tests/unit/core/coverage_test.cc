#include "coordinator/core/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<Coverage> kTwo = {Days("2026-01-01", "2026-01-05"), Days("2026-01-10", "2026-01-12")};

TEST(CoverageTest, AddedIntervalsGrowTogetherWhenTheyTouch) {
  EXPECT_THAT(AddInterval(kTwo, Days("2026-01-06", "2026-01-09")), ElementsAre(Days("2026-01-01", "2026-01-12")));
  EXPECT_THAT(AddInterval(kTwo, Days("2026-01-06", "2026-01-08")),
              ElementsAre(Days("2026-01-01", "2026-01-08"), Days("2026-01-10", "2026-01-12")));
}

TEST(CoverageTest, AnIntervalInsideAnotherAddsNothing) {
  EXPECT_EQ(AddInterval(kTwo, Days("2026-01-02", "2026-01-03")), kTwo);
}

TEST(CoverageTest, AnEmptyIntervalAddsNothing) { EXPECT_EQ(AddInterval(kTwo, Days("2026-01-08", "2026-01-07")), kTwo); }

TEST(CoverageTest, HolesAreTheDaysBetweenAndAround) {
  EXPECT_THAT(Holes(kTwo, Day("2025-12-30"), Day("2026-01-20")),
              ElementsAre(Days("2025-12-30", "2025-12-31"), Days("2026-01-06", "2026-01-09"),
                          Days("2026-01-13", "2026-01-20")));
  EXPECT_THAT(Holes(kTwo, Day("2026-01-02"), Day("2026-01-05")), IsEmpty());
  EXPECT_THAT(Holes({}, Day("2026-01-02"), Day("2026-01-01")), IsEmpty());
}

TEST(CoverageTest, ContiguousThroughStopsAtTheFirstHole) {
  EXPECT_EQ(ContiguousThrough(kTwo, Day("2026-01-01")), Day("2026-01-05"));
  EXPECT_EQ(ContiguousThrough(kTwo, Day("2026-01-05")), Day("2026-01-05"));
  EXPECT_EQ(ContiguousThrough(kTwo, Day("2026-01-06")), std::nullopt);
}

// A slow second opinion: sets of days.
std::set<int64_t> AsSet(const std::vector<Coverage>& days) {
  std::set<int64_t> set;
  for (const Coverage& interval : days) {
    for (absl::CivilDay day = interval.first; day <= interval.last; ++day) set.insert(DayNumber(day));
  }
  return set;
}

bool InNormalForm(const std::vector<Coverage>& days) {
  for (size_t i = 0; i < days.size(); ++i) {
    if (days[i].last < days[i].first) return false;
    if (i > 0 && days[i].first <= days[i - 1].last + 1) return false;
  }
  return true;
}

TEST(CoverageTest, AgreesWithSetsOfDays) {
  std::mt19937_64 random(7);
  const absl::CivilDay start(2026, 1, 1);
  const auto some = [&] {
    std::vector<Coverage> intervals;
    for (uint64_t i = random() % 6; i > 0; --i) {
      const absl::CivilDay first = start + static_cast<int64_t>(random() % 30);
      intervals.push_back({first, first + static_cast<int64_t>(random() % 6) - 1});
    }
    return NormalizeIntervals(intervals);
  };
  for (int round = 0; round < 3000; ++round) {
    const std::vector<Coverage> a = some(), b = some();
    const std::vector<Coverage> difference = SubtractIntervals(a, b);
    ASSERT_TRUE(InNormalForm(a) && InNormalForm(difference));
    std::set<int64_t> expected = AsSet(a);
    for (const int64_t day : AsSet(b)) expected.erase(day);
    ASSERT_EQ(AsSet(difference), expected);
    ASSERT_EQ(CountDays(difference), static_cast<int64_t>(expected.size()));
    const absl::CivilDay day = start + static_cast<int64_t>(random() % 40);
    ASSERT_EQ(ContainsDay(a, day), AsSet(a).count(DayNumber(day)) == 1);
    ASSERT_TRUE(InNormalForm(Clip(a, start + 5, day)));
    ASSERT_EQ(CountDays(Clip(a, start + 5, day)) + CountDays(Holes(a, start + 5, day)),
              std::max<int64_t>(0, day - (start + 5) + 1));
  }
}

}  // namespace
}  // namespace tikhaul
