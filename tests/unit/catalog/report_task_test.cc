// Which extracts can be read by asynchronous reports, and how they are asked for (tiktok-api.md 5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Extract WithoutDeleted(v1::Extract extract) {
  extract.set_exclude_deleted(true);
  return extract;
}

TEST(ReportTaskTest, DeletedObjectsCannotBeAskedForBelowLevelAdvertiser) {
  for (const char* level : {"ad", "ad_group", "campaign"}) {
    EXPECT_THAT(WhyNoTask(Basic(level, {"stat_time_day"})), HasSubstr("deleted objects")) << level;
    EXPECT_EQ(WhyNoTask(WithoutDeleted(Basic(level, {"stat_time_day"}))), "") << level;
  }
  EXPECT_EQ(WhyNoTask(Basic("advertiser", {"stat_time_day"})), "");
  EXPECT_EQ(WhyNoTask(WithoutDeleted(Audience("ad", {"stat_time_day", "gender", "age"}))), "");
}

TEST(ReportTaskTest, OnlyFiltersOnIdsAreThere) {
  v1::Extract extract = WithoutDeleted(Basic("ad", {"stat_time_day"}));
  v1::Filter& filter = *extract.add_filters();
  filter.set_field_name("campaign_ids");
  filter.set_filter_type("IN");
  filter.set_filter_value(R"(["1"])");
  EXPECT_EQ(WhyNoTask(extract), "");
  filter.set_field_name("buying_type");
  EXPECT_THAT(WhyNoTask(extract), HasSubstr("no filter on buying_type"));
}

TEST(ReportTaskTest, SomeMetricsAreForSynchronousReportsOnly) {
  EXPECT_THAT(WhyNoTask(Basic("advertiser", {"stat_time_day"}, {"spend", "billed_cost"})), HasSubstr("billed_cost"));
  EXPECT_EQ(WhyNoTask(Basic("advertiser", {"stat_time_day"}, {"spend", "reach"})), "");
  const auto by_country = [](const std::string& metric) {
    return WhyNoTask(Basic("advertiser", {"stat_time_day", "country_code"}, {metric}));
  };
  for (const char* metric : {"reach", "frequency", "result", "app_install", "advertiser_name"}) {
    EXPECT_THAT(by_country(metric), HasSubstr("beside country_code")) << metric;
  }
  for (const char* metric : {"spend", "conversion", "video_play_actions", "likes", "total_landing_page_view"}) {
    EXPECT_EQ(by_country(metric), "") << metric;
  }
}

TEST(ReportTaskTest, ListsOfObjectsAreNoReports) {
  EXPECT_THAT(WhyNoTask(Objects("campaigns")), HasSubstr("no report"));
}

TEST(ReportTaskTest, AlwaysIsRefusedWhereItCannotBe) {
  v1::Extract extract = Basic("ad", {"stat_time_day"});
  extract.set_asynchronous(v1::ASYNCHRONOUS_ALWAYS);
  EXPECT_THAT(ProblemsOf(extract), ElementsAre(HasSubstr("asynchronous[-1] asynchronous: always is not possible")));
  EXPECT_THAT(ProblemsOf(WithoutDeleted(extract)), ElementsAre());
  extract.set_asynchronous(v1::ASYNCHRONOUS_AUTO);
  EXPECT_THAT(ProblemsOf(extract), ElementsAre());
}

TEST(ReportTaskTest, TheBodyHoldsTheRequestWithItsTypes) {
  v1::Extract extract = WithoutDeleted(Basic("ad", {"stat_time_day"}, {"spend", "clicks"}));
  v1::Filter& filter = *extract.add_filters();
  filter.set_field_name("campaign_ids");
  filter.set_filter_type("IN");
  filter.set_filter_value(R"(["1"])");
  v1::ReadPlan plan = CompileReadPlan(extract, "main", "7001",
                                      {WindowKind::kDays, absl::CivilDay(2026, 1, 1), absl::CivilDay(2026, 1, 30)});
  UseTask(plan);
  EXPECT_EQ(plan.task().create_path(), "report/task/create/");
  EXPECT_EQ(plan.task().check_path(), "report/task/check/");
  EXPECT_EQ(plan.task().download_path(), "report/task/download/");
  EXPECT_EQ(
      json::parse(plan.task().create_body()),
      (json{{"advertiser_id", "7001"},
            {"report_type", "BASIC"},
            {"data_level", "AUCTION_AD"},
            {"dimensions", {"ad_id", "stat_time_day"}},
            {"metrics", {"spend", "clicks"}},
            {"start_date", "2026-01-01"},
            {"end_date", "2026-01-30"},
            {"filtering", {{{"field_name", "campaign_ids"}, {"filter_type", "IN"}, {"filter_value", R"(["1"])"}}}},
            {"output_format", "CSV_STRING"},
            {"enable_report_title_translation", false}}));
  v1::Extract lifetime = Basic("advertiser", {});
  lifetime.set_lifetime(true);
  v1::ReadPlan whole = CompileReadPlan(lifetime, "main", "7001", {});
  UseTask(whole);
  EXPECT_EQ(json::parse(whole.task().create_body())["query_lifetime"], json(true));
}

TEST(ReportTaskTest, AllColumnGroupsComeAtOnce) {
  std::vector<std::string> metrics;
  for (const MetricSpec& metric : FindStream("basic_report")->metrics) metrics.emplace_back(metric.name);
  std::stable_sort(metrics.begin(), metrics.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  metrics.resize(100);
  const v1::Extract extract = WithoutDeleted(Basic("ad", {"stat_time_day"}, metrics));
  v1::ReadPlan plan = CompileReadPlan(extract, "main", "7001",
                                      {WindowKind::kDays, absl::CivilDay(2026, 1, 1), absl::CivilDay(2026, 1, 30)});
  ASSERT_GT(plan.requests_size(), 1) << "the names are short enough for one request: the test proves nothing";
  UseTask(plan);
  EXPECT_EQ(json::parse(plan.task().create_body())["metrics"].get<std::vector<std::string>>(), metrics);
  EXPECT_EQ(plan.groups(), 0u);
  for (const v1::ColumnPlan& column : plan.columns()) EXPECT_EQ(column.group(), 0u);
}

TEST(ReportTaskTest, CampaignsAreNarrowedByFewerIdsAtAdLevel) {
  const Window day = {WindowKind::kDays, absl::CivilDay(2026, 1, 1), absl::CivilDay(2026, 1, 1)};
  EXPECT_EQ(CompileReadPlan(Basic("ad", {}), "main", "7001", day).listings(0).advised_ids(), 30u);
  EXPECT_EQ(CompileReadPlan(Basic("ad", {}), "main", "7001", day).listings(1).advised_ids(), 100u);
  EXPECT_EQ(CompileReadPlan(Basic("ad_group", {}), "main", "7001", day).listings(0).advised_ids(), 100u);
}

}  // namespace
}  // namespace tikhaul
