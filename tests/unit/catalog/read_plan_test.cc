// The exact texts that are sent: tiktok-api.md 4.1, 4.5, 6.1, 7.1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "common/catalog/json_text.h"
#include "common/catalog/slices.h"
#include "common/wire/column_groups.h"
#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;

constexpr char kAdvertiser[] = "7002238017842757633";

Window Days(absl::CivilDay first, absl::CivilDay last) { return {WindowKind::kDays, first, last}; }
const Window kJanuary = Days(absl::CivilDay(2026, 1, 1), absl::CivilDay(2026, 1, 30));

v1::ReadPlan Plan(const v1::Extract& extract, const Window& window) {
  EXPECT_TRUE(CheckExtract(extract).empty()) << extract.ShortDebugString();
  return CompileReadPlan(extract, "main", kAdvertiser, window);
}

// "name=value" of one request.
std::vector<std::string> Params(const v1::ReadPlan& plan, int request = 0) {
  std::vector<std::string> lines;
  for (const v1::ApiParam& param : plan.requests(request).params()) lines.push_back(param.name() + "=" + param.value());
  return lines;
}

std::vector<std::string> ColumnNames(const v1::ReadPlan& plan) {
  std::vector<std::string> names;
  for (const v1::ColumnPlan& column : plan.columns()) names.push_back(column.name());
  return names;
}

TEST(ReadPlanTest, ADayReportWithDeletedAds) {
  v1::Extract extract = Basic("ad", {"stat_time_day"}, {"spend", "campaign_name"});
  extract.set_name("ads_daily");
  const v1::ReadPlan plan = Plan(extract, kJanuary);
  EXPECT_EQ(plan.connection(), "main");
  EXPECT_EQ(plan.advertiser_id(), kAdvertiser);
  EXPECT_EQ(plan.extract(), "ads_daily");
  EXPECT_EQ(plan.window(), "2026-01-01..2026-01-30");
  EXPECT_EQ(plan.rows_member(), "list");
  EXPECT_TRUE(plan.paged());
  ASSERT_EQ(plan.requests_size(), 1);
  EXPECT_EQ(plan.requests(0).path(), "report/integrated/get/");
  EXPECT_EQ(plan.requests(0).page_size(), 1000u);
  EXPECT_THAT(
      Params(plan),
      ElementsAre("advertiser_id=7002238017842757633", "report_type=BASIC", "data_level=AUCTION_AD",
                  R"(dimensions=["ad_id","stat_time_day"])", R"(metrics=["spend","campaign_name"])",
                  "start_date=2026-01-01", "end_date=2026-01-30",
                  R"(filtering=[{"field_name":"ad_status","filter_type":"IN","filter_value":"[\"STATUS_ALL\"]"}])"));
}

TEST(ReadPlanTest, ReportColumnsComeInTableOrder) {
  const v1::ReadPlan plan =
      Plan(Basic("ad", {"country_code", "stat_time_day"}, {"impressions", "campaign_name"}), kJanuary);
  EXPECT_THAT(ColumnNames(plan), ElementsAre("stat_time_day", "ad_id", "country_code", "impressions", "campaign_name"));
  EXPECT_EQ(plan.columns(0).type(), v1::COLUMN_TYPE_DATE);
  EXPECT_TRUE(plan.columns(0).key());
  EXPECT_EQ(plan.columns(0).source(), v1::ColumnPlan::SOURCE_DIMENSION);
  EXPECT_EQ(plan.columns(3).type(), v1::COLUMN_TYPE_INT64);
  EXPECT_FALSE(plan.columns(3).key());
  EXPECT_EQ(plan.columns(3).source(), v1::ColumnPlan::SOURCE_METRIC);
  EXPECT_EQ(plan.columns(3).member(), "impressions");
}

TEST(ReadPlanTest, TheColumnsAreThoseOfTheTableWithoutOurs) {
  std::vector<v1::Extract> extracts = {Basic("ad", {"stat_time_hour"}),
                                       Basic("advertiser", {"stat_time_day"}),
                                       Audience("ad", {"gender", "age"}),
                                       Objects("adverts"),
                                       Objects("ad_groups"),
                                       Objects("campaigns"),
                                       Objects("interest_categories"),
                                       Objects("advertiser_info"),
                                       Objects("pixels"),
                                       Objects("smart_plus_ads"),
                                       Objects("gmv_max_campaigns")};
  for (const v1::Extract& extract : extracts) {
    std::vector<std::string> expected;
    for (const TableColumn& column : SchemaOf(extract).columns) {
      if (column.name[0] != '_') expected.push_back(column.name);
    }
    const v1::ReadPlan plan = Plan(extract, kJanuary);
    const bool repeats_advertiser = extract.level() == "advertiser" || FindStream(extract.stream())->repeats_advertiser;
    if (!repeats_advertiser) expected.erase(expected.begin());
    EXPECT_EQ(ColumnNames(plan), expected) << extract.ShortDebugString();
  }
}

TEST(ReadPlanTest, EveryLevelHasItsNames) {
  const std::vector<std::array<const char*, 4>> levels = {
      {"campaign", "AUCTION_CAMPAIGN", "campaign_id", "campaign_status"},
      {"ad_group", "AUCTION_ADGROUP", "adgroup_id", "adgroup_status"},
      {"ad", "AUCTION_AD", "ad_id", "ad_status"}};
  for (const auto& [level, data_level, id, status] : levels) {
    const std::vector<std::string> params = Params(Plan(Basic(level, {}), kJanuary));
    EXPECT_EQ(params[2], absl::StrCat("data_level=", data_level));
    EXPECT_EQ(params[3], absl::StrCat("dimensions=[\"", id, "\"]"));
    EXPECT_EQ(params[7], absl::StrCat("filtering=[{\"field_name\":\"", status,
                                      R"(","filter_type":"IN","filter_value":"[\"STATUS_ALL\"]"}])"));
  }
}

TEST(ReadPlanTest, AdvertiserLevelNeedsNoStatusFilter) {
  EXPECT_THAT(Params(Plan(Basic("advertiser", {"stat_time_day"}), kJanuary)),
              ElementsAre("advertiser_id=7002238017842757633", "report_type=BASIC", "data_level=AUCTION_ADVERTISER",
                          R"(dimensions=["advertiser_id","stat_time_day"])", R"(metrics=["spend"])",
                          "start_date=2026-01-01", "end_date=2026-01-30"));
}

TEST(ReadPlanTest, LifetimeHasNoDates) {
  v1::Extract extract = Basic("ad", {});
  extract.set_lifetime(true);
  extract.set_exclude_deleted(true);
  EXPECT_THAT(Params(Plan(extract, Window{})),
              ElementsAre("advertiser_id=7002238017842757633", "report_type=BASIC", "data_level=AUCTION_AD",
                          R"(dimensions=["ad_id"])", R"(metrics=["spend"])", "query_lifetime=true"));
}

TEST(ReadPlanTest, FiltersOfTheUserComeFirstAndAreEscaped) {
  v1::Extract extract = Basic("campaign", {"stat_time_day"});
  v1::Filter& ids = *extract.add_filters();
  ids.set_field_name("campaign_ids");
  ids.set_filter_type("IN");
  ids.set_filter_value(R"(["1714125042508817"])");
  v1::Filter& name = *extract.add_filters();
  name.set_field_name("campaign_name");
  name.set_filter_type("MATCH");
  name.set_filter_value("5\" screen & más");
  EXPECT_EQ(Params(Plan(extract, kJanuary))[7],
            R"(filtering=[{"field_name":"campaign_ids","filter_type":"IN","filter_value":"[\"1714125042508817\"]"},)"
            R"({"field_name":"campaign_name","filter_type":"MATCH","filter_value":"5\" screen & más"},)"
            R"({"field_name":"campaign_status","filter_type":"IN","filter_value":"[\"STATUS_ALL\"]"}])");
}

TEST(ReadPlanTest, AnAudienceReportNamesItsTypeAndAliases) {
  const v1::ReadPlan plan = Plan(Audience("campaign", {"interest_category"}), kJanuary);
  EXPECT_EQ(Params(plan)[1], "report_type=AUDIENCE");
  EXPECT_EQ(Params(plan)[3], R"(dimensions=["campaign_id","interest_category"])");
  EXPECT_THAT(ColumnNames(plan), ElementsAre("campaign_id", "interest_category", "spend"));
  EXPECT_THAT(plan.columns(1).aliases(), ElementsAre("interest_category_v2"));
}

// All metrics that an ad may be asked for by day.
std::vector<std::string> EveryMetric() {
  std::vector<std::string> names;
  for (const MetricSpec& metric : FindStream("basic_report")->metrics) {
    if (CheckExtract(Basic("ad", {"stat_time_day"}, {std::string(metric.name)})).empty()) {
      names.emplace_back(metric.name);
    }
  }
  return names;
}

TEST(ReadPlanTest, ManyMetricsAreAskedForInGroups) {
  const std::vector<std::string> metrics = EveryMetric();
  ASSERT_GT(metrics.size(), 800u);
  const v1::ReadPlan plan = Plan(Basic("ad", {"stat_time_day"}, metrics), kJanuary);
  ASSERT_EQ(plan.groups(), static_cast<uint32_t>(plan.requests_size()));
  std::vector<std::string> asked, columns;
  for (int group = 0; group < plan.requests_size(); ++group) {
    const v1::ApiRequest& request = plan.requests(group);
    EXPECT_EQ(request.group(), static_cast<uint32_t>(group));
    for (const v1::ApiParam& param : request.params()) {
      if (param.name() == "metrics") {
        const auto names = ParseJsonArray(param.value()).value();
        EXPECT_LE(names.size(), 100u) << "tiktok-api.md 4.1";
        asked.insert(asked.end(), names.begin(), names.end());
      } else {
        const auto& first = plan.requests(0).params();
        EXPECT_TRUE(std::any_of(first.begin(), first.end(), [&](const v1::ApiParam& other) {
          return other.name() == param.name() && other.value() == param.value();
        })) << param.name();
      }
    }
    for (const v1::ColumnPlan* column : ColumnsOfGroup(plan, static_cast<uint32_t>(group))) {
      if (!column->key()) columns.push_back(column->name());
    }
    EXPECT_TRUE(ColumnsOfGroup(plan, static_cast<uint32_t>(group))[0]->key());
  }
  EXPECT_EQ(asked, metrics) << "each once, in their order";
  EXPECT_EQ(columns, metrics);
}

TEST(ReadPlanTest, AHundredShortMetricsAreOneGroup) {
  std::vector<std::string> metrics = EveryMetric();
  std::stable_sort(metrics.begin(), metrics.end(),
                   [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
  metrics.resize(100);
  EXPECT_EQ(Plan(Basic("ad", {"stat_time_day"}, metrics), kJanuary).requests_size(), 1);
  metrics.push_back("onsite_total_purchase_value_calendar_day13");
  EXPECT_EQ(Plan(Basic("ad", {"stat_time_day"}, metrics), kJanuary).requests_size(), 2);
}

// The request line with a filter by a hundred ids, percent-encoded.
size_t LineBytes(const v1::ApiRequest& request) {
  std::vector<std::string> ids(kMostFilterIds, "7002238017842757633");
  size_t bytes = absl::string_view("GET /open_api/v1.3/ HTTP/1.1\r\n").size() + request.path().size();
  const v1::ApiRequest narrowed = NarrowReport(request, "campaign_ids", ids);
  for (const v1::ApiParam& param : narrowed.params()) {
    bytes += param.name().size() + 2;
    for (const char c : param.value()) bytes += absl::ascii_isalnum(c) || c == '_' || c == '-' ? 1 : 3;
  }
  return bytes + absl::string_view("&page=100000&page_size=1000").size();
}

TEST(ReadPlanTest, ARequestFitsIntoALineOfEightKilobytes) {
  std::vector<std::string> metrics = EveryMetric();
  std::stable_sort(metrics.begin(), metrics.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  const v1::ReadPlan plan = Plan(Basic("ad", {"stat_time_day"}, metrics), kJanuary);
  for (const v1::ApiRequest& request : plan.requests()) EXPECT_LT(LineBytes(request), 8192u);
}

TEST(ReadPlanTest, AdvertsByCreationInTwoSweeps) {
  const Window window{WindowKind::kCreated, absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 6, 28)};
  const v1::ReadPlan plan = Plan(Objects("adverts"), window);
  ASSERT_EQ(plan.requests_size(), 2);
  EXPECT_EQ(plan.requests(0).path(), "ad/get/");
  EXPECT_THAT(
      Params(plan, 0),
      ElementsAre("advertiser_id=7002238017842757633",
                  R"(filtering={"primary_status":"STATUS_ALL","campaign_system_origins":["TT_ADS_PLATFORM","PROMOTE"],)"
                  R"("creation_filter_start_time":"2024-01-01 00:00:00",)"
                  R"("creation_filter_end_time":"2024-06-28 23:59:59"})"));
  EXPECT_THAT(
      Params(plan, 1),
      ElementsAre("advertiser_id=7002238017842757633",
                  R"(filtering={"primary_status":"STATUS_ALL","campaign_system_origins":["TT_ADS_PLATFORM","PROMOTE"],)"
                  R"("creation_filter_start_time":"2024-01-01 00:00:00",)"
                  R"("creation_filter_end_time":"2024-06-28 23:59:59","buying_types":["RESERVATION_TOP_VIEW"]})"));
  EXPECT_EQ(plan.requests(0).page_size(), 1000u);
  EXPECT_EQ(plan.requests(1).page_size(), 1000u);
  EXPECT_EQ(plan.columns(0).name(), "advertiser_id");
  EXPECT_EQ(plan.columns(1).name(), "ad_id");
  EXPECT_EQ(plan.columns(1).source(), v1::ColumnPlan::SOURCE_FIELD);
}

TEST(ReadPlanTest, AdGroupsWholeWithSmallTopViewPages) {
  v1::Extract extract = Objects("ad_groups");
  extract.set_exclude_deleted(true);
  const v1::ReadPlan plan = Plan(extract, Window{});
  ASSERT_EQ(plan.requests_size(), 2);
  EXPECT_EQ(plan.requests(0).path(), "adgroup/get/");
  EXPECT_EQ(
      Params(plan, 0)[1],
      R"(filtering={"primary_status":"STATUS_NOT_DELETE","campaign_system_origins":["TT_ADS_PLATFORM","PROMOTE"]})");
  EXPECT_EQ(
      Params(plan, 1)[1],
      R"(filtering={"primary_status":"STATUS_NOT_DELETE","campaign_system_origins":["TT_ADS_PLATFORM","PROMOTE"],)"
      R"("buying_types":["RESERVATION_TOP_VIEW"]})");
  EXPECT_EQ(plan.requests(0).page_size(), 1000u);
  EXPECT_EQ(plan.requests(1).page_size(), 100u);
  EXPECT_EQ(plan.window(), "all");
}

TEST(ReadPlanTest, CampaignsWhole) {
  const v1::ReadPlan plan = Plan(Objects("campaigns"), Window{});
  EXPECT_EQ(plan.requests(0).path(), "campaign/get/");
  EXPECT_EQ(Params(plan, 0)[1],
            R"(filtering={"primary_status":"STATUS_ALL","campaign_system_origins":["TT_ADS_PLATFORM","PROMOTE"]})");
}

TEST(ReadPlanTest, InterestCategoriesInOneAnswer) {
  v1::Extract extract = Objects("interest_categories");
  EXPECT_THAT(Params(Plan(extract, Window{})), ElementsAre("advertiser_id=7002238017842757633"));
  (*extract.mutable_options())["language"] = "de";
  (*extract.mutable_options())["version"] = "2";
  const v1::ReadPlan plan = Plan(extract, Window{});
  EXPECT_THAT(Params(plan), ElementsAre("advertiser_id=7002238017842757633", "version=2", "language=de"));
  EXPECT_EQ(plan.requests(0).path(), "tool/interest_category/");
  EXPECT_EQ(plan.rows_member(), "interest_categories");
  EXPECT_FALSE(plan.paged());
  EXPECT_EQ(plan.requests_size(), 1);
}

}  // namespace
}  // namespace tikhaul
