// What follows when the API says "too many requests", step by step. Time passes by moving the instants in Redis back.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/integration/quota/quota_fixture.h"

namespace tikhaul {
namespace {

class ThrottleStepsTest : public QuotaFixture {
 protected:
  void SetUp() override { Open(scripts_); }
  static absl::Duration Throttled(QuotaScripts& scripts, absl::Duration age = absl::ZeroDuration()) {
    const auto frozen_for = scripts.Throttled(age);
    EXPECT_TRUE(frozen_for.ok()) << frozen_for.status();
    return frozen_for.value_or(absl::ZeroDuration());
  }
  void Pass(absl::Duration time) {
    for (const char* field : {"frozen", "thawed", "began", "factored", "widened_at"}) {
      server_.Ask(absl::StrCat("HINCRBY ", Key("state"), " ", field, " -", absl::ToInt64Microseconds(time)));
    }
  }

  QuotaScripts scripts_ = Scripts(Limits());
};

INSTANTIATE_TEST_SUITE_P(Ways, ThrottleStepsTest, ::testing::Values(RedisWay::kPlain, RedisWay::kTls),
                         [](const auto& info) { return RedisWayName(info.param); });

TEST_P(ThrottleStepsTest, FirstOneToTwoSeconds) {
  const absl::Duration pause = Throttled(scripts_);
  EXPECT_GE(pause, absl::Seconds(1));
  EXPECT_LE(pause, absl::Seconds(2));
  const auto grant = Acquire(scripts_, 1);
  EXPECT_EQ(grant.count(), 0u);
  EXPECT_GT(grant.frozen_for, absl::ZeroDuration());
  EXPECT_LE(grant.frozen_for, pause);
  Pass(pause);
  EXPECT_EQ(Acquire(scripts_, 1).count(), 1u);
}

TEST_P(ThrottleStepsTest, WhatWasUnderWayCountsOnce) {
  const absl::Duration pause = Throttled(scripts_);
  for (int i = 0; i < 10; ++i) EXPECT_LE(Throttled(scripts_, absl::Milliseconds(i)), pause);
  EXPECT_DOUBLE_EQ(State(scripts_).limit_factor, 0.9);
  EXPECT_GT(State(scripts_).guard_added, absl::Milliseconds(4.9));
  EXPECT_LE(State(scripts_).guard_added, absl::Milliseconds(5));
  Pass(pause);
  EXPECT_EQ(Throttled(scripts_, absl::Seconds(10)), absl::ZeroDuration()) << "an answer that came late";
  EXPECT_EQ(Acquire(scripts_, kPerSecond).count(), kPerSecond * 9 / 10);
  EXPECT_EQ(Acquire(scripts_, 1).count(), 0u);
}

TEST_P(ThrottleStepsTest, RefusedAgainAtOnceIsTheMinutesPenalty) {
  Throttled(scripts_);
  Pass(absl::Seconds(3));
  EXPECT_EQ(absl::Trunc(Throttled(scripts_), absl::Seconds(1)), absl::Minutes(5));
  EXPECT_GT(Acquire(scripts_, 1).frozen_for, absl::Seconds(299));
}

TEST_P(ThrottleStepsTest, StillRefusedIsTheDaysPenalty) {
  Throttled(scripts_);
  Pass(absl::Seconds(3));
  Throttled(scripts_);
  Pass(absl::Seconds(301));
  const absl::Duration pause = Throttled(scripts_);
  const absl::Time end = clock_.Now() + pause;
  const absl::Time midnight = absl::UnixEpoch() + absl::Ceil(clock_.Now() - absl::UnixEpoch(), absl::Hours(24));
  EXPECT_GE(end, midnight);
  EXPECT_LE(end, midnight + absl::Seconds(3));
  Pass(pause);
  EXPECT_EQ(Acquire(scripts_, 1).count(), 1u);
}

TEST_P(ThrottleStepsTest, RefusedLongAfterIsAFirstTime) {
  Throttled(scripts_);
  Pass(absl::Minutes(10));
  EXPECT_LE(Throttled(scripts_), absl::Seconds(2));
}

TEST_P(ThrottleStepsTest, AGoodAnswerMakesTheNextRefusalAFirstOne) {
  Throttled(scripts_);
  Pass(absl::Seconds(3));
  EXPECT_TRUE(Acquire(scripts_, 1).on_probation);
  ASSERT_TRUE(scripts_.Answered(absl::ZeroDuration()).ok());
  EXPECT_FALSE(Acquire(scripts_, 1).on_probation);
  EXPECT_LE(Throttled(scripts_), absl::Seconds(2));
}

TEST_P(ThrottleStepsTest, AGoodAnswerFromBeforeSaysNothing) {
  Throttled(scripts_);
  Pass(absl::Seconds(3));
  ASSERT_TRUE(scripts_.Answered(absl::Seconds(10)).ok());
  EXPECT_GT(Throttled(scripts_), absl::Minutes(4));
  ASSERT_TRUE(scripts_.Answered(absl::Seconds(10)).ok());
  EXPECT_GT(State(scripts_).frozen_for, absl::Minutes(4));
}

// Calls that leave together after a pause: one is refused, the others' answers show that no penalty lies on the app.
TEST_P(ThrottleStepsTest, AGoodAnswerEndsALongPauseThatItDisproves) {
  Throttled(scripts_);
  Pass(absl::Seconds(3));
  EXPECT_GT(Throttled(scripts_, absl::Milliseconds(100)), absl::Minutes(4));
  ASSERT_TRUE(scripts_.Answered(absl::Milliseconds(100)).ok());
  EXPECT_LE(State(scripts_).frozen_for, absl::Seconds(1));
}

TEST_P(ThrottleStepsTest, LimitsRecoverByAPercentAMinute) {
  Throttled(scripts_);
  Pass(absl::Minutes(4) + absl::Seconds(1));
  EXPECT_DOUBLE_EQ(State(scripts_).limit_factor, 0.94);
  Pass(absl::Hours(2));
  EXPECT_DOUBLE_EQ(State(scripts_).limit_factor, 1.0);
}

TEST_P(ThrottleStepsTest, LimitsAreCutToHalfAtMost) {
  for (int i = 0; i < 20; ++i) {
    Throttled(scripts_);
    Pass(absl::Hours(24));
    server_.Ask(absl::StrCat("HINCRBY ", Key("state"), " factored ", absl::ToInt64Microseconds(absl::Hours(24))));
  }
  EXPECT_DOUBLE_EQ(State(scripts_).limit_factor, 0.5);
}

TEST_P(ThrottleStepsTest, TheGuardGrowsAndGoesBackWithinAnHour) {
  Throttled(scripts_);
  Pass(absl::Seconds(3));
  Throttled(scripts_);
  EXPECT_GT(State(scripts_).guard_added, absl::Milliseconds(9));
  EXPECT_LE(State(scripts_).guard_added, absl::Milliseconds(10));
  Pass(absl::Minutes(30));
  EXPECT_GT(State(scripts_).guard_added, absl::Milliseconds(4));
  EXPECT_LE(State(scripts_).guard_added, absl::Milliseconds(5));
  Pass(absl::Hours(1));
  EXPECT_EQ(State(scripts_).guard_added, absl::ZeroDuration());
}

TEST_P(ThrottleStepsTest, AGuardOfFiftyMillisecondsGrowsNoMore) {
  QuotaLimits limits = Limits();
  limits.guard = absl::Milliseconds(48);
  QuotaScripts scripts = Scripts(limits);
  Throttled(scripts);
  EXPECT_GT(State(scripts).guard_added, absl::Milliseconds(1.9));
  EXPECT_LE(State(scripts).guard_added, absl::Milliseconds(2));
}

TEST_P(ThrottleStepsTest, AFreezeOfAClosedQuotaOutlivesTheSeed) {
  server_.FlushAll();
  Throttled(scripts_);
  EXPECT_TRUE(Acquire(scripts_, 1).closed);
  Open(scripts_);
  EXPECT_GT(Acquire(scripts_, 1).frozen_for, absl::ZeroDuration());
}

}  // namespace
}  // namespace tikhaul
