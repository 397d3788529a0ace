#include "coordinator/core/scaling.h"

#include <gtest/gtest.h>

namespace tikhaul {
namespace {

constexpr ScalingLimits kLimits = {.slots = 16, .calls_in_flight = 32, .most = 64};

uint32_t Wanted(ScalingFacts facts) { return DecideWorkers(facts, kLimits).wanted; }

TEST(ScalingTest, NothingToDoWantsNobody) {
  EXPECT_EQ(Wanted({.runnable = 0, .calls_allowed = 600, .latency = absl::Seconds(1), .calls_under_way = 16}), 0u);
}

TEST(ScalingTest, ASmallBacklogWantsWhatItCanKeepBusy) {
  EXPECT_EQ(Wanted({.runnable = 1, .calls_allowed = 600, .latency = absl::Seconds(1), .calls_under_way = 16}), 1u);
  EXPECT_EQ(Wanted({.runnable = 17, .calls_allowed = 600, .latency = absl::Seconds(1), .calls_under_way = 16}), 2u);
}

TEST(ScalingTest, ALargeBacklogWantsWhatTheQuotaFeedsAndOneMore) {
  ScalingFacts facts{.runnable = 1'000'000, .calls_allowed = 10, .latency = absl::Seconds(1), .calls_under_way = 16};
  EXPECT_EQ(Wanted(facts), 2u);  // ten calls at once are less than one worker has
  facts.calls_allowed = 50;
  EXPECT_EQ(Wanted(facts), 5u);  // 50 / 16, rounded up, and one
  facts.latency = absl::Seconds(3);
  EXPECT_EQ(Wanted(facts), 11u);  // slower answers need more under way
  facts.calls_allowed = 0;
  EXPECT_EQ(Wanted(facts), 1u);
}

TEST(ScalingTest, NeverMoreThanTheLimit) {
  EXPECT_EQ(Wanted({.runnable = 1'000'000, .calls_allowed = 10'000, .latency = absl::Minutes(1), .calls_under_way = 1}),
            64u);
  EXPECT_EQ(DecideWorkers({.runnable = 9, .calls_allowed = 10, .latency = absl::Seconds(1), .calls_under_way = 0},
                          {.slots = 1, .calls_in_flight = 1, .most = 1})
                .wanted,
            1u);
}

class WorkerDemandTest : public ::testing::Test {
 protected:
  uint32_t After(absl::Duration pause, uint64_t runnable, double allowed) {
    now_ += pause;
    return demand_.Wanted(now_, runnable, allowed);
  }

  WorkerDemand demand_{kLimits};
  absl::Duration now_ = absl::Hours(100);
};

TEST_F(WorkerDemandTest, RisesAtOnceAndFallsAfterTheHold) {
  EXPECT_EQ(After({}, 16 * 20, 1e6), 20u);
  EXPECT_EQ(After(absl::Seconds(2), 16 * 30, 1e6), 30u);
  EXPECT_EQ(After(absl::Seconds(2), 16, 1e6), 30u);
  EXPECT_EQ(After(absl::Seconds(50), 16, 1e6), 30u);
  EXPECT_EQ(After(absl::Seconds(12), 16, 1e6), 1u);
  EXPECT_EQ(After(absl::Seconds(2), 16 * 5, 1e6), 5u);
}

TEST_F(WorkerDemandTest, AShortPauseOfTheQuotaSendsNobodyAway) {
  EXPECT_EQ(After({}, 100'000, 320), 11u);  // one second until calls were seen, 32 at once
  EXPECT_EQ(After(absl::Seconds(2), 100'000, 0), 11u);
  EXPECT_EQ(After(absl::Seconds(2), 100'000, 320), 11u);
  EXPECT_EQ(After(absl::Seconds(70), 100'000, 0), 1u);
}

TEST_F(WorkerDemandTest, LearnsLatencyAndWhatAWorkerDoes) {
  // Two workers with all slots busy have 8 calls under way each, which take two seconds.
  demand_.Learn({.calls_per_second = 8, .calls_under_way = 16, .running = 32}, 100);
  EXPECT_EQ(demand_.facts().latency, absl::Seconds(2));
  EXPECT_DOUBLE_EQ(demand_.facts().calls_under_way, 8);
  EXPECT_EQ(After({}, 100'000, 100), 26u);  // 100 x 2 / 8, and one
}

TEST_F(WorkerDemandTest, WhileTheQuotaHoldsCallsUpOnlyTheLatencyIsLearned) {
  demand_.Learn({.calls_per_second = 50, .calls_under_way = 100, .running = 160}, 100);
  EXPECT_DOUBLE_EQ(demand_.facts().calls_under_way, 10);
  // The quota is used: more workers would have fewer calls each, and that must not ask for more workers still.
  demand_.Learn({.calls_per_second = 99, .calls_under_way = 198, .running = 1024}, 100);
  EXPECT_DOUBLE_EQ(demand_.facts().calls_under_way, 10);
  EXPECT_EQ(After({}, 100'000, 100), 21u);
  demand_.Learn({.calls_per_second = 99, .calls_under_way = 49.5, .running = 1024}, 100);
  EXPECT_EQ(After(absl::Seconds(70), 100'000, 100), 6u);  // answers come sooner again
}

TEST_F(WorkerDemandTest, ALongerBacklogThanIsOfInterestChangesNothing) {
  const uint64_t most = demand_.MostOfInterest(320);
  EXPECT_EQ(most, 11u * 16);
  EXPECT_EQ(After({}, most, 320), 11u);
  EXPECT_EQ(After(absl::Seconds(2), 100 * most, 320), 11u);
}

TEST_F(WorkerDemandTest, SilenceTeachesNothing) {
  demand_.Learn({.calls_per_second = 8, .calls_under_way = 16, .running = 32}, 100);
  demand_.Learn({}, 100);
  EXPECT_EQ(demand_.facts().latency, absl::Seconds(2));
  EXPECT_DOUBLE_EQ(demand_.facts().calls_under_way, 8);
}

}  // namespace
}  // namespace tikhaul
