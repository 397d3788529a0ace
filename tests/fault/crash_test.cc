// Processes that die in the middle: afterwards everything is there, once.
#include <gmock/gmock.h>
#include <signal.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/fault/fault_test_util.h"

namespace tikhaul {
namespace {

using ::testing::IsEmpty;

TEST(CrashTest, AKilledWorkerLosesNothing) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.options().workers = 2;
  cluster.Start();
  cluster.Backfill();
  for (int i = 1; i <= 3; ++i) {
    AwaitDone(cluster, 12 * i);
    cluster.Kill9("worker-0");
    cluster.StartWorker(0);
  }
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
}

TEST(CrashTest, TheOnlyWorkerKilledIsMissedForSecondsOnly) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  const uint64_t done = Done(AwaitDone(cluster, 10));
  const SystemClock clock;
  const absl::Duration start = clock.Monotonic();
  cluster.Kill9("worker-0");
  cluster.StartWorker(0);
  AwaitDone(cluster, done + 8);                             // more than what was in the middle of being committed
  EXPECT_LT(clock.Monotonic() - start, absl::Seconds(15));  // at once, not when a lease would end
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
}

TEST(CrashTest, AKilledCoordinatorLosesNothing) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  for (int i = 1; i <= 3; ++i) {
    AwaitDoneInStore(cluster, 12 * i);
    cluster.Kill9("coordinator");
    cluster.StartCoordinator();
    cluster.AwaitCoordinator();
  }
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
}

TEST(CrashTest, EverythingKilledAtOnceLosesNothing) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 15);
  cluster.Kill9("worker-0");
  cluster.Kill9("coordinator");
  cluster.redis().Kill();
  cluster.redis().Start();
  cluster.Start();
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
}

TEST(CrashTest, ATerminatedWorkerGivesItsChunksBackWithoutBlame) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 10);
  EXPECT_LT(cluster.Term("worker-0"), absl::Seconds(20));
  cluster.AwaitStatus("nothing runs", [](const v1::Status& status) {
    for (const v1::ExtractProgress& extract : status.extracts()) {
      if (extract.chunks().running() > 0) return false;
    }
    return true;
  });
  EXPECT_FALSE(cluster.GetStatus().idle()) << "the job was over before the worker stopped: the test proves nothing";
  cluster.StartWorker(0);
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

// A worker that is told to stop while its first chunks run. Gives how many of them were done, and how many not.
std::pair<int64_t, int64_t> ChunksOfAWorkerWithGrace(const std::string& seconds) {
  TestCluster cluster(
      {.extracts = YamlOf({{.name = "campaigns", .stream = "campaigns"}}), .latency_ms = 2000, .slots = 4});
  cluster.options().more_flags = [&](const std::string& process) {
    return process == "worker-0" ? std::vector<std::string>{"--grace", seconds} : std::vector<std::string>{};
  };
  cluster.Start();
  cluster.Backfill();
  cluster.AwaitStatus("a chunk runs", [](const v1::Status& status) {
    return status.extracts_size() > 0 && status.extracts(0).chunks().running() > 0;
  });
  cluster.Term("worker-0");
  EXPECT_EQ(cluster.QueryInt("SELECT sum(crash_attempts) FROM tikhaul_chunk"), 0);
  return {cluster.QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE state = 'done'"),
          cluster.QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE epoch > 0 AND state <> 'done'")};
}

TEST(CrashTest, GraceDecidesWhetherATerminatedWorkerFinishesItsChunks) {
  const auto [finished, left] = ChunksOfAWorkerWithGrace("60");
  EXPECT_GT(finished, 0);
  EXPECT_EQ(left, 0);
  const auto [finished_at_once, given_back] = ChunksOfAWorkerWithGrace("0");
  EXPECT_EQ(finished_at_once, 0);
  EXPECT_GT(given_back, 0);
}

TEST(CrashTest, ATerminatedCoordinatorGivesChunksBackWithoutBlame) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 10);
  EXPECT_LT(cluster.Term("coordinator"), absl::Seconds(25));
  cluster.StartCoordinator();
  cluster.AwaitCoordinator();
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

TEST(CrashTest, ACoordinatorThatWaitsForTheApiStopsAtOnce) {
  TestCluster cluster(SlowCluster(MidSizedJob()));
  cluster.Fault(R"({"kind": "hang", "seconds": 30, "match": {"path": "advertiser/info/"}, "times": -1})");
  cluster.StartCoordinator();
  cluster.AwaitCoordinator();
  ASSERT_TRUE(Eventually([&] { return cluster.FaultHits() > 0; }));
  EXPECT_LT(cluster.Term("coordinator"), absl::Seconds(25));  // the hanging call lasts 30 s
}

TEST(CrashTest, AFrozenWorkersChunksGoToAnother) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.options().workers = 2;
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 10);
  kill(cluster.Pid("worker-0"), SIGSTOP);
  const v1::Status status = cluster.WaitIdle();
  EXPECT_EQ(status.dead_letters(), 0u);
  kill(cluster.Pid("worker-0"), SIGCONT);  // a zombie now: what it still has must not land
  ExpectWholeAndOnce(cluster, wanted);
  cluster.AwaitStatus("the zombie is told", [](const v1::Status& status) { return status.idle(); });
  ExpectWholeAndOnce(cluster, wanted);
}

}  // namespace
}  // namespace tikhaul
