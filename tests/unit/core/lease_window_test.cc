#include "coordinator/core/lease_window.h"

#include <gtest/gtest.h>

#include <deque>

namespace tikhaul {
namespace {

constexpr absl::CivilDay kDay(2026, 6, 15);

LeaseLimits Limits(uint32_t second, uint32_t minute, uint64_t day) {
  return {.per_second = second, .per_minute = minute, .per_day = day, .guard = absl::Milliseconds(15)};
}

TEST(LeaseWindowTest, FourFifthsOfTheSecond) {
  LeaseWindow window(Limits(10, 600, 1000), absl::Seconds(100), 0, kDay, 0);
  const absl::Duration now = absl::Seconds(110);
  EXPECT_EQ(window.Free(now, kDay), 8u);
  window.Take(now, 5);
  EXPECT_EQ(window.Free(now + absl::Milliseconds(1000), kDay), 3u);
  EXPECT_EQ(window.Free(now + absl::Milliseconds(1015), kDay), 8u);
  EXPECT_EQ(window.today(), 5u);
  EXPECT_EQ(window.last_minute(), 5u);
}

TEST(LeaseWindowTest, AtLeastOneCall) {
  LeaseWindow window(Limits(1, 60, 1000), absl::ZeroDuration(), 0, kDay, 0);
  EXPECT_EQ(window.Free(absl::Seconds(10), kDay), 1u);
}

TEST(LeaseWindowTest, WhatRedisGrantedCountsInTheMinute) {
  LeaseWindow window(Limits(10, 600, 1'000'000), absl::Seconds(100), 600, kDay, 0);
  EXPECT_EQ(window.Free(absl::Seconds(100), kDay), 0u);
  EXPECT_EQ(window.Wait(absl::Seconds(100)), absl::Seconds(1) + absl::Milliseconds(15));
  EXPECT_EQ(window.Free(absl::Seconds(101.5), kDay), 8u) << "the first tenth of a minute has left";
  EXPECT_GE(window.last_minute(), 580u);
}

TEST(LeaseWindowTest, TheDayHoldsAndStartsAnew) {
  LeaseWindow window(Limits(10, 600, 100), absl::Seconds(100), 0, kDay, 97);
  EXPECT_EQ(window.Free(absl::Seconds(110), kDay), 3u);
  window.Take(absl::Seconds(110), 3);
  EXPECT_EQ(window.Free(absl::Seconds(120), kDay), 0u);
  EXPECT_GT(window.Wait(absl::Seconds(120)), absl::Seconds(1));
  EXPECT_EQ(window.Free(absl::Seconds(130), kDay + 1), 8u);
  EXPECT_EQ(window.today(), 0u);
}

// Taking all there is, whenever there is some: never more than the limits in any second or minute, and nearly 80 %.
TEST(LeaseWindowTest, NoWindowHoldsMoreThanIsAllowed) {
  LeaseWindow window(Limits(10, 300, 1'000'000), absl::Seconds(100), 0, kDay, 0);
  std::deque<absl::Duration> taken;
  absl::Duration now = absl::Seconds(110);
  while (now < absl::Seconds(300)) {
    const uint64_t free = window.Free(now, kDay);
    window.Take(now, free);
    taken.insert(taken.end(), free, now);
    now += window.Free(now, kDay) > 0 ? absl::Milliseconds(1) : window.Wait(now);
  }
  for (size_t first = 0, last = 0; last < taken.size(); ++last) {
    while (taken[last] - taken[first] > absl::Seconds(1)) ++first;
    ASSERT_LE(last - first + 1, 8u);
  }
  for (size_t first = 0, last = 0; last < taken.size(); ++last) {
    while (taken[last] - taken[first] > absl::Minutes(1)) ++first;
    ASSERT_LE(last - first + 1, 300u);
  }
  EXPECT_GT(taken.size(), 850u) << "three minutes of 300";
}

}  // namespace
}  // namespace tikhaul
