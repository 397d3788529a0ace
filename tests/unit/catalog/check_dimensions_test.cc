// The rules of tiktok-api.md 4.2.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(CheckDimensionsTest, TheKnownGoodCombinationsOfTheSheetAreLegal) {
  const std::vector<v1::Extract> good = {
      Basic("ad", {}),
      Basic("ad", {"stat_time_day"}),
      Basic("campaign", {"stat_time_hour"}),
      Basic("ad_group", {"country_code"}),
      Basic("ad", {"stat_time_day", "country_code"}),
      Basic("campaign", {"ad_type"}),
      Basic("ad", {"video_material_id"}),
      Basic("ad", {"image_id"}, {"single_image_impressions"}),
      Basic("advertiser", {"search_terms"}),
      Basic("ad_group", {"search_terms", "stat_time_day"}),
      Basic("campaign", {"search_keyword", "match_type", "stat_time_day"}),
      Basic("campaign", {"custom_event_type"}),
      Basic("ad", {"event_source_id"}),
      Basic("ad", {"ad_id_v2", "stat_time_day"}),
      Basic("ad", {"ad_id", "stat_time_day"}),
      Audience("ad", {"stat_time_day", "gender", "age"}),
      Audience("advertiser", {"stat_time_day", "country_code"}),
      Audience("campaign", {"stat_time_day", "platform"}),
      Audience("campaign", {"stat_time_day", "province_id"}),
      Audience("advertiser", {"gender", "age"}),
      Audience("campaign", {"interest_category"}),
  };
  for (const v1::Extract& extract : good) EXPECT_THAT(ProblemsOf(extract), IsEmpty()) << extract.ShortDebugString();
}

TEST(CheckDimensionsTest, UnknownNamesGetTheNearestRightOne) {
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {"stat_time_day", "contry_code"})),
      ElementsAre("dimensions[1] unknown dimension \"contry_code\" of basic_report (tiktok-api.md 4.2); did you mean "
                  "\"country_code\"?"));
}

TEST(CheckDimensionsTest, NamesOfTheOtherReportAreTold) {
  EXPECT_THAT(ProblemsOf(Basic("ad", {"gender"})),
              ElementsAre("dimensions[0] dimension \"gender\" is not offered in basic_report, only in audience_report "
                          "(tiktok-api.md 4.2)"));
  EXPECT_THAT(
      ProblemsOf(Audience("ad", {"age", "stat_time_hour"})),
      ElementsAre("dimensions[1] dimension \"stat_time_hour\" is not offered in audience_report, only in basic_report "
                  "(tiktok-api.md 4.2)"));
}

TEST(CheckDimensionsTest, MetricsAmongThemAreTold) {
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {"spend"})),
      ElementsAre("dimensions[0] \"spend\" is a metric, not a dimension: move it to metrics (tiktok-api.md 4.2)"));
}

TEST(CheckDimensionsTest, AParentIdBelongsIntoMetrics) {
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {"campaign_id"})),
      ElementsAre("dimensions[0] dimension \"campaign_id\" needs level campaign; this extract has level ad: ask for it "
                  "in metrics instead (tiktok-api.md 4.2)"));
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {"advertiser_id"})),
      ElementsAre(
          "dimensions[0] dimension \"advertiser_id\" needs level advertiser; this extract has level ad: leave it "
          "out, every table has it (tiktok-api.md 4.2)"));
  EXPECT_THAT(
      ProblemsOf(Basic("campaign", {"ad_id"})),
      ElementsAre(
          "dimensions[0] dimension \"ad_id\" needs level ad; this extract has level campaign (tiktok-api.md 4.2)"));
}

TEST(CheckDimensionsTest, LevelsOfDimensionsAreKept) {
  const std::vector<std::pair<const char*, const char*>> bad = {
      {"advertiser", "ad_type"}, {"campaign", "page_id"},  {"ad", "search_terms"},
      {"ad_group", "image_id"},  {"ad_group", "ad_id_v2"}, {"advertiser", "custom_event_type"}};
  for (const auto& [level, dimension] : bad) {
    EXPECT_THAT(ProblemsOf(Basic(level, {dimension})), ElementsAre(HasSubstr("needs level"))) << dimension;
  }
  EXPECT_THAT(ProblemsOf(Audience("advertiser", {"ad_type"})),
              ElementsAre(HasSubstr("needs level campaign, ad_group or ad")));
}

TEST(CheckDimensionsTest, OneOfEachKind) {
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {"stat_time_day", "stat_time_hour"})),
      ElementsAre("dimensions[1] stat_time_day and stat_time_hour cannot stand together: one time dimension per report "
                  "(tiktok-api.md 4.2)"));
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {"ad_id", "ad_id_v2"})),
      ElementsAre(
          "dimensions[1] ad_id and ad_id_v2 cannot stand together: one id dimension per report (tiktok-api.md 4.2)"));
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {"image_id", "video_material_id"})),
      ElementsAre(
          "dimensions[1] image_id and video_material_id cannot stand together: one dimension beside the id and the "
          "time dimension per report (tiktok-api.md 4.2)"));
  EXPECT_THAT(
      ProblemsOf(Audience("ad", {"age", "gender", "platform"})),
      ElementsAre(
          "dimensions[2] age and platform cannot stand together: one audience dimension per report, the only pair "
          "is age with gender (tiktok-api.md 4.2)"));
  EXPECT_THAT(ProblemsOf(Audience("ad", {"country_code", "age"})),
              ElementsAre(HasSubstr("country_code and age cannot stand together")));
  EXPECT_THAT(ProblemsOf(Basic("ad", {"stat_time_day", "stat_time_day"})),
              ElementsAre("dimensions[1] dimension \"stat_time_day\" stands twice (tiktok-api.md 4.2)"));
}

TEST(CheckDimensionsTest, MatchTypeNeedsSearchKeyword) {
  EXPECT_THAT(ProblemsOf(Basic("campaign", {"match_type"})),
              ElementsAre("dimensions[0] dimension \"match_type\" needs search_keyword beside it (tiktok-api.md 4.2)"));
}

TEST(CheckDimensionsTest, SomeCannotStandBesideTime) {
  for (const char* dimension : {"interest_category", "interest_category_tier2", "interest_category_tier3",
                                "interest_category_tier4", "device_brand_id"}) {
    EXPECT_THAT(ProblemsOf(Audience("ad", {dimension, "stat_time_day"})),
                ElementsAre(HasSubstr("cannot stand beside a time dimension (tiktok-api.md 4.2)")))
        << dimension;
  }
  for (const char* dimension : {"country_code", "ad_type", "image_id", "search_keyword"}) {
    EXPECT_THAT(ProblemsOf(Basic("ad", {"stat_time_hour", dimension})),
                ElementsAre(absl::StrCat("dimensions[1] dimension \"", dimension,
                                         "\" cannot stand beside stat_time_hour (tiktok-api.md 4.2)")));
  }
}

TEST(CheckDimensionsTest, LifetimeHasNoTimeAndNoAudienceDimension) {
  for (const char* dimension : {"stat_time_day", "stat_time_hour", "country_code", "ad_type"}) {
    v1::Extract extract = Basic("ad", {dimension});
    extract.set_lifetime(true);
    EXPECT_THAT(ProblemsOf(extract), ElementsAre(HasSubstr("cannot stand in a lifetime report"))) << dimension;
  }
}

TEST(CheckDimensionsTest, AnAudienceReportNeedsAnAudienceDimension) {
  EXPECT_THAT(
      ProblemsOf(Audience("ad", {"stat_time_day"})),
      ElementsAre(
          "dimensions[-1] audience_report needs an audience dimension, such as gender, age, country_code or platform "
          "(tiktok-api.md 4.2)"));
}

}  // namespace
}  // namespace tikhaul
