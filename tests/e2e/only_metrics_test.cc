// A metric that is added later: `backfill --only-metrics` fills its column and touches nothing else.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Wanted Daily(std::vector<std::string> metrics, const std::string& settings = "backfill: 75") {
  return {.name = "ads_daily",
          .stream = "basic_report",
          .level = "ad",
          .dimensions = {"stat_time_day"},
          .metrics = std::move(metrics),
          .settings = settings,
          .first_day = "2026-04-02",
          .last_day = "2026-06-15"};
}

class OnlyMetricsTest : public ::testing::Test {
 protected:
  // Reads spend and impressions, then adds clicks and ctr to the configuration.
  void ReadThenAdd(TestCluster& cluster) {
    cluster.Start();
    cluster.Backfill();
    cluster.WaitIdle();
    Configure(cluster, {wider_});
  }
  static void Configure(TestCluster& cluster, const std::vector<Wanted>& wanted) {
    cluster.options().extracts = YamlOf(wanted);
    cluster.Term("coordinator");
    cluster.StartCoordinator();
    cluster.AwaitCoordinator();
  }
  static nlohmann::json Json(TestCluster& cluster, std::vector<std::string> words) {
    words.emplace_back("--json");
    std::filesystem::remove(cluster.Path("tikhaul.log"));
    return nlohmann::json::parse(cluster.Tikhaul(std::move(words)));
  }
  // All but the new columns, of days before the last two.
  static SqlRows Untouched(TestCluster& cluster) {
    return cluster.Query(
        "SELECT advertiser_id, stat_time_day, ad_id, spend, impressions, _currency, _timezone, _finality, _run_id, "
        "_extracted_at, _extra FROM ads_daily WHERE stat_time_day < '2026-06-13' ORDER BY 1, 2, 3");
  }
  static SqlRows Proof(TestCluster& cluster) {
    SqlRows rows = cluster.Query("SELECT * FROM tikhaul_cursor ORDER BY 1, 2");
    for (std::vector<std::string>& row : cluster.Query("SELECT * FROM tikhaul_coverage ORDER BY 1, 2, 3")) {
      rows.push_back(std::move(row));
    }
    return rows;
  }

  const Wanted narrow_ = Daily({"spend", "impressions"});
  const Wanted wider_ = Daily({"spend", "clicks", "impressions", "ctr"});
};

TEST_F(OnlyMetricsTest, FillsTheNewColumnsAndNothingElseAtTheCostThatPlanSays) {
  TestCluster cluster({.extracts = YamlOf({narrow_})});
  ReadThenAdd(cluster);
  const SqlRows before = Untouched(cluster), proof = Proof(cluster);
  EXPECT_EQ(cluster.QueryInt("SELECT count(clicks) FROM ads_daily"), 0) << "null before";
  const nlohmann::json plan = Json(cluster, {"plan", "ads_daily", "--only-metrics", "ctr,clicks"});
  cluster.Tikhaul({"backfill", "ads_daily", "--only-metrics", "ctr,clicks", "--wait"});
  ExpectEqualsTruth(cluster, {wider_});
  EXPECT_EQ(Untouched(cluster), before);
  EXPECT_EQ(Proof(cluster), proof);
  EXPECT_THAT(cluster.Query("SELECT DISTINCT only_metrics FROM tikhaul_ledger ORDER BY 1"),
              ElementsAre(ElementsAre(""), ElementsAre("clicks,ctr")));
  EXPECT_EQ(cluster.QueryInt("SELECT sum(calls) FROM tikhaul_ledger WHERE only_metrics <> ''"),
            std::stoll(plan.at("calls").get<std::string>()));
  EXPECT_EQ(cluster.QueryInt("SELECT sum(inserted) + sum(removed) FROM tikhaul_ledger WHERE only_metrics <> ''"), 0);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_restatement"), 0);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_run"), 2);
  const nlohmann::json again = Json(cluster, {"backfill", "ads_daily", "--only-metrics", "clicks,ctr"});
  EXPECT_TRUE(again.at("runs").at(0).at("existed").get<bool>()) << "in whatever order: the same request";
}

TEST_F(OnlyMetricsTest, DaysWhoseRowsChangedMeanwhileAreReadWhole) {
  TestCluster cluster({.extracts = YamlOf({narrow_})});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  cluster.Advance(absl::Hours(26));  // the last days go on, and are corrected
  Configure(cluster, {wider_});
  const SqlRows before = Untouched(cluster);
  cluster.Tikhaul({"backfill", "ads_daily", "--only-metrics", "clicks,ctr", "--wait"});
  cluster.WaitIdle();
  EXPECT_EQ(Untouched(cluster), before);
  const std::string whole =
      " FROM tikhaul_chunk WHERE only_metrics = '' AND run_id IN (SELECT run_id FROM tikhaul_chunk WHERE only_metrics "
      "<> '')";
  EXPECT_GT(cluster.QueryInt("SELECT count(*)" + whole), 0) << "no day had changed: the test proves nothing";
  EXPECT_EQ(cluster.QueryInt("SELECT min(first_day) >= '2026-06-13'" + whole), 1);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM ads_daily WHERE clicks IS NULL"), 0);
  // Figures of the last days that changed in rows that stayed are the increment's.
  cluster.Sync();
  cluster.WaitIdle();
  Wanted today = wider_;
  today.last_day = "2026-06-16";
  ExpectEqualsTruth(cluster, {today});
}

TEST_F(OnlyMetricsTest, CrashesInTheMiddleLeaveEveryRowFilledOnce) {
  Wanted hours = HoursOf(20);
  TestCluster cluster({.extracts = YamlOf({hours}), .latency_ms = 60, .slots = 2});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  hours.metrics.emplace_back("ctr");
  Configure(cluster, {hours});
  cluster.Tikhaul({"backfill", "ads_hourly", "--only-metrics", "ctr"});
  const auto filled = [&](int64_t chunks) {
    return Eventually([&cluster, chunks] {
      return cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE only_metrics <> ''") >= chunks;
    });
  };
  ASSERT_TRUE(filled(8));
  cluster.Kill9("worker-0");
  cluster.StartWorker(0);
  ASSERT_TRUE(filled(20));
  cluster.Kill9("coordinator");
  cluster.StartCoordinator();
  cluster.AwaitCoordinator();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, {hours});
  EXPECT_THAT(cluster.Query("SELECT chunk FROM tikhaul_ledger GROUP BY chunk HAVING count(*) > 1"), IsEmpty());
  EXPECT_THAT(cluster.Query("SELECT id FROM tikhaul_chunk WHERE state <> 'done'"), IsEmpty());
}

TEST_F(OnlyMetricsTest, ChunksOfAMetricThatIsTakenOutMeanwhileArePutAsideUntilItIsBack) {
  TestCluster cluster({.extracts = YamlOf({narrow_})});
  ReadThenAdd(cluster);
  cluster.Term("worker-0");
  cluster.Tikhaul({"backfill", "ads_daily", "--only-metrics", "clicks,ctr"});
  Configure(cluster, {narrow_});
  cluster.StartWorker(0);
  const v1::Status status = cluster.WaitIdle();
  EXPECT_GT(status.dead_letters(), 0u);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE only_metrics <> ''"), 0);
  EXPECT_THAT(cluster.Query("SELECT DISTINCT last_error FROM tikhaul_chunk WHERE state = 'dead'"),
              ElementsAre(ElementsAre(HasSubstr("metric clicks of extract \"ads_daily\" is no longer"))));
  Configure(cluster, {wider_});
  cluster.Tikhaul({"retry"});
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, {wider_});
}

TEST_F(OnlyMetricsTest, WhatCannotBeFilledIsRefusedWithTheReason) {
  Wanted append = Daily({"spend", "clicks"}, "mode: append, backfill: 3");
  append.name = "appended";
  TestCluster cluster(
      {.extracts = YamlOf({Daily({"spend", "clicks"}), append, {.name = "adverts", .stream = "adverts"}})});
  cluster.Start();
  const auto refusal = [&](const std::vector<std::string>& extracts, const std::string& metric) {
    v1::PlanRequest request;
    for (const std::string& extract : extracts) request.add_extracts(extract);
    request.add_only_metrics(metric);
    v1::PlanResponse response;
    grpc::ClientContext context;
    return cluster.admin().Plan(&context, request, &response).error_message();
  };
  EXPECT_THAT(refusal({"appended"}, "clicks"), HasSubstr("mode append keeps what each run read"));
  EXPECT_THAT(refusal({"adverts"}, "clicks"), HasSubstr("only reports have metrics"));
  EXPECT_THAT(refusal({"ads_daily"}, "click"), HasSubstr("did you mean \"clicks\"?"));
  EXPECT_THAT(refusal({}, "clicks"), HasSubstr("needs the names of extracts"));
  EXPECT_EQ(refusal({"ads_daily"}, "clicks"), "");
}

}  // namespace
}  // namespace tikhaul
