// Redis forgets, dies, is late or is not there at all: it holds hints and the quota, never the truth.
#include "tests/fault/fault_test_util.h"

namespace tikhaul {
namespace {

TEST(RedisFaultTest, AFlushLosesNothingAndTheQuotaHolds) {
  const std::vector<Wanted> wanted = MidSizedJob();
  ClusterOptions options = SlowCluster(wanted);
  options.per_second = 50;
  options.per_minute = 3000;
  options.slots = 16;  // more than the quota lets through, so that it is the bound
  TestCluster cluster(options);
  cluster.Start();
  cluster.Backfill();
  for (int i = 1; i <= 2; ++i) {
    AwaitDone(cluster, 20 * i);
    cluster.redis().FlushAll();
  }
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
  EXPECT_LE(cluster.Stat("most_arrived_per_second"), 50);
}

TEST(RedisFaultTest, AKilledRedisIsWaitedFor) {
  const std::vector<Wanted> wanted = MidSizedJob();
  ClusterOptions options = SlowCluster(wanted);
  options.per_second = 50;
  options.per_minute = 3000;
  TestCluster cluster(options);
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 20);
  cluster.redis().Kill();
  cluster.AwaitStatus("the fault is told", [](const v1::Status& status) {
    return HasFault(status, "redis:") && !status.queue_connected() && status.quota().state() != "open";
  });
  tikhaul::SleepFor(absl::Seconds(1));  // tokens that were granted before are used up or too old by now
  const int64_t calls = cluster.Stat("allowed");
  tikhaul::SleepFor(absl::Seconds(1));
  EXPECT_EQ(cluster.Stat("allowed"), calls) << "without Redis there is no quota, so there are no calls";
  cluster.redis().Start();
  const v1::Status status = cluster.WaitIdle();
  EXPECT_FALSE(HasFault(status, "redis")) << status.DebugString();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

TEST(RedisFaultTest, ARedisThatIsNotThereAtTheStartIsWaitedFor) {
  const std::vector<Wanted> wanted = {{.name = "campaigns", .stream = "campaigns"}};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.redis().Stop();
  cluster.Start();
  cluster.AwaitStatus("the fault is told", [](const v1::Status& status) { return HasFault(status, "redis:"); });
  {
    // Advertisers cannot be asked for: no calls without quota.
    grpc::ClientContext context;
    v1::BackfillResponse response;
    const grpc::Status status = cluster.admin().Backfill(&context, v1::BackfillRequest(), &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    EXPECT_THAT(status.error_message(), testing::HasSubstr("Redis"));
  }
  cluster.redis().Start();
  cluster.AwaitStatus("Redis is back", [](const v1::Status& status) { return status.queue_connected(); });
  EXPECT_TRUE(Eventually(
      [&] {
        grpc::ClientContext context;
        v1::BackfillResponse response;
        return cluster.admin().Backfill(&context, v1::BackfillRequest(), &response).ok();
      },
      absl::Seconds(20)));
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
}

// The coordinator leases 80 % of the quota meanwhile; the simulator judges that nobody gets more than is allowed.
TEST(RedisFaultTest, ChunksUnderWayAreReadToTheEndWithoutRedis) {
  // Windows of 90 pages: at 10 calls a second one is always under way.
  const std::vector<Wanted> wanted = {{.name = "ads_daily",
                                       .stream = "basic_report",
                                       .level = "ad",
                                       .dimensions = {"stat_time_day"},
                                       .metrics = {"spend", "impressions"},
                                       .settings = "backfill: 120, asynchronous: never",
                                       .first_day = "2026-02-16"}};
  TestCluster cluster({.extracts = YamlOf(wanted),
                       .data_set = "scale:1:3000",
                       .per_second = 10,
                       .per_minute = 600,
                       .slots = 4,
                       .quota = "guard_ms: 100"});  // for machines that are busy with other tests
  cluster.Start();
  const SystemClock clock;
  const absl::Duration started = clock.Monotonic();
  cluster.Backfill();
  // Until the coordinator knows that it is the only one on this Redis.
  ASSERT_TRUE(Eventually([&] { return clock.Monotonic() - started > absl::Seconds(12); }));
  cluster.redis().Kill();
  const int64_t before = cluster.Stat("allowed");
  cluster.AwaitStatus("the quota is leased", [](const v1::Status& status) {
    return status.quota().state().find("leased at 80 %") != std::string::npos;
  });
  EXPECT_TRUE(Eventually([&] { return cluster.Stat("allowed") > before + 5; })) << "chunks under way go on";
  cluster.redis().Start();
  cluster.WaitIdle();
  EXPECT_EQ(cluster.Stat("refused"), 0);
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

TEST(RedisFaultTest, AFrozenRedisIsWaitedFor) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 20);
  cluster.redis().Freeze();
  cluster.AwaitStatus("the fault is told", [](const v1::Status& status) { return !status.queue_connected(); });
  cluster.redis().Thaw();
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

}  // namespace
}  // namespace tikhaul
