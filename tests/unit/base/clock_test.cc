#include "common/base/clock.h"

#include <gtest/gtest.h>

#include <thread>

namespace tikhaul {
namespace {

TEST(ManualClockTest, MovesOnlyWhenTold) {
  ManualClock clock(absl::FromUnixSeconds(1000));
  const absl::Duration start = clock.Monotonic();
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(1000));
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(1005));
  EXPECT_EQ(clock.Monotonic() - start, absl::Seconds(5));
}

TEST(ManualClockTest, MayBeReadWhileItIsMoved) {
  ManualClock clock;
  std::thread mover([&] {
    for (int i = 0; i < 1000; ++i) clock.Advance(absl::Milliseconds(1));
  });
  absl::Duration last = clock.Monotonic();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = clock.Monotonic();
    ASSERT_GE(now, last);
    last = now;
  }
  mover.join();
  EXPECT_EQ(clock.Monotonic(), absl::Seconds(1));
}

TEST(SystemClockTest, AnOffsetShiftsTheWallClockOnly) {
  const SystemClock clock, shifted(absl::Hours(24 * 365));
  EXPECT_NEAR(absl::ToDoubleHours(shifted.Now() - clock.Now()), 24 * 365, 0.1);
  EXPECT_LT(absl::AbsDuration(shifted.Monotonic() - clock.Monotonic()), absl::Minutes(1));
}

}  // namespace
}  // namespace tikhaul
