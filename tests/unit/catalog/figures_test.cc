#include "common/catalog/figures.h"

#include <gmock/gmock.h>

#include "common/catalog/extract_shape.h"
#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::Filter Filter(const std::string& field, const std::string& value) {
  v1::Filter filter;
  filter.set_field_name(field);
  filter.set_filter_type("IN");
  filter.set_filter_value(value);
  return filter;
}

TEST(FiguresTest, EventsAndMoneyAddUpPeopleAndRatesDoNot) {
  EXPECT_THAT(AdditiveMetrics(Basic("ad", {"stat_time_day"},
                                    {"spend",
                                     "reach",
                                     "impressions",
                                     "ctr",
                                     "frequency",
                                     "clicks",
                                     "result",
                                     "conversion",
                                     "cost_per_conversion",
                                     "video_watched_2s",
                                     "average_video_play",
                                     "live_unique_views",
                                     "purchase",
                                     "total_purchase",
                                     "total_purchase_value",
                                     "value_per_total_purchase",
                                     "complete_payment_roas",
                                     "campaign_id",
                                     "campaign_budget",
                                     "total_value_per_pageview",
                                     "total_purchase_value_day0",
                                     "total_purchase_roas_day0",
                                     "ix_average_video_play"})),
              ElementsAre("spend", "impressions", "clicks", "conversion", "video_watched_2s", "total_purchase",
                          "total_purchase_value", "total_purchase_value_day0"));
}

TEST(FiguresTest, NoRateOrCostOfTheCatalogueIsAdded) {
  for (const StreamSpec& stream : Streams()) {
    for (const MetricSpec& metric : stream.metrics) {
      const std::string name(metric.name);
      const bool ratio = name.find("cost_per") != std::string::npos || name.find("roas") != std::string::npos ||
                         name.find("per_") != std::string::npos || name == "ctr" || name == "cpc" || name == "cpm";
      EXPECT_FALSE(ratio && IsAdditive(stream, metric)) << name;
    }
  }
}

TEST(FiguresTest, ReportsAreAskedForAtTheCoarsestLevelThatKnowsTheirBreakdowns) {
  EXPECT_EQ(CoarsestLevel(Basic("ad", {"stat_time_day"}), {"spend"}), kAdvertiserLevel);
  EXPECT_EQ(CoarsestLevel(Basic("advertiser", {"stat_time_day"}), {"spend"}), kAdvertiserLevel);
  EXPECT_EQ(CoarsestLevel(Basic("ad", {"ad_type"}), {"spend"}), kCampaignLevel);
  EXPECT_EQ(CoarsestLevel(Basic("ad", {"image_id"}), {"spend"}), kAdLevel);
  EXPECT_EQ(CoarsestLevel(Audience("ad_group", {"stat_time_day", "gender", "age"}), {"spend"}), kAdvertiserLevel);
}

TEST(FiguresTest, AnotherLevelCountsEverythingByDay) {
  v1::Extract extract = Basic("ad", {"stat_time_hour", "ad_id"}, {"spend", "ctr"});
  extract.set_exclude_deleted(true);
  *extract.add_filters() = Filter("campaign_ids", R"(["1"])");
  const v1::Extract other = AtLevel(extract, kAdvertiserLevel, {"spend"});
  EXPECT_THAT(other.dimensions(), ElementsAre("stat_time_day"));
  EXPECT_THAT(other.metrics(), ElementsAre("spend"));
  EXPECT_THAT(other.filters(), IsEmpty());
  EXPECT_FALSE(other.exclude_deleted());
  EXPECT_THAT(ProblemsOf(other), IsEmpty());
  EXPECT_EQ(LongestWindowDays(other), 30);
}

TEST(FiguresTest, RestrictionsAreDroppedOneByOne) {
  v1::Extract extract = Basic("ad", {"stat_time_day"});
  EXPECT_THAT(RestrictionsOf(extract, {"spend"}), IsEmpty());
  *extract.add_filters() = Filter("buying_type", R"(["AUCTION"])");
  *extract.add_filters() = Filter("campaign_automation_type", R"(["MANUAL"])");
  extract.set_exclude_deleted(true);
  const std::vector<Restriction> restrictions = RestrictionsOf(extract, {"spend"});
  ASSERT_EQ(restrictions.size(), 3u);
  EXPECT_EQ(restrictions[0].what, "buying types (filter buying_type)");
  EXPECT_EQ(restrictions[0].without.filters_size(), 1);
  EXPECT_EQ(restrictions[1].what, "Smart+ (filter campaign_automation_type)");
  EXPECT_TRUE(restrictions[1].without.exclude_deleted());
  EXPECT_EQ(restrictions[2].what, "deleted objects (include_deleted: false)");
  EXPECT_FALSE(restrictions[2].without.exclude_deleted());
}

TEST(FiguresTest, KnowsColumnsTotalsAndKnownGaps) {
  EXPECT_EQ(IdColumnOf(Basic("advertiser", {"stat_time_day"})), "");
  EXPECT_EQ(IdColumnOf(Basic("ad_group", {"stat_time_day"})), "adgroup_id");
  EXPECT_EQ(IdColumnOf(Basic("ad", {"stat_time_day", "ad_id_v2"})), "ad_id_v2");
  EXPECT_THAT(BreakdownColumns(Audience("ad", {"stat_time_day", "age", "gender"})), ElementsAre("gender", "age"));
  EXPECT_TRUE(HasTotals(Basic("ad", {"stat_time_day"})));
  EXPECT_FALSE(HasTotals(Basic("ad", {"stat_time_day", "country_code"})));
  EXPECT_FALSE(HasTotals(Audience("ad", {"stat_time_day", "age"})));
  EXPECT_NE(PartialCoverage(Audience("ad", {"province_id"})), "");
  EXPECT_EQ(PartialCoverage(Audience("ad", {"gender"})), "");
}

}  // namespace
}  // namespace tikhaul
