#include "common/base/backoff.h"

#include <gtest/gtest.h>

#include <set>

namespace tikhaul {
namespace {

TEST(BackoffTest, DoublesFromTheFirstToTheCap) {
  const BackoffPolicy policy{.first = absl::Seconds(1), .cap = absl::Minutes(10)};
  const double whole = 1 - 1e-12;
  for (int failures = 1; failures <= 10; ++failures) {
    EXPECT_NEAR(absl::ToDoubleSeconds(BackoffDelay(policy, failures, whole)), static_cast<double>(1 << (failures - 1)),
                1e-6);
  }
  EXPECT_NEAR(absl::ToDoubleSeconds(BackoffDelay(policy, 11, whole)), 600, 1e-6);
}

TEST(BackoffTest, JitterLiesBetweenHalfAndWhole) {
  const BackoffPolicy policy{.first = absl::Seconds(4), .cap = absl::Minutes(1)};
  EXPECT_EQ(BackoffDelay(policy, 1, 0), absl::Seconds(2));
  EXPECT_EQ(BackoffDelay(policy, 1, 0.5), absl::Seconds(3));
}

TEST(BackoffTest, CountsOutOfReasonStayWithinTheCap) {
  const BackoffPolicy policy;
  for (const int failures : {-5, 0, 1, 31, 64, 1'000'000}) {
    const absl::Duration delay = BackoffDelay(policy, failures, 0.999);
    EXPECT_GT(delay, absl::ZeroDuration());
    EXPECT_LE(delay, policy.cap);
  }
}

TEST(RandomUnitTest, StaysInItsRangeAndVaries) {
  std::set<double> seen;
  for (int i = 0; i < 1000; ++i) {
    const double value = RandomUnit();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    seen.insert(value);
  }
  EXPECT_GT(seen.size(), 900u);
}

}  // namespace
}  // namespace tikhaul
