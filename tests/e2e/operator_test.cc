// What operators do while work is under way.
#include <gmock/gmock.h>

#include "tests/support/eventually.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Slow enough that an operator can do something in the middle.
ClusterOptions Slow(const std::vector<Wanted>& wanted) {
  return {.extracts = YamlOf(wanted), .latency_ms = 100, .slots = 4};
}

uint64_t Done(const v1::Status& status) {
  uint64_t done = 0;
  for (const v1::ExtractProgress& extract : status.extracts()) done += extract.chunks().done();
  return done;
}

v1::Status AwaitDone(TestCluster& cluster, uint64_t chunks) {
  return cluster.AwaitStatus("chunks are done", [&](const v1::Status& status) { return Done(status) >= chunks; });
}

class Operator {
 public:
  explicit Operator(TestCluster& cluster) : cluster_(cluster) {}

  void Pause(const std::string& scope, const std::string& name = "") {
    v1::PauseRequest request;
    request.set_scope(scope);
    request.set_name(name);
    v1::PauseResponse response;
    grpc::ClientContext context;
    const grpc::Status status = cluster_.admin().Pause(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  void Resume(const std::string& scope, const std::string& name = "") {
    v1::ResumeRequest request;
    request.set_scope(scope);
    request.set_name(name);
    v1::ResumeResponse response;
    grpc::ClientContext context;
    const grpc::Status status = cluster_.admin().Resume(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  v1::Run Cancel(const std::string& run) {
    v1::CancelRequest request;
    request.set_run_id(run);
    v1::CancelResponse response;
    grpc::ClientContext context;
    const grpc::Status status = cluster_.admin().Cancel(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.run();
  }
  uint64_t Retry() {
    v1::RetryResponse response;
    grpc::ClientContext context;
    const grpc::Status status = cluster_.admin().Retry(&context, v1::RetryRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.chunks();
  }

 private:
  TestCluster& cluster_;
};

TEST(OperatorTest, APauseActsAtOnceAndAResumeLosesNothing) {
  const std::vector<Wanted> wanted = {HoursOf(30)};
  TestCluster cluster(Slow(wanted));
  Operator op(cluster);
  cluster.Start();
  const std::string run = cluster.Backfill().runs(0).id();
  AwaitDone(cluster, 10);
  op.Pause("run", run);
  const v1::Status paused = cluster.AwaitStatus("nothing runs", [](const v1::Status& status) {
    return status.extracts_size() == 1 && status.extracts(0).chunks().running() == 0;
  });
  EXPECT_TRUE(paused.idle());
  EXPECT_TRUE(paused.runs(0).paused());
  EXPECT_GT(paused.runs(0).chunks().ready(), 0u);
  // Calls that were under way may still be answered; then there is silence.
  tikhaul::SleepFor(absl::Milliseconds(500));
  const int64_t calls = cluster.Stat("allowed");
  tikhaul::SleepFor(absl::Seconds(1));
  EXPECT_EQ(cluster.Stat("allowed"), calls);
  op.Resume("run", run);
  EXPECT_EQ(cluster.WaitIdle().runs(0).state(), "done");
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_EQ(cluster.QueryInt("SELECT sum(crash_attempts + transient_attempts + drift_attempts) FROM tikhaul_chunk"), 0);
}

TEST(OperatorTest, APlanWithoutACoordinatorStartsNothingAndSpendsNothing) {
  const std::vector<Wanted> wanted = {HoursOf(30)};
  TestCluster cluster(Slow(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 3);
  cluster.Term("worker-0");
  cluster.Term("coordinator");
  const int64_t calls = cluster.Stat("allowed");
  const std::string states = "SELECT count(*), sum(epoch), count(DISTINCT run_id) FROM tikhaul_chunk";
  const SqlRows before = cluster.Query(states);
  const auto plan = [&cluster] {
    cluster.redis().FlushAll();  // the quota is seeded with more than was spent, which must not pile up
    const std::string output = cluster.Tikhaul({"plan", "--no-calls"});
    return output.substr(std::min(output.size(), output.rfind("together: ")));
  };
  const std::string cost = plan();
  EXPECT_THAT(cost, HasSubstr("left today"));
  EXPECT_EQ(plan(), cost);
  EXPECT_EQ(cluster.Query(states), before);
  EXPECT_EQ(cluster.Stat("allowed"), calls);
}

TEST(OperatorTest, CancelledHistoryStaysUnreadAndIncrementsGoOn) {
  const std::vector<Wanted> wanted = {HoursOf(30)};
  TestCluster cluster(Slow(wanted));
  Operator op(cluster);
  cluster.Start();
  const std::string run = cluster.Backfill().runs(0).id();
  AwaitDone(cluster, 12);
  EXPECT_EQ(op.Cancel(run).state(), "cancelled");
  EXPECT_TRUE(cluster.WaitIdle().idle());
  const int64_t unread = cluster.QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE state = 'cancelled'");
  EXPECT_GT(unread, 0);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE state NOT IN ('cancelled', 'done')"), 0);
  EXPECT_EQ(cluster.QueryInt("SELECT sum(rows) FROM tikhaul_ledger"),
            cluster.QueryInt("SELECT count(*) FROM ads_hourly"))
      << "what was done before is there, and nothing more";

  cluster.Advance(absl::Hours(24));
  const v1::SyncResponse sync = cluster.Sync();
  ASSERT_THAT(sync.runs(), SizeIs(1));
  cluster.WaitIdle();
  EXPECT_GE(cluster.Query("SELECT min(first_day) FROM tikhaul_chunk WHERE run_id = '" + sync.runs(0).id() + "'")[0][0],
            "2026-06-12");
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE state = 'cancelled'"), unread);
}

TEST(OperatorTest, DeadLettersAreTriedAgainWhenTheCauseIsGone) {
  const std::vector<Wanted> wanted = {HoursOf(6)};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Fault(R"({"kind": "code", "code": 40002, "message": "metrics: not today",
                    "match": {"path": "report/integrated/get/"}, "skip": 3, "times": 2})");
  cluster.Start();
  cluster.Backfill();
  const v1::Status status = cluster.WaitIdle();
  EXPECT_EQ(status.dead_letters(), 2u);
  EXPECT_EQ(status.runs(0).state(), "partial");
  EXPECT_THAT(cluster.Query("SELECT DISTINCT code, message FROM tikhaul_dead_letter")[0][1], HasSubstr("not today"));
  EXPECT_THAT(cluster.Query("SELECT exchange FROM tikhaul_dead_letter")[0][0], HasSubstr("report/integrated/get/"));
  EXPECT_THAT(cluster.Query("SELECT * FROM tikhaul_dead_letter WHERE exchange LIKE '%" + TestCluster::Token() + "%'"),
              IsEmpty());
  EXPECT_EQ(Operator(cluster).Retry(), 2u);
  const v1::Status after = cluster.WaitIdle();
  EXPECT_EQ(after.dead_letters(), 0u);
  EXPECT_EQ(after.runs(0).state(), "done");
  ExpectEqualsTruth(cluster, wanted);
}

TEST(OperatorTest, IncrementsOvertakeABackfill) {
  Wanted totals{.name = "campaigns", .stream = "campaigns"};
  const std::vector<Wanted> wanted = {HoursOf(60), totals};
  TestCluster cluster(Slow(wanted));
  cluster.Start();
  cluster.Backfill({"campaigns"});
  cluster.WaitIdle();
  cluster.Backfill({"ads_hourly"});
  AwaitDone(cluster, 8);
  cluster.Sync({"campaigns"});
  const v1::Status status = cluster.AwaitStatus("the increment is done", [](const v1::Status& status) {
    for (const v1::Run& run : status.runs()) {
      if (run.kind() == "increment" && run.state() == "done") return true;
    }
    return false;
  });
  EXPECT_FALSE(status.idle()) << "the backfill should still be under way";
  for (const v1::Run& run : status.runs()) {
    EXPECT_EQ(run.state(), run.extract() == "ads_hourly" ? "running" : "done");
  }
}

}  // namespace
}  // namespace tikhaul
