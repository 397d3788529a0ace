// More metrics than one request may carry: split over several, joined on the key, the same as the truth.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/catalog/extract_shape.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::IsEmpty;

// Every metric that an ad may be asked for by day.
Wanted EveryMetric(const std::string& settings, const std::string& first_day) {
  Wanted wanted{.name = "wide",
                .stream = "basic_report",
                .level = "ad",
                .dimensions = {"stat_time_day"},
                .settings = settings,
                .first_day = first_day};
  v1::Extract extract;
  extract.set_name("wide");
  extract.set_stream("basic_report");
  extract.set_level("ad");
  extract.add_dimensions("stat_time_day");
  for (const MetricSpec& metric : FindStream("basic_report")->metrics) {
    extract.clear_metrics();
    extract.add_metrics(std::string(metric.name));
    if (CheckExtract(extract).empty()) wanted.metrics.emplace_back(metric.name);
  }
  EXPECT_GT(wanted.metrics.size(), 800u);
  return wanted;
}

// Rows count once, calls all; every chunk is done.
void ExpectProven(TestCluster& cluster) {
  EXPECT_EQ(
      cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE promised_rows <> rows OR rows <> distinct_keys"), 0);
  EXPECT_EQ(cluster.QueryInt("SELECT sum(rows) FROM tikhaul_ledger"), cluster.QueryInt("SELECT count(*) FROM wide"));
  EXPECT_THAT(cluster.Query("SELECT id, state, last_error FROM tikhaul_chunk WHERE state NOT IN ('done', 'split')"),
              IsEmpty());
}

TEST(WideReportTest, EveryMetricEqualsTheTruthAndCostsWhatPlanSays) {
  const std::vector<Wanted> wanted = {EveryMetric("backfill: 75", "2026-04-02")};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  v1::PlanResponse plan;
  grpc::ClientContext context;
  ASSERT_TRUE(cluster.admin().Plan(&context, v1::PlanRequest(), &plan).ok());
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  ExpectProven(cluster);
  EXPECT_EQ(cluster.QueryInt("SELECT min(calls) >= 9 FROM tikhaul_ledger"), 1) << "one call per group, at least";
  EXPECT_EQ(static_cast<int64_t>(plan.calls()), cluster.QueryInt("SELECT sum(calls) FROM tikhaul_ledger"))
      << "no window of this data set has more than one page";
}

TEST(WideReportTest, GroupsThatDoNotAgreeAreReadAgain) {
  const std::vector<Wanted> wanted = {EveryMetric("backfill: 30", "2026-05-17")};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  // Some requests promise another number of rows than the others of their chunk.
  cluster.Fault(R"({"kind": "drift", "delta": 1, "skip": 5, "times": 6, "match": {"path": "report/integrated/get/"}})");
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_EQ(cluster.FaultHits(), 6);
  EXPECT_GE(cluster.QueryInt("SELECT sum(drift_attempts) FROM tikhaul_chunk"), 1);
  ExpectEqualsTruth(cluster, wanted);
  ExpectProven(cluster);
}

TEST(WideReportTest, AKilledWorkerLeavesNoRowHalfFilled) {
  const std::vector<Wanted> wanted = {EveryMetric("backfill: 120", "2026-02-16")};
  TestCluster cluster({.extracts = YamlOf(wanted), .latency_ms = 100, .slots = 1});
  cluster.Start();
  cluster.Backfill();
  for (int64_t calls = 12; calls <= 36; calls += 12) {
    ASSERT_TRUE(Eventually([&] { return cluster.Stat("allowed") >= calls; }));
    cluster.Kill9("worker-0");
    cluster.StartWorker(0);
  }
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  ExpectProven(cluster);
}

TEST(WideReportTest, GroupsOfARequestThatIsCutAreNarrowedAlike) {
  const std::vector<Wanted> wanted = {EveryMetric("backfill: 30", "2026-05-17")};
  TestCluster cluster({.extracts = YamlOf(wanted), .simulator_flags = {"--object-limit", "12"}});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  ExpectProven(cluster);
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM tikhaul_slices"), 0) << "nothing was cut: the test proves nothing";
}

}  // namespace
}  // namespace tikhaul
