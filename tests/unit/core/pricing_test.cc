#include "coordinator/core/pricing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ExpectedPagesTest, CountsWholePages) {
  EXPECT_EQ(ExpectedPages(0, 1000), 1);
  EXPECT_EQ(ExpectedPages(500, 1000), 1);
  EXPECT_EQ(ExpectedPages(1500, 1000), 2);
  EXPECT_EQ(ExpectedPages(5, 0), 1);
}

TEST(ExpectedPagesTest, NearTheEdgeOfAPageBothAreLikely) {
  EXPECT_GT(ExpectedPages(1000, 1000), 1.2);
  EXPECT_LT(ExpectedPages(1000, 1000), 1.8);
  EXPECT_NEAR(ExpectedPages(100'000, 1000), 100.5, 1);
}

TEST(SpreadSampleTest, IsSpreadEvenlyAndTakesNothingTwice) {
  EXPECT_THAT(SpreadSample(100, 2, {}), ElementsAre(25, 75));
  EXPECT_THAT(SpreadSample(100, 2, {25}), ElementsAre(26, 75));
  EXPECT_THAT(SpreadSample(3, 10, {1}), ElementsAre(0, 2));
  EXPECT_THAT(SpreadSample(0, 10, {}), IsEmpty());
  EXPECT_THAT(SpreadSample(10, 0, {}), IsEmpty());
  EXPECT_THAT(SpreadSample(7, 7, {}), SizeIs(7));
}

TEST(FiguresOfTest, MeanAndDeviation) {
  EXPECT_EQ(FiguresOf({}).mean, 0);
  EXPECT_EQ(FiguresOf({4}).mean, 4);
  EXPECT_EQ(FiguresOf({4}).deviation, 0);
  const SampleFigures figures = FiguresOf({2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_DOUBLE_EQ(figures.mean, 5);
  EXPECT_NEAR(figures.deviation, 2.138, 0.001);
}

CallLimits Basic() {
  return {.per_second = 10,
          .per_minute = 600,
          .per_day = 864'000,
          .guard = absl::Milliseconds(15),
          .left_today = 864'000,
          .left_of_day = absl::Hours(6)};
}

TEST(TimeForCallsTest, GuardsOfTheWindowsCount) {
  EXPECT_EQ(TimeForCalls(0, Basic()), absl::ZeroDuration());
  EXPECT_NEAR(absl::ToDoubleSeconds(TimeForCalls(600, Basic())), 61, 0.01) << "the minute is the narrower";
  CallLimits limits = Basic();
  limits.per_minute = 6000;
  EXPECT_NEAR(absl::ToDoubleSeconds(TimeForCalls(600, limits)), 60.9, 0.01);
}

TEST(TimeForCallsTest, WhatTheDayDoesNotHoldGoesOnAtMidnight) {
  CallLimits limits = Basic();
  limits.left_today = 100;
  EXPECT_EQ(absl::ToInt64Minutes(TimeForCalls(700, limits)), 6 * 60 + 1);
  limits.per_day = 600;
  EXPECT_EQ(absl::ToInt64Hours(TimeForCalls(100 + 600 + 600, limits)), 6 + 24);
}

}  // namespace
}  // namespace tikhaul
