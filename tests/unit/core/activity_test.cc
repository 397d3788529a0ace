#include "coordinator/core/activity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "coordinator/core/coverage.h"
#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ProbeFrame kTwoYears = {absl::CivilDay(2024, 1, 2), absl::CivilDay(2025, 12, 31)};

std::vector<WantedDays> Wanting(int longest_days, absl::CivilDay first = kTwoYears.oldest,
                                absl::CivilDay last = kTwoYears.newest) {
  return {{.days = {{first, last}}, .longest_days = longest_days}};
}

std::vector<std::string> Texts(const std::vector<Probe>& probes) {
  std::vector<std::string> texts;
  for (const Probe& probe : probes) {
    texts.push_back(FormatWindow({WindowKind::kDays, probe.first, probe.last}) + (probe.by_day ? " by day" : ""));
  }
  return texts;
}

ActivitySpan Span(absl::string_view first, absl::string_view last, bool active = false, std::string request_id = "r") {
  ActivitySpan span;
  span.first = Day(first);
  span.last = Day(last);
  span.active = active;
  span.request_id = std::move(request_id);
  return span;
}

TEST(NextProbesTest, YearsOfWhichNothingIsKnownAreAskedAbout) {
  EXPECT_THAT(Texts(NextProbes(Wanting(30), {}, kTwoYears, 1)),
              ElementsAre("2024-01-02..2024-12-31", "2025-01-01..2025-12-31"));
}

TEST(NextProbesTest, WhatSavesTooLittleIsNotAskedAbout) {
  const absl::CivilDay last = kTwoYears.newest;
  EXPECT_THAT(NextProbes(Wanting(30, last - 89, last), {}, kTwoYears, 1), IsEmpty());  // 3 windows
  EXPECT_THAT(NextProbes(Wanting(30, last - 90, last), {}, kTwoYears, 1), SizeIs(1));  // 4
  EXPECT_THAT(NextProbes(Wanting(30, last - 10, last), {}, kTwoYears, 0.2), SizeIs(1)) << "a fifth of a call is little";
  EXPECT_THAT(NextProbes(Wanting(365), {}, kTwoYears, 1), IsEmpty());
}

TEST(NextProbesTest, WindowsOfAllExtractsCount) {
  std::vector<WantedDays> wanted = Wanting(365);
  for (int i = 0; i < 3; ++i) wanted.push_back(wanted.front());
  EXPECT_THAT(NextProbes(wanted, {}, kTwoYears, 1), SizeIs(2));
}

TEST(NextProbesTest, AQuestionIsAboutTheFramesYearAlsoForAYoungerAccount) {
  EXPECT_THAT(Texts(NextProbes(Wanting(30, absl::CivilDay(2025, 5, 1)), {}, kTwoYears, 1)),
              ElementsAre("2025-01-01..2025-12-31"));
}

TEST(NextProbesTest, OnlyUnknownDaysAreAskedAboutLater) {
  const std::vector<ActivitySpan> known = {Span("2024-01-02", "2025-06-30")};
  EXPECT_THAT(Texts(NextProbes(Wanting(30), known, kTwoYears, 1)), ElementsAre("2025-07-01..2025-12-31"));
}

TEST(NextProbesTest, AnActiveYearIsHalvedWhereThatIsCheap) {
  std::vector<ActivitySpan> known = {Span("2024-01-02", "2024-12-31"), Span("2025-01-01", "2025-12-31", true)};
  EXPECT_THAT(NextProbes(Wanting(30), known, kTwoYears, 1), IsEmpty()) << "two calls to save a part of 13";
  std::vector<WantedDays> two = Wanting(30);
  two.push_back(two.front());
  EXPECT_THAT(Texts(NextProbes(two, known, kTwoYears, 0.2)),
              ElementsAre("2025-01-01..2025-07-01", "2025-07-02..2025-12-31"));
}

TEST(NextProbesTest, DaysAreAskedForOneByOneWhereWindowsAreShort) {
  std::vector<ActivitySpan> known = {Span("2024-01-02", "2024-12-31"), Span("2025-01-01", "2025-12-31", true)};
  const std::vector<Probe> probes = NextProbes(Wanting(1), known, kTwoYears, 0.2);
  ASSERT_THAT(probes, SizeIs(13));
  for (const Probe& probe : probes) {
    EXPECT_TRUE(probe.by_day);
    EXPECT_LE(probe.last - probe.first + 1, 30);
  }
  known[1].exact = true;
  EXPECT_THAT(NextProbes(Wanting(1), known, kTwoYears, 0.2), IsEmpty());
}

TEST(WithAnswerTest, TheAnswerHasTheLastWordAboutItsDays) {
  const std::vector<ActivitySpan> known =
      WithAnswer({Span("2025-01-01", "2025-01-31", true, "a")}, Span("2025-01-10", "2025-01-20", false, "b"));
  ASSERT_THAT(known, SizeIs(3));
  EXPECT_EQ(known[0].last, Day("2025-01-09"));
  EXPECT_EQ(known[1].request_id, "b");
  EXPECT_EQ(known[2].first, Day("2025-01-21"));
  EXPECT_TRUE(known[2].active);
  EXPECT_THAT(IdleDays(known), ElementsAre(Coverage{Day("2025-01-10"), Day("2025-01-20")}));
}

TEST(SpansOfDaysTest, DaysWithoutARowAreIdle) {
  const std::vector<ActivitySpan> spans = SpansOfDays({Day("2025-01-01"), Day("2025-01-10"), true},
                                                      {Day("2025-01-04"), Day("2025-01-03")}, absl::Now(), "r");
  EXPECT_THAT(IdleDays(spans), ElementsAre(Coverage{Day("2025-01-01"), Day("2025-01-02")},
                                           Coverage{Day("2025-01-05"), Day("2025-01-10")}));
  EXPECT_TRUE(spans.front().exact);
}

// Asks an account with figures on `active` until nothing pays any more.
struct Asked {
  std::vector<ActivitySpan> known;
  size_t questions = 0;
};
Asked AskAll(const std::vector<WantedDays>& wanted, const std::set<absl::CivilDay>& active, double cost) {
  Asked asked;
  for (;;) {
    const std::vector<Probe> probes = NextProbes(wanted, asked.known, kTwoYears, cost);
    if (probes.empty()) return asked;
    asked.questions += probes.size();
    for (const Probe& probe : probes) {
      const std::vector<absl::CivilDay> days(active.lower_bound(probe.first), active.upper_bound(probe.last));
      if (probe.by_day) {
        for (const ActivitySpan& span : SpansOfDays(probe, days, absl::Now(), "r")) {
          asked.known = WithAnswer(asked.known, span);
        }
      } else {
        asked.known = WithAnswer(asked.known, {.first = probe.first,
                                               .last = probe.last,
                                               .active = !days.empty(),
                                               .exact = false,
                                               .asked = absl::Now(),
                                               .request_id = "r"});
      }
    }
    if (asked.questions > 10'000) {
      ADD_FAILURE() << "questions without end";
      return asked;
    }
  }
}

TEST(ProbingSimulationTest, NoActiveDayIsEverCalledIdle) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::set<absl::CivilDay> active;
    const int stretches = static_cast<int>(random() % 5);
    for (int i = 0; i < stretches; ++i) {
      absl::CivilDay day = kTwoYears.oldest + static_cast<int>(random() % 730);
      for (auto left = random() % 90; left > 0 && day <= kTwoYears.newest; --left) active.insert(day++);
    }
    const std::vector<WantedDays> wanted = Wanting(round % 2 == 0 ? 1 : 30);
    const Asked asked = AskAll(wanted, active, round % 3 == 0 ? 1 : 0.2);
    const std::vector<Coverage> idle = IdleDays(asked.known);
    for (const absl::CivilDay day : active) ASSERT_FALSE(ContainsDay(idle, day)) << day;
    if (active.empty()) {
      EXPECT_EQ(CountDays(idle), 730);
    }
  }
}

TEST(ProbingSimulationTest, WhereNobodyIsIdleItCostsAFewPerCent) {
  std::set<absl::CivilDay> always;
  for (absl::CivilDay day = kTwoYears.oldest; day <= kTwoYears.newest; ++day) always.insert(day);
  EXPECT_LE(static_cast<double>(AskAll(Wanting(30), always, 0.2).questions) * 0.2, 25 * 0.05);
  EXPECT_LE(static_cast<double>(AskAll(Wanting(1), always, 0.2).questions) * 0.2, 730 * 0.05);
  EXPECT_LE(AskAll(Wanting(1), always, 1).questions, 730 * 0.06);
}

}  // namespace
}  // namespace tikhaul
