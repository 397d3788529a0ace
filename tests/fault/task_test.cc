// Asynchronous reports from end to end: where they are taken, that they bring what pages bring, and what becomes of
// tasks that fail.
#include "tests/fault/fault_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// 60 days by ad, two windows per account, without deleted ads (tasks cannot ask for them).
Wanted DaysOfAds(const std::string& setting) {
  return {.name = "ads_daily",
          .stream = "basic_report",
          .level = "ad",
          .dimensions = {"stat_time_day"},
          .metrics = {"spend", "impressions", "clicks", "ctr", "reach", "conversion", "ad_name", "campaign_id"},
          .settings = absl::StrCat("backfill: 60, asynchronous: ", setting),
          .first_day = "2026-04-17",
          .include_deleted = false};
}

constexpr char kRoads[] = "SELECT DISTINCT road FROM tikhaul_ledger ORDER BY road";

TEST(TaskTest, BringsWhatPagesBring) {
  Wanted audience = DaysOfAds("always");
  audience.name = "ads_audience";
  audience.stream = "audience_report";
  audience.dimensions = {"stat_time_day", "gender", "age"};
  audience.metrics = {"spend", "impressions", "clicks"};
  Wanted advertiser = DaysOfAds("always");
  advertiser.name = "advertiser_daily";
  advertiser.level = "advertiser";
  advertiser.dimensions = {"stat_time_day"};
  advertiser.metrics = {"spend", "impressions", "currency"};
  advertiser.include_deleted = true;
  const std::vector<Wanted> wanted = {DaysOfAds("always"), audience, advertiser};
  TestCluster cluster({.extracts = YamlOf(wanted), .workers = 2});
  cluster.Start();
  cluster.Backfill();
  EXPECT_THAT(cluster.WaitIdle().drift(), IsEmpty());
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
  EXPECT_THAT(cluster.Query(kRoads), ElementsAre(ElementsAre("task")));
  EXPECT_THAT(
      cluster.Query("SELECT chunk FROM tikhaul_ledger WHERE promised_rows <> distinct_keys OR request_ids = ''"),
      IsEmpty());
}

TEST(TaskTest, IsTakenWhereItCostsFewerCalls) {
  const std::vector<Wanted> wanted = {DaysOfAds("auto")};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = "scale:1:1200"});
  cluster.Start();
  cluster.Backfill({}, "2026-06-14", "2026-06-14");
  cluster.WaitIdle();
  EXPECT_THAT(cluster.Query(kRoads), ElementsAre(ElementsAre("pages"))) << "one day, and nothing was known";
  v1::PlanResponse plan;
  grpc::ClientContext context;
  ASSERT_TRUE(cluster.admin().Plan(&context, v1::PlanRequest(), &plan).ok());
  EXPECT_EQ(plan.calls(), 10u) << "two windows, each a task";
  const int64_t before = cluster.Stat("allowed");
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_THAT(cluster.Query(kRoads), ElementsAre(ElementsAre("pages"), ElementsAre("task")));
  EXPECT_LT(cluster.Stat("allowed") - before, 30) << "72 pages";
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_EQ(cluster.Stat("refused"), 0);
}

TEST(TaskTest, IsTakenWhereNothingElseMakesAChunkWhole) {
  const std::vector<Wanted> wanted = {DaysOfAds("auto")};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Fault(R"({"kind": "throttle_header", "match": {"path": "report/integrated/get/"}, "times": -1})");
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
  EXPECT_THAT(cluster.Query(kRoads), ElementsAre(ElementsAre("task")));
  EXPECT_THAT(cluster.Query("SELECT DISTINCT road FROM tikhaul_road"), ElementsAre(ElementsAre("task")));
}

TEST(TaskTest, ARefusedTaskGoesOverToPages) {
  const std::vector<Wanted> wanted = {DaysOfAds("auto")};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = "scale:1:1200"});
  cluster.Start();
  cluster.Backfill({}, "2026-06-14", "2026-06-14");
  cluster.WaitIdle();
  cluster.Fault(R"({"kind": "code", "code": 40002, "message": "this pair is not supported in asynchronous reports",
                    "match": {"path": "report/task/create/"}, "times": -1})");
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_GE(cluster.FaultHits(), 1);
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_THAT(cluster.Query(kRoads), ElementsAre(ElementsAre("pages")));
  EXPECT_THAT(cluster.Query("SELECT road FROM tikhaul_road"), ElementsAre(ElementsAre("pages")));
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_dead_letter"), 0);
}

TEST(TaskTest, TasksThatEndBadlyAreMadeAnew) {
  const std::vector<Wanted> wanted = {DaysOfAds("always")};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  for (const char* end : {"FAILED", "CANCELED", "EXPIRED"}) {
    cluster.Fault(absl::StrCat(R"({"kind": "task", "message": "no room", "ms": 0, "text": ")", end,
                               R"(", "match": {"path": "report/task/create/"}})"));
  }
  cluster.Fault(R"({"kind": "truncate", "bytes": 300, "match": {"path": "report/task/download/"}})");
  cluster.Fault(R"({"kind": "code", "code": 40201, "match": {"path": "report/task/download/"}, "times": 2})");
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_EQ(cluster.FaultHits(), 6) << "the faults have not come: the test proves nothing";
  ExpectWholeAndOnce(cluster, wanted);
  EXPECT_EQ(cluster.QueryInt("SELECT sum(transient_attempts) FROM tikhaul_chunk"), 4);
}

TEST(TaskTest, AThrottledTaskIsAskedForAgain) {
  const std::vector<Wanted> wanted = {DaysOfAds("always")};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Fault(R"({"kind": "code", "code": 40100, "message": "Too many requests",
                    "match": {"path": "report/task/create/"}})");
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_EQ(cluster.FaultHits(), 1);
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

TEST(TaskTest, AWorkerKilledInTheMiddleOfATaskLosesNothing) {
  const std::vector<Wanted> wanted = {DaysOfAds("always")};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Fault(R"({"kind": "task", "ms": 20000, "match": {"path": "report/task/create/"}, "times": 1})");
  cluster.Start();
  cluster.Backfill();
  ASSERT_TRUE(Eventually([&] { return cluster.FaultHits() == 1; }));
  cluster.Kill9("worker-0");
  cluster.StartWorker(0);
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
  EXPECT_GT(cluster.QueryInt("SELECT max(attempts) FROM tikhaul_ledger"), 1);
}

}  // namespace
}  // namespace tikhaul
