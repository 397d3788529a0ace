// The database crashes, stands still, ends sessions: told, and no row lost or half committed.
#include "absl/strings/str_cat.h"
#include "tests/fault/fault_test_util.h"
#include "tests/support/postgres_server.h"

namespace tikhaul {
namespace {

class PostgresFaultTest : public testing::Test {
 protected:
  ClusterOptions Slow(const std::vector<Wanted>& wanted) {
    ClusterOptions options = SlowCluster(wanted);
    options.postgres = server_.Url();
    options.schema = schema_;
    return options;
  }
  // Without asking the coordinator, whose answers wait for the database.
  void AwaitDoneThere(int64_t chunks) {
    EXPECT_TRUE(Eventually([&] { return DoneThere() >= chunks; }));
  }
  int64_t DoneThere() {
    const auto rows =
        server_.Run(absl::StrCat("SELECT count(*) FROM \"", schema_, "\".tikhaul_chunk WHERE state = 'done'"));
    return rows.empty() ? -1 : std::stoll(rows[0][0]);
  }

  PostgresServer server_;
  const std::string schema_ = PostgresServer::NewSchema();
  const std::vector<Wanted> wanted_ = MidSizedJob();
};

TEST_F(PostgresFaultTest, ADatabaseThatCrashesIsWaitedFor) {
  TestCluster cluster(Slow(wanted_));
  cluster.Start();
  cluster.Backfill();
  for (const int64_t done : {20, 50}) {
    AwaitDoneThere(done);
    server_.Kill();
    tikhaul::SleepFor(absl::Seconds(2));
    EXPECT_TRUE(cluster.Running("coordinator"));
    server_.Start();
  }
  const v1::Status status = cluster.WaitIdle();
  EXPECT_TRUE(status.faults().empty()) << status.DebugString();
  ExpectWholeAndOnce(cluster, wanted_);
  ExpectNoAttemptsBurnt(cluster);
}

TEST_F(PostgresFaultTest, ADatabaseThatStandsStillSlowsTheCallsDownAndLosesNothing) {
  TestCluster cluster(Slow(wanted_));
  cluster.Start();
  cluster.Backfill();
  AwaitDoneThere(20);
  server_.Freeze();
  tikhaul::SleepFor(absl::Seconds(3));
  const int64_t calls = cluster.Stat("allowed");
  tikhaul::SleepFor(absl::Seconds(3));
  EXPECT_LE(cluster.Stat("allowed") - calls, 8) << "what cannot be stored is not asked for";
  server_.Thaw();
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted_);
}

TEST_F(PostgresFaultTest, SessionsEndedByAnAdministratorAreReplaced) {
  TestCluster cluster(Slow(wanted_));
  cluster.Start();
  cluster.Backfill();
  for (const int64_t done : {15, 30, 45, 60}) {
    AwaitDoneThere(done);
    server_.Run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tikhaul%'");
  }
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted_);
  ExpectNoAttemptsBurnt(cluster);
}

TEST_F(PostgresFaultTest, AKilledCoordinatorIsFollowedByTheNext) {
  TestCluster cluster(Slow(wanted_));
  cluster.Start();
  cluster.Backfill();
  AwaitDoneThere(20);
  cluster.Kill9("coordinator");
  cluster.StartCoordinator();
  cluster.AwaitCoordinator();
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted_);
  ExpectNoAttemptsBurnt(cluster);
}

}  // namespace
}  // namespace tikhaul
