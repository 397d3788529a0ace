#include "coordinator/core/rates.h"

#include <gtest/gtest.h>

namespace tikhaul {
namespace {

constexpr absl::Duration kStart = absl::Hours(5);

TEST(RateMeterTest, NothingBeforeTheFirstEvent) { EXPECT_EQ(RateMeter().PerSecond(kStart), 0); }

TEST(RateMeterTest, ASteadyPaceIsMeasured) {
  RateMeter meter;
  absl::Duration now = kStart;
  for (int i = 0; i < 300; ++i, now += absl::Milliseconds(100)) meter.Add(now, 5);
  EXPECT_NEAR(meter.PerSecond(now), 50, 1);
}

TEST(RateMeterTest, AYoungMeterDividesByItsAge) {
  RateMeter meter;
  for (int i = 0; i < 20; ++i) meter.Add(kStart + i * absl::Milliseconds(100), 1);
  EXPECT_NEAR(meter.PerSecond(kStart + absl::Seconds(2)), 10, 0.1);
}

TEST(RateMeterTest, TheFirstEventAloneDoesNotMeanAHugeRate) {
  RateMeter meter;
  meter.Add(kStart, 30);
  EXPECT_LE(meter.PerSecond(kStart), 30);
}

TEST(RateMeterTest, OldEventsAreForgotten) {
  RateMeter meter;
  meter.Add(kStart, 1000);
  EXPECT_GT(meter.PerSecond(kStart + absl::Seconds(9)), 0);
  EXPECT_EQ(meter.PerSecond(kStart + absl::Seconds(11)), 0);
  EXPECT_EQ(meter.PerSecond(kStart + absl::Hours(100)), 0);
  meter.Add(kStart + absl::Hours(100), 10);
  EXPECT_NEAR(meter.PerSecond(kStart + absl::Hours(100) + absl::Seconds(5)), 1, 0.2);
}

TEST(RateMeterTest, AClockThatHasJustBegunIsAsGood) {
  RateMeter meter;
  meter.Add(absl::Seconds(2), 10);
  EXPECT_EQ(meter.PerSecond(absl::Seconds(2)), 10);
  EXPECT_EQ(meter.PerSecond(absl::Seconds(20)), 0);
}

TEST(RateMeterTest, TimesThatGoBackCountAsTheLatest) {
  RateMeter meter;
  meter.Add(kStart, 10);
  meter.Add(kStart - absl::Seconds(5), 10);
  EXPECT_EQ(meter.PerSecond(kStart), 20);
}

TEST(EtaTest, IsTheRestAtThePace) {
  EXPECT_EQ(Eta(100, 4), absl::Seconds(25));
  EXPECT_EQ(Eta(0, 0), absl::ZeroDuration());
  EXPECT_EQ(Eta(100, 0), std::nullopt);
}

}  // namespace
}  // namespace tikhaul
