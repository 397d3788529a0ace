// Several coordinators on one database: they share the work, and whoever of them is killed, stopped or told to go, the
// others take over, and every row is there once.
#include <libpq-fe.h>

#include <csignal>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/base/process.h"
#include "coordinator/core/membership.h"
#include "coordinator/store/postgres/pg_locks.h"
#include "tests/fault/fault_test_util.h"
#include "tests/support/postgres_server.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

// A takeover is promised within this (docs/reliability.md).
constexpr absl::Duration kTakeover = absl::Seconds(15);

class CoordinatorsTest : public testing::Test {
 protected:
  ClusterOptions Two() {
    ClusterOptions options = SlowCluster(wanted_);
    options.postgres = server_.Url();
    options.schema = schema_;
    options.coordinators = 2;
    options.workers = 2;
    return options;
  }
  int64_t Ask(const std::string& sql) {
    const auto rows = server_.Run(absl::StrCat("SET search_path TO \"", schema_, "\"; ", sql));
    return rows.empty() ? -1 : std::stoll(rows[0][0]);
  }
  std::vector<std::string> Column(const std::string& sql) {
    std::vector<std::string> column;
    for (const auto& row : server_.Run(absl::StrCat("SET search_path TO \"", schema_, "\"; ", sql))) {
      column.push_back(row[0]);
    }
    return column;
  }
  static bool Committed(const std::string& log, const std::string& advertiser) {
    for (const absl::string_view line : absl::StrSplit(log, '\n')) {
      if (absl::StrContains(line, "chunk committed") && absl::StrContains(line, advertiser)) return true;
    }
    return false;
  }
  void AwaitDoneThere(int64_t chunks) {
    EXPECT_TRUE(Eventually([&] { return Ask("SELECT count(*) FROM tikhaul_chunk WHERE state = 'done'") >= chunks; }));
  }
  static std::string Other(const std::string& name) { return name == "coordinator" ? "coordinator-1" : "coordinator"; }
  static int Index(const std::string& name) { return name == "coordinator" ? 0 : 1; }
  // How long it takes until a member other than `old` has the lead.
  absl::Duration AwaitTakeover(int64_t old_term) {
    const SystemClock clock;
    const absl::Duration start = clock.Monotonic();
    EXPECT_TRUE(Eventually([&] {
      return Ask(absl::StrCat("SELECT count(*) FROM tikhaul_seat WHERE number = 64 AND member <> '' AND term > ",
                              old_term)) == 1;
    }));
    return clock.Monotonic() - start;
  }
  int64_t Members() { return Ask("SELECT count(*) FROM tikhaul_member"); }
  int64_t LeadTerm() { return Ask("SELECT term FROM tikhaul_seat WHERE number = 64"); }

  PostgresServer server_;
  const std::string schema_ = PostgresServer::NewSchema();
  const std::vector<Wanted> wanted_ = MidSizedJob();
};

TEST_F(CoordinatorsTest, TwoShareTheWorkAndEitherAnswersTheOperator) {
  TestCluster cluster(Two());
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const v1::Status status = cluster.AwaitStatus("both coordinators answer", [](const v1::Status& now) {
    return now.coordinators_size() == 2 && now.coordinators(0).answers() && now.coordinators(1).answers();
  });
  for (const v1::CoordinatorInfo& one : status.coordinators()) EXPECT_GT(one.shards(), 8u);
  EXPECT_EQ(status.workers_size(), 2);
  for (const std::string& advertiser : Column("SELECT id FROM tikhaul_advertiser")) {
    const std::string address =
        Column(absl::StrCat("SELECT address FROM tikhaul_seat JOIN tikhaul_member ON id = member WHERE number = ",
                            ShardOf("main", advertiser)))
            .at(0);
    const std::string holder = address == "unix:" + cluster.Path("c.sock") ? "coordinator" : "coordinator-1";
    EXPECT_TRUE(Committed(cluster.Log(holder), advertiser));
    EXPECT_FALSE(Committed(cluster.Log(Other(holder)), advertiser)) << "each publishes what lies in its shards";
  }
  for (const char* address : {"c.sock", "c1.sock"}) {
    EXPECT_THAT(cluster.Tikhaul({"--coordinator", "unix:" + cluster.Path(address), "status"}), HasSubstr("idle"));
  }
  ExpectWholeAndOnce(cluster, wanted_);
  ExpectNoAttemptsBurnt(cluster);
}

TEST_F(CoordinatorsTest, AKilledLeadIsReplacedInTime) {
  TestCluster cluster(Two());
  cluster.Start();
  cluster.Backfill();
  for (const int64_t done : {15, 40}) {
    AwaitDoneThere(done);
    const std::string lead = cluster.Lead();
    const int64_t term = LeadTerm();
    cluster.Kill9(lead);
    EXPECT_LE(AwaitTakeover(term), kTakeover);
    EXPECT_EQ(cluster.Lead(), Other(lead));
    cluster.StartCoordinator({}, Index(lead));
    cluster.AwaitCoordinator(kPatience, Index(lead));
  }
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted_);
  ExpectNoAttemptsBurnt(cluster);
}

TEST_F(CoordinatorsTest, ALeadThatStoodStillWritesNothingWhenItGoesOn) {
  TestCluster cluster(Two());
  cluster.Start();
  cluster.Backfill();
  AwaitDoneThere(15);
  const std::string lead = cluster.Lead();
  const int64_t term = LeadTerm();
  const pid_t pid = cluster.Pid(lead);
  kill(pid, SIGSTOP);
  EXPECT_LE(AwaitTakeover(term), kTakeover);
  tikhaul::SleepFor(absl::Seconds(3));
  kill(pid, SIGCONT);
  EXPECT_TRUE(Eventually([&] { return Members() == 2; })) << "it joins again";
  EXPECT_THAT(cluster.Log(lead), HasSubstr("was evicted; it joins again"));
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted_);
}

// Whoever holds the lock on the bookkeeping may be the one who stands still: evicting must not wait for it.
TEST_F(CoordinatorsTest, EvictingWaitsForNobodyWhoHoldsTheBookkeeping) {
  TestCluster cluster(Two());
  cluster.Start();
  const std::string lead = cluster.Lead(), other = Other(lead);
  PGconn* const holder = PQconnectdb(server_.Url().c_str());
  PQclear(
      PQexec(holder, absl::StrCat("SELECT pg_advisory_lock(", LockArguments(PgLock::kRecords, schema_), ")").c_str()));
  cluster.Kill9(other);
  EXPECT_TRUE(Eventually([&] { return Members() == 1; })) << "and now the lead waits to take its shards";
  cluster.StartCoordinator({}, Index(other));
  EXPECT_TRUE(Eventually([&] { return Members() == 2; }));
  kill(cluster.Pid(other), SIGSTOP);
  const SystemClock clock;
  const absl::Duration stopped_at = clock.Monotonic();
  EXPECT_TRUE(Eventually([&] { return Members() == 1; }));
  EXPECT_LE(clock.Monotonic() - stopped_at, kTakeover);
  kill(cluster.Pid(other), SIGCONT);
  PQfinish(holder);
  EXPECT_TRUE(Eventually([&] { return Members() == 2; }));
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted_);
}

TEST_F(CoordinatorsTest, OneThatIsToldToGoLeavesAtOnce) {
  TestCluster cluster(Two());
  cluster.Start();
  cluster.Backfill();
  AwaitDoneThere(15);
  const std::string lead = cluster.Lead();
  const int64_t term = LeadTerm();
  cluster.Term(lead);
  EXPECT_LE(AwaitTakeover(term), absl::Seconds(5));
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted_);
  ExpectNoAttemptsBurnt(cluster);
}

TEST_F(CoordinatorsTest, WhateverIsCancelledEndsAtAllCoordinators) {
  TestCluster cluster(Two());
  cluster.Start();
  const v1::BackfillResponse started = cluster.Backfill();
  AwaitDoneThere(5);
  for (const v1::Run& run : started.runs()) {
    cluster.Tikhaul({"cancel", run.id()});
  }
  EXPECT_TRUE(Eventually([&] {
    uint32_t chunks = 0;
    const v1::Status status = cluster.GetStatus();
    for (const v1::CoordinatorInfo& one : status.coordinators()) chunks += one.chunks();
    return chunks == 0;
  }));
  EXPECT_EQ(Ask("SELECT count(*) FROM tikhaul_chunk WHERE state IN ('ready', 'running')"), 0);
}

}  // namespace
}  // namespace tikhaul
