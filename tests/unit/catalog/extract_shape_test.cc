#include "common/catalog/extract_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "common/model/names.h"
#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

// "name type", with "*" behind key columns.
std::vector<std::string> Columns(const v1::Extract& extract) {
  std::vector<std::string> lines;
  for (const TableColumn& column : SchemaOf(extract).columns) {
    lines.push_back(absl::StrCat(column.name, " ", Name(column.type), column.key ? "*" : ""));
  }
  return lines;
}

TEST(SchemaTest, ADayReport) {
  v1::Extract extract = Basic("ad", {"stat_time_day"}, {"spend", "impressions", "campaign_id", "is_aco"});
  extract.set_table("ads_daily");
  EXPECT_EQ(SchemaOf(extract).name, "ads_daily");
  EXPECT_EQ(SchemaOf(extract).mode, WriteMode::kMerge);
  EXPECT_THAT(Columns(extract), ElementsAre("advertiser_id string*", "stat_time_day date*", "ad_id string*",
                                            "spend decimal", "impressions int64", "campaign_id string", "is_aco bool",
                                            "_currency string", "_timezone string", "_finality string",
                                            "_run_id string", "_extracted_at timestamp", "_extra json", "_raw json"));
}

TEST(SchemaTest, AnHourReportHasTheInstantToo) {
  EXPECT_THAT(Columns(Basic("campaign", {"stat_time_hour"})),
              ElementsAre("advertiser_id string*", "stat_time_hour local_hour*", "campaign_id string*", "spend decimal",
                          "_utc_start timestamp", "_currency string", "_timezone string", "_finality string",
                          "_run_id string", "_extracted_at timestamp", "_extra json", "_raw json"));
}

TEST(SchemaTest, WithoutATimeDimensionTheWindowIsInTheKey) {
  EXPECT_THAT(Columns(Audience("advertiser", {"gender", "age"})),
              ElementsAre("advertiser_id string*", "_window_start date*", "_window_end date", "gender string*",
                          "age string*", "spend decimal", "_currency string", "_timezone string", "_finality string",
                          "_run_id string", "_extracted_at timestamp", "_extra json", "_raw json"));
}

TEST(SchemaTest, ALifetimeReportHasNoWindow) {
  v1::Extract extract = Basic("ad", {});
  extract.set_lifetime(true);
  EXPECT_THAT(Columns(extract), ElementsAre("advertiser_id string*", "ad_id string*", "spend decimal",
                                            "_currency string", "_timezone string", "_finality string",
                                            "_run_id string", "_extracted_at timestamp", "_extra json", "_raw json"));
}

TEST(SchemaTest, AtAdvertiserLevelTheIdStandsOnce) {
  EXPECT_THAT(Columns(Basic("advertiser", {"advertiser_id", "stat_time_day"})),
              ElementsAre("advertiser_id string*", "stat_time_day date*", "spend decimal", "_currency string",
                          "_timezone string", "_finality string", "_run_id string", "_extracted_at timestamp",
                          "_extra json", "_raw json"));
}

TEST(SchemaTest, TheOrderOfDimensionsDoesNotMatter) {
  EXPECT_EQ(Columns(Audience("ad", {"age", "stat_time_day", "gender"})),
            Columns(Audience("ad", {"stat_time_day", "gender", "age"})));
  EXPECT_EQ(Columns(Basic("ad", {"ad_id", "stat_time_day"})), Columns(Basic("ad", {"stat_time_day"})));
}

TEST(SchemaTest, TheUpgradedAdIdReplacesTheAdId) {
  const std::vector<std::string> columns = Columns(Basic("ad", {"ad_id_v2"}));
  EXPECT_THAT(columns, IsSupersetOf({"ad_id_v2 string*"}));
  EXPECT_EQ(std::count(columns.begin(), columns.end(), "ad_id string*"), 0);
}

TEST(SchemaTest, AppendKeepsEveryRun) {
  v1::Extract extract = Basic("ad", {"stat_time_day"});
  extract.set_mode(v1::WRITE_MODE_APPEND);
  EXPECT_THAT(Columns(extract), IsSupersetOf({"_run_id string*"}));
}

TEST(SchemaTest, EntitiesHaveTheirFieldsAndGoneAt) {
  const std::vector<std::string> columns = Columns(Objects("campaigns"));
  EXPECT_EQ(columns.size(), 1 + 39 + 7u);
  EXPECT_EQ(columns[0], "advertiser_id string*");
  EXPECT_EQ(columns[1], "campaign_id string*");
  EXPECT_THAT(std::vector<std::string>(columns.end() - 7, columns.end()),
              ElementsAre("_currency string", "_timezone string", "_gone_at timestamp", "_run_id string",
                          "_extracted_at timestamp", "_extra json", "_raw json"));
  v1::Extract append = Objects("campaigns");
  append.set_mode(v1::WRITE_MODE_APPEND);
  EXPECT_EQ(Columns(append).size(), columns.size() - 1);
}

TEST(SchemaTest, InterestCategoriesAreReplacedByDefault) {
  EXPECT_EQ(SchemaOf(Objects("interest_categories")).mode, WriteMode::kReplace);
  EXPECT_THAT(Columns(Objects("interest_categories")),
              ElementsAre("advertiser_id string*", "interest_category_id string*", "interest_category_name string",
                          "level int64", "sub_category_ids json", "special_industries json", "placements json",
                          "_currency string", "_timezone string", "_run_id string", "_extracted_at timestamp",
                          "_extra json", "_raw json"));
}

TEST(SchemaTest, NoColumnStandsTwiceInAnyStream) {
  std::vector<v1::Extract> extracts = {Objects("adverts"), Objects("ad_groups"), Objects("campaigns")};
  std::vector<std::string> attributes;
  for (const MetricSpec& metric : FindStream("basic_report")->metrics) {
    if (metric.group == "attributes" && metric.name != "ad_id" && metric.name != "advertiser_id")
      attributes.emplace_back(metric.name);
  }
  extracts.push_back(Basic("ad", {"stat_time_day"}, attributes));
  for (const v1::Extract& extract : extracts) {
    ASSERT_TRUE(CheckExtract(extract).empty());
    std::set<std::string> seen;
    for (const TableColumn& column : SchemaOf(extract).columns)
      EXPECT_TRUE(seen.insert(column.name).second) << column.name;
  }
}

struct Expected {
  v1::Extract extract;
  Granularity granularity;
  int longest_days;
  std::string day_column;
};

TEST(ShapeTest, GranularityDecidesWindowsAndDayColumn) {
  v1::Extract lifetime = Basic("ad", {});
  lifetime.set_lifetime(true);
  v1::Extract recent_groups = Objects("ad_groups");
  recent_groups.set_backfill_days(365);
  const std::vector<Expected> cases = {
      {Basic("ad", {"stat_time_hour"}), Granularity::kHour, 1, "stat_time_hour"},
      {Basic("ad", {"stat_time_day"}), Granularity::kDay, 30, "stat_time_day"},
      {Audience("ad", {"stat_time_day", "age"}), Granularity::kDay, 30, "stat_time_day"},
      {Basic("ad", {"country_code"}), Granularity::kNone, 365, "_window_start"},
      {lifetime, Granularity::kLifetime, 0, ""},
      {Objects("adverts"), Granularity::kEntity, 180, "create_time"},
      {Objects("ad_groups"), Granularity::kEntity, 0, "create_time"},
      {recent_groups, Granularity::kEntity, 180, "create_time"},
      {Objects("campaigns"), Granularity::kEntity, 0, "create_time"},
      {Objects("interest_categories"), Granularity::kTree, 0, ""},
  };
  for (const Expected& expected : cases) {
    EXPECT_EQ(GranularityOf(expected.extract), expected.granularity) << expected.extract.ShortDebugString();
    EXPECT_EQ(LongestWindowDays(expected.extract), expected.longest_days) << expected.extract.ShortDebugString();
    EXPECT_EQ(DayColumnOf(expected.extract), expected.day_column) << expected.extract.ShortDebugString();
  }
}

TEST(ShapeTest, TheSlowestPartDecidesTheLag) {
  EXPECT_EQ(LagOf(Basic("ad", {"stat_time_day"}, {"spend", "clicks"})), Lag::kFast);
  EXPECT_EQ(LagOf(Basic("ad", {"stat_time_day"}, {"spend", "reach"})), Lag::kHours16);
  EXPECT_EQ(LagOf(Basic("ad", {"ad_type"}, {"spend"})), Lag::kHours16);
  EXPECT_EQ(LagOf(Basic("advertiser", {"stat_time_day"}, {"reach", "cash_spend", "billed_cost"})), Lag::kHours48);
  EXPECT_EQ(LagOf(Audience("ad", {"country_code"})), Lag::kHours11);
  EXPECT_EQ(LagOf(Audience("ad", {"behavior_id"})), Lag::kHours24);
  EXPECT_EQ(LagOf(Objects("campaigns")), Lag::kFast);
}

TEST(ShapeTest, TheKeyTellsPeopleWhatMustStay) {
  EXPECT_EQ(ShapeKey(Basic("ad", {"stat_time_day"})),
            "basic_report by ad, key advertiser_id+stat_time_day+ad_id, mode merge");
  EXPECT_EQ(ShapeKey(Basic("ad", {"stat_time_day"}, {"clicks"})), ShapeKey(Basic("ad", {"stat_time_day"})));
  EXPECT_NE(ShapeKey(Basic("ad", {"stat_time_hour"})), ShapeKey(Basic("ad", {"stat_time_day"})));
  EXPECT_EQ(ShapeKey(Objects("interest_categories")),
            "interest_categories, key advertiser_id+interest_category_id, mode replace");
  v1::Extract append = Objects("adverts");
  append.set_mode(v1::WRITE_MODE_APPEND);
  EXPECT_EQ(ShapeKey(append), "adverts, key advertiser_id+ad_id+_run_id, mode append");
}

}  // namespace
}  // namespace tikhaul
