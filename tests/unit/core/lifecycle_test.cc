#include "coordinator/core/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/model/names.h"
#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = Utc("2026-03-10 15:00:00");

Chunk Ready() {
  Chunk chunk;
  chunk.id = 17;
  chunk.run_id = "bf-ads-1";
  chunk.extract = "ads";
  chunk.connection = "main";
  chunk.advertiser = "7";
  chunk.window = {WindowKind::kDays, Day("2026-01-01"), Day("2026-01-30")};
  chunk.epoch = 4;
  chunk.priority = 1;
  chunk.hinted_at = kNow - absl::Seconds(1);
  return chunk;
}

Chunk Running() { return DecideClaim(Ready(), "worker-1", kNow, std::nullopt, false).chunk; }

Failure Of(FailureClass failure_class) {
  Failure failure;
  failure.failure_class = failure_class;
  failure.code = 40002;
  failure.http_status = 200;
  failure.message = "what the API said";
  failure.request_id = "r-1";
  failure.exchange = "GET /x -> {}";
  failure.calls = 3;
  return failure;
}

FailureOutcome Fail(const Chunk& chunk, const Failure& failure, const FailurePolicy& policy = {}) {
  return DecideFailure(chunk, chunk.epoch, failure, kNow, 0.5, policy).value();
}

// Fails, is claimed and fails again until it is not ready any more; returns how often it failed, and the last outcome.
std::pair<int, FailureOutcome> FailUntilTheEnd(FailureClass failure_class) {
  Chunk chunk = Running();
  for (int failures = 1;; ++failures) {
    FailureOutcome outcome = Fail(chunk, Of(failure_class));
    if (outcome.chunk.state != ChunkState::kReady || failures == 50) return {failures, outcome};
    chunk = DecideClaim(outcome.chunk, "worker-1", absl::InfiniteFuture(), std::nullopt, false).chunk;
  }
}

TEST(ClaimTest, AGrantRaisesTheEpochAndNamesTheOwner) {
  const ClaimDecision decision = DecideClaim(Ready(), "worker-1", kNow, std::nullopt, false);
  ASSERT_EQ(decision.answer, ClaimAnswer::kGranted);
  EXPECT_EQ(decision.chunk.state, ChunkState::kRunning);
  EXPECT_EQ(decision.chunk.epoch, 5u);
  EXPECT_EQ(decision.chunk.owner, "worker-1");
  EXPECT_EQ(decision.chunk.attempts.deliveries, 1);
}

TEST(ClaimTest, EndedChunksAreGone) {
  for (const ChunkState state : {ChunkState::kDone, ChunkState::kSplit, ChunkState::kCancelled, ChunkState::kDead}) {
    Chunk chunk = Ready();
    chunk.state = state;
    const ClaimDecision decision = DecideClaim(chunk, "worker-1", kNow, "operator", false);
    EXPECT_EQ(decision.answer, ClaimAnswer::kGone);
    EXPECT_EQ(decision.chunk.epoch, 4u);
  }
}

TEST(ClaimTest, ALivingStreamKeepsItsChunk) {
  const ClaimDecision decision = DecideClaim(Running(), "worker-2", kNow, std::nullopt, true);
  EXPECT_EQ(decision.answer, ClaimAnswer::kOwned);
  EXPECT_THAT(decision.detail, HasSubstr("worker-1"));
}

TEST(ClaimTest, ARunningChunkWhoseStreamIsGoneIsGrantedAnew) {
  const ClaimDecision decision = DecideClaim(Running(), "worker-2", kNow, std::nullopt, false);
  ASSERT_EQ(decision.answer, ClaimAnswer::kGranted);
  EXPECT_EQ(decision.chunk.epoch, 6u);
  EXPECT_EQ(decision.chunk.owner, "worker-2");
}

TEST(ClaimTest, APauseHoldsReadyChunksBack) {
  const ClaimDecision decision = DecideClaim(Ready(), "worker-1", kNow, "operator", false);
  EXPECT_EQ(decision.answer, ClaimAnswer::kPaused);
  EXPECT_EQ(decision.detail, "operator");
}

TEST(ClaimTest, AChunkIsNotGrantedBeforeItsTime) {
  Chunk chunk = Ready();
  chunk.not_before = kNow + absl::Seconds(1);
  EXPECT_EQ(DecideClaim(chunk, "worker-1", kNow, std::nullopt, false).answer, ClaimAnswer::kLater);
  EXPECT_EQ(DecideClaim(chunk, "worker-1", chunk.not_before, std::nullopt, false).answer, ClaimAnswer::kGranted);
}

TEST(PublishTest, OnlyTheOwnersEpochPublishes) {
  const Chunk chunk = Running();
  const absl::StatusOr<Chunk> done = DecidePublish(chunk, chunk.epoch, 9);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->state, ChunkState::kDone);
  EXPECT_EQ(done->calls, 9u);
  for (const uint64_t other : {chunk.epoch - 1, chunk.epoch + 1}) {
    const absl::Status refused = DecidePublish(chunk, other, 9).status();
    EXPECT_TRUE(absl::IsAborted(refused));
    EXPECT_THAT(std::string(refused.message()), HasSubstr("stale epoch"));
  }
}

TEST(PublishTest, ADoneChunkIsNotPublishedTwice) {
  const Chunk chunk = Running();
  const Chunk done = *DecidePublish(chunk, chunk.epoch, 0);
  EXPECT_TRUE(absl::IsAborted(DecidePublish(done, chunk.epoch, 0).status()));
}

TEST(FailureTest, AStaleOwnersFailureChangesNothing) {
  const Chunk chunk = Running();
  EXPECT_TRUE(absl::IsAborted(DecideFailure(chunk, chunk.epoch - 1, Of(FailureClass::kCrash), kNow, 0.5).status()));
  EXPECT_TRUE(absl::IsAborted(DecideFailure(Ready(), 4, Of(FailureClass::kCrash), kNow, 0.5).status()));
}

TEST(FailureTest, EveryLossOfOwnershipRaisesTheEpochAndAddsTheCalls) {
  for (int i = static_cast<int>(FailureClass::kTransient); i <= static_cast<int>(FailureClass::kUnreachable); ++i) {
    const Chunk chunk = Running();
    const FailureOutcome outcome = Fail(chunk, Of(static_cast<FailureClass>(i)));
    EXPECT_EQ(outcome.chunk.epoch, chunk.epoch + 1) << i;
    EXPECT_EQ(outcome.chunk.owner, "") << i;
    EXPECT_EQ(outcome.chunk.calls, 3u) << i;
    EXPECT_NE(outcome.chunk.state, ChunkState::kRunning) << i;
    EXPECT_EQ(outcome.dead_letter.has_value(), outcome.chunk.state == ChunkState::kDead) << i;
    EXPECT_EQ(outcome.split_into.empty(), outcome.chunk.state != ChunkState::kSplit) << i;
    if (outcome.chunk.state == ChunkState::kReady) {
      EXPECT_EQ(outcome.chunk.hinted_at, absl::InfinitePast()) << i;
    }
  }
}

TEST(FailureTest, TransientOnesWaitLongerAndLonger) {
  Chunk chunk = Running();
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kTransient)).chunk.not_before, kNow + absl::Milliseconds(750));
  chunk.attempts.transient = 3;
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kTransient)).chunk.not_before, kNow + absl::Seconds(6));
}

TEST(FailureTest, CountedClassesDieAtTheirMaximum) {
  EXPECT_EQ(FailUntilTheEnd(FailureClass::kTransient).first, 12);
  EXPECT_EQ(FailUntilTheEnd(FailureClass::kDrift).first, 5);
  EXPECT_EQ(FailUntilTheEnd(FailureClass::kCrash).first, 4);
}

TEST(FailureTest, UncountedClassesNeverKillAndLeaveTheCountersAlone) {
  for (const FailureClass failure_class : {FailureClass::kThrottled, FailureClass::kAuth, FailureClass::kPermission,
                                           FailureClass::kStore, FailureClass::kReleased, FailureClass::kUnreachable}) {
    const auto [failures, outcome] = FailUntilTheEnd(failure_class);
    EXPECT_EQ(failures, 50);
    EXPECT_EQ(outcome.chunk.attempts.transient, 0);
    EXPECT_EQ(outcome.chunk.attempts.drift, 0);
    EXPECT_EQ(outcome.chunk.attempts.crash, 0);
  }
}

TEST(FailureTest, UncountedClassesWaitAsTheyShould) {
  const Chunk chunk = Running();
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kThrottled)).chunk.not_before, kNow + absl::Seconds(5));
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kStore)).chunk.not_before, kNow + absl::Seconds(2));
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kReleased)).chunk.not_before, kNow);
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kUnreachable)).chunk.not_before, kNow + absl::Milliseconds(7500));
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kDrift)).chunk.not_before, kNow + absl::Seconds(2));
}

TEST(FailureTest, ACrashGoesAgainAtOnceThenFromQuarantine) {
  Chunk chunk = Running();
  FailureOutcome outcome = Fail(chunk, Of(FailureClass::kCrash));
  EXPECT_EQ(outcome.chunk.not_before, kNow);
  EXPECT_FALSE(InQuarantine(outcome.chunk));
  chunk.attempts.crash = 1;
  outcome = Fail(chunk, Of(FailureClass::kCrash));
  EXPECT_EQ(outcome.chunk.not_before, kNow + absl::Seconds(15));
  EXPECT_TRUE(InQuarantine(outcome.chunk));
  chunk.attempts.crash = 2;
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kCrash)).chunk.not_before, kNow + absl::Seconds(30));
}

TEST(FailureTest, WhatLostItsWorkerGoesFirstUntilItIsHinted) {
  EXPECT_FALSE(IsLost(Ready())) << "it had none";
  for (const FailureClass failure_class : {FailureClass::kCrash, FailureClass::kReleased}) {
    Chunk chunk = Fail(Running(), Of(failure_class)).chunk;
    EXPECT_TRUE(IsLost(chunk));
    chunk.hinted_at = kNow;
    EXPECT_FALSE(IsLost(chunk));
  }
  EXPECT_FALSE(IsLost(Fail(Running(), Of(FailureClass::kTransient)).chunk));
}

TEST(FailureTest, AReleaseIsNotNotedAsAFailure) {
  Chunk chunk = Running();
  chunk.last_failure = FailureClass::kDrift;
  chunk.last_error = "before";
  const FailureOutcome outcome = Fail(chunk, Of(FailureClass::kReleased));
  EXPECT_EQ(outcome.chunk.last_failure, FailureClass::kDrift);
  EXPECT_EQ(outcome.chunk.last_error, "before");
}

TEST(FailureTest, AuthPausesTheConnectionAndNotTheChunk) {
  const FailureOutcome outcome = Fail(Running(), Of(FailureClass::kAuth));
  EXPECT_TRUE(outcome.pause_connection);
  EXPECT_EQ(outcome.chunk.state, ChunkState::kReady);
  EXPECT_FALSE(Fail(Running(), Of(FailureClass::kTransient)).pause_connection);
}

TEST(FailureTest, PermissionBlocksThePartThatIsClosed) {
  const FailureOutcome outcome = Fail(Running(), Of(FailureClass::kPermission));
  ASSERT_TRUE(outcome.access.has_value());
  EXPECT_EQ(outcome.access->state, AccessState::kNoGrant);
  EXPECT_EQ(outcome.access->message, "what the API said");
  EXPECT_EQ(outcome.access->retry_at, kNow + absl::Minutes(15));
  EXPECT_EQ(outcome.chunk.not_before, outcome.access->retry_at);
}

TEST(FailureTest, PermanentDiesAtOnceWithTheExchange) {
  const FailureOutcome outcome = Fail(Running(), Of(FailureClass::kPermanent));
  ASSERT_TRUE(outcome.dead_letter.has_value());
  EXPECT_EQ(outcome.dead_letter->chunk, 17);
  EXPECT_EQ(outcome.dead_letter->reason, FailureClass::kPermanent);
  EXPECT_EQ(outcome.dead_letter->code, 40002);
  EXPECT_EQ(outcome.dead_letter->http_status, 200);
  EXPECT_EQ(outcome.dead_letter->message, "what the API said");
  EXPECT_EQ(outcome.dead_letter->request_id, "r-1");
  EXPECT_EQ(outcome.dead_letter->exchange, "GET /x -> {}");
  EXPECT_EQ(outcome.dead_letter->died, kNow);
}

TEST(FailureTest, TheLastCountedFailureSaysHowMany) {
  const FailureOutcome outcome = FailUntilTheEnd(FailureClass::kCrash).second;
  EXPECT_THAT(outcome.chunk.last_error, HasSubstr("after 4 failures of class crash"));
  EXPECT_THAT(outcome.chunk.last_error, HasSubstr("what the API said"));
  EXPECT_EQ(outcome.dead_letter->message, outcome.chunk.last_error);
}

TEST(FailureTest, TooBigSplitsByDaysAndChildrenBeginAfresh) {
  Chunk chunk = Running();
  chunk.attempts.transient = 6;
  chunk.only_metrics = "clicks";
  const FailureOutcome outcome = Fail(chunk, Of(FailureClass::kTooBig));
  EXPECT_EQ(outcome.chunk.state, ChunkState::kSplit);
  const std::vector<Chunk> children = ChildrenOf(outcome.chunk, outcome.split_into);
  ASSERT_THAT(children, SizeIs(2));
  EXPECT_EQ(children[0].only_metrics, chunk.only_metrics);
  EXPECT_EQ(FormatWindow(children[0].window), "2026-01-16..2026-01-30");
  EXPECT_EQ(FormatWindow(children[1].window), "2026-01-01..2026-01-15");
  for (const Chunk& child : children) {
    EXPECT_EQ(child.id, 0);
    EXPECT_EQ(child.parent, 17);
    EXPECT_EQ(child.state, ChunkState::kReady);
    EXPECT_EQ(child.run_id + child.extract + child.connection + child.advertiser, "bf-ads-1adsmain7");
    EXPECT_EQ(child.priority, 1);
    EXPECT_EQ(child.attempts.transient, 0);
    EXPECT_EQ(child.calls, 0u);
  }
}

TEST(FailureTest, TooBigForOneDayDiesAndSaysWhatToDo) {
  Chunk chunk = Running();
  chunk.window.last = chunk.window.first;
  const FailureOutcome outcome = Fail(chunk, Of(FailureClass::kTooBig));
  EXPECT_EQ(outcome.chunk.state, ChunkState::kDead);
  EXPECT_THAT(outcome.chunk.last_error, HasSubstr("filters"));
}

TEST(FailureTest, TooBigForOneDayIsNarrowedByFewerAndFewerIds) {
  Chunk chunk = Running();
  chunk.window.last = chunk.window.first;
  FailurePolicy policy;
  policy.may_slice = true;
  std::vector<uint32_t> sizes;
  for (policy.slice_ids = 0; sizes.size() < 20;) {
    const FailureOutcome outcome = Fail(chunk, Of(FailureClass::kTooBig), policy);
    if (outcome.chunk.state == ChunkState::kDead) break;
    ASSERT_EQ(outcome.chunk.state, ChunkState::kReady);
    EXPECT_EQ(outcome.chunk.not_before, kNow);
    ASSERT_TRUE(outcome.slice_ids.has_value());
    sizes.push_back(*outcome.slice_ids);
    policy.slice_ids = *outcome.slice_ids;
  }
  EXPECT_THAT(sizes, ElementsAre(100, 50, 25, 12, 6, 3, 1));
}

TEST(FailureTest, ATimeOutOfTheSmallestRequestIsWaitedForSomeTimes) {
  Chunk chunk = Running();
  chunk.window.last = chunk.window.first;
  Failure time_out = Of(FailureClass::kTooBig);
  time_out.code = 0;
  for (int i = 0; i < 5; ++i) {
    const FailureOutcome outcome = Fail(chunk, time_out);
    ASSERT_EQ(outcome.chunk.state, ChunkState::kReady) << i;
    EXPECT_EQ(outcome.chunk.not_before, kNow + absl::Minutes(10));
    chunk.attempts = outcome.chunk.attempts;
  }
  const FailureOutcome last = Fail(chunk, time_out);
  EXPECT_EQ(last.chunk.state, ChunkState::kDead);
  EXPECT_THAT(last.chunk.last_error, HasSubstr("filters"));
  chunk.attempts = {};
  time_out.http_status = 413;
  EXPECT_EQ(Fail(chunk, time_out).chunk.state, ChunkState::kDead) << "too large is not too slow";
}

TEST(FailureTest, DriftThatDoesNotEndIsSplitByDays) {
  Chunk chunk = Running();
  chunk.attempts.drift = 4;
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kDrift)).chunk.state, ChunkState::kSplit);
  chunk.window.last = chunk.window.first;
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kDrift)).chunk.state, ChunkState::kDead);
}

TEST(FailureTest, WhatPagesCannotMakeWholeComesByATaskFromThenOn) {
  Chunk day = Running();
  day.window.last = day.window.first;
  day.attempts.drift = 4;
  FailurePolicy policy;
  policy.may_task = policy.may_pages = true;
  for (const FailureClass failure : {FailureClass::kTruncated, FailureClass::kTooBig, FailureClass::kDrift}) {
    const FailureOutcome outcome = Fail(day, Of(failure), policy);
    EXPECT_EQ(outcome.chunk.state, ChunkState::kReady) << Name(failure);
    EXPECT_EQ(outcome.chunk.not_before, kNow);
    EXPECT_EQ(outcome.road, Road::kTask) << Name(failure);
  }
  EXPECT_EQ(Fail(Running(), Of(FailureClass::kTooBig), policy).chunk.state, ChunkState::kSplit) << "days come first";
  policy.may_slice = true;
  EXPECT_EQ(Fail(day, Of(FailureClass::kTooBig), policy).slice_ids, 100u) << "then ids";
  policy.first_slice = 30;
  EXPECT_EQ(Fail(day, Of(FailureClass::kTooBig), policy).slice_ids, 30u);
  policy.may_task = false;
  EXPECT_EQ(Fail(day, Of(FailureClass::kTruncated), policy).chunk.state, ChunkState::kDead);
}

TEST(FailureTest, ARefusedTaskGoesOverToPages) {
  FailurePolicy policy;
  policy.may_pages = true;
  for (const FailureClass failure : {FailureClass::kPermanent, FailureClass::kPermission}) {
    Failure refused = Of(failure);
    refused.road = Road::kTask;
    const FailureOutcome outcome = Fail(Running(), refused, policy);
    EXPECT_EQ(outcome.chunk.state, ChunkState::kReady) << Name(failure);
    EXPECT_EQ(outcome.road, Road::kPages) << Name(failure);
    EXPECT_FALSE(outcome.access.has_value());
    EXPECT_FALSE(Fail(Running(), refused).road.has_value()) << "there are no pages to go over to";
    EXPECT_FALSE(Fail(Running(), Of(failure), policy).road.has_value()) << "it was no task";
  }
}

TEST(FailureTest, ATaskThatIsTooBigIsSplitByDaysButNotByIds) {
  Failure failure = Of(FailureClass::kTooBig);
  failure.road = Road::kTask;
  FailurePolicy policy;
  policy.may_slice = true;
  EXPECT_EQ(Fail(Running(), failure, policy).chunk.state, ChunkState::kSplit);
  Chunk day = Running();
  day.window.last = day.window.first;
  EXPECT_EQ(Fail(day, failure, policy).chunk.state, ChunkState::kDead);
  policy.may_pages = true;
  EXPECT_EQ(Fail(day, failure, policy).road, Road::kPages);
}

FailurePolicy Wide() {
  FailurePolicy policy;
  policy.advised_windows = {{WindowKind::kCreated, Day("2025-09-01"), Day("2026-02-28")},
                            {WindowKind::kCreated, Day("2025-03-01"), Day("2025-08-31")}};
  return policy;
}

TEST(FailureTest, ReadsOfAllObjectsAreCutByCreationWhenTheyFail) {
  Chunk chunk = Running();
  chunk.window = Window{};
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kTooBig), Wide()).split_into, Wide().advised_windows);
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kTransient), Wide()).chunk.state, ChunkState::kReady);
  chunk.attempts.transient = 2;
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kTransient), Wide()).split_into, Wide().advised_windows);
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kPermanent), Wide()).chunk.state, ChunkState::kDead)
      << "reading all is allowed, so the fault lies elsewhere";
}

TEST(FailureTest, ALongWindowOfCreationThatIsRefusedIsCut) {
  Chunk chunk = Running();
  chunk.window = {WindowKind::kCreated, Day("2025-03-01"), Day("2026-02-28")};
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kPermanent), Wide()).split_into, Wide().advised_windows);
  EXPECT_EQ(Fail(chunk, Of(FailureClass::kPermanent)).chunk.state, ChunkState::kDead);
}

TEST(FailureTest, OneAdvisedWindowIsHalved) {
  Chunk chunk = Running();
  chunk.window = Window{};
  FailurePolicy policy;
  policy.advised_windows = {{WindowKind::kCreated, Day("2026-01-01"), Day("2026-01-02")}};
  EXPECT_THAT(Fail(chunk, Of(FailureClass::kTooBig), policy).split_into,
              ElementsAre(Window{WindowKind::kCreated, Day("2026-01-02"), Day("2026-01-02")},
                          Window{WindowKind::kCreated, Day("2026-01-01"), Day("2026-01-01")}));
}

TEST(FailureTest, WindowsThatDoNotAddUpAreNotSplit) {
  FailurePolicy policy;
  policy.may_split = false;
  EXPECT_EQ(Fail(Running(), Of(FailureClass::kTooBig), policy).chunk.state, ChunkState::kDead);
}

TEST(FailureTest, TruncatedDiesAndNamesTheLimit) {
  const FailureOutcome outcome = Fail(Running(), Of(FailureClass::kTruncated));
  EXPECT_EQ(outcome.chunk.state, ChunkState::kDead);
  EXPECT_THAT(outcome.dead_letter->message, HasSubstr("20,000"));
}

TEST(CancelTest, OnlyReadyAndRunningChunksAreCancelled) {
  for (const Chunk& chunk : {Ready(), Running()}) {
    const std::optional<Chunk> cancelled = DecideCancel(chunk);
    ASSERT_TRUE(cancelled.has_value());
    EXPECT_EQ(cancelled->state, ChunkState::kCancelled);
    EXPECT_EQ(cancelled->epoch, chunk.epoch + 1);
  }
  Chunk done = Running();
  done.state = ChunkState::kDone;
  EXPECT_FALSE(DecideCancel(done).has_value());
}

TEST(RetryTest, ADeadChunkStartsAfreshUnderANewEpoch) {
  const Chunk dead = FailUntilTheEnd(FailureClass::kTransient).second.chunk;
  const absl::StatusOr<Chunk> again = DecideRetry(dead);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->state, ChunkState::kReady);
  EXPECT_EQ(again->epoch, dead.epoch + 1);
  EXPECT_EQ(again->attempts.transient, 0);
  EXPECT_EQ(again->attempts.deliveries, dead.attempts.deliveries);
  EXPECT_EQ(again->not_before, absl::InfinitePast());
}

TEST(RetryTest, OnlyDeadChunksAreRetried) {
  EXPECT_TRUE(absl::IsFailedPrecondition(DecideRetry(Ready()).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(DecideRetry(Running()).status()));
}

TEST(RunStateTest, FollowsFromTheChunks) {
  EXPECT_EQ(RunStateAfter({.ready = 1, .done = 5, .dead = 1}), RunState::kRunning);
  EXPECT_EQ(RunStateAfter({.running = 1, .cancelled = 1}), RunState::kRunning);
  EXPECT_EQ(RunStateAfter({.done = 5, .split = 1}), RunState::kDone);
  EXPECT_EQ(RunStateAfter({.done = 5, .dead = 1}), RunState::kPartial);
  EXPECT_EQ(RunStateAfter({.done = 5, .cancelled = 1, .dead = 1}), RunState::kCancelled);
  EXPECT_EQ(RunStateAfter({}), RunState::kDone);
}

}  // namespace
}  // namespace tikhaul
