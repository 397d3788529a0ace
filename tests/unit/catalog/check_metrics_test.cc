// The rules of tiktok-api.md 4.6.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(CheckMetricsTest, EveryPresetIsLegalWhereItPromises) {
  for (const StreamSpec& stream : Streams()) {
    for (const PresetSpec& preset : stream.presets) {
      const std::vector<std::string> metrics(preset.metrics.begin(), preset.metrics.end());
      std::vector<std::string> dimensions = {"stat_time_day"};
      if (stream.needs_breakdown) dimensions.insert(dimensions.end(), {"age", "gender"});
      const std::string level = stream.levels == kAllLevels ? "ad" : "campaign";
      v1::Extract extract = Report(std::string(stream.name), level, dimensions, metrics);
      if (stream.name == "gmv_max_report") (*extract.mutable_options())["store_ids"] = "[\"749\"]";
      EXPECT_THAT(ProblemsOf(extract), IsEmpty()) << preset.name;
    }
  }
}

TEST(CheckMetricsTest, AttributePresetsAreLegalAtTheirLevel) {
  const std::vector<std::array<const char*, 3>> cases = {
      {"basic_report", "campaign", "campaign_attributes"},
      {"basic_report", "ad_group", "ad_group_attributes"},
      {"audience_report", "campaign", "audience_campaign_attributes"},
      {"audience_report", "ad_group", "audience_ad_group_attributes"}};
  for (const auto& [stream, level, name] : cases) {
    const auto& presets = FindStream(stream)->presets;
    const auto preset =
        std::find_if(presets.begin(), presets.end(), [&](const PresetSpec& p) { return p.name == name; });
    ASSERT_NE(preset, presets.end()) << name;
    std::vector<std::string> dimensions;
    if (FindStream(stream)->needs_breakdown) dimensions = {"age"};
    const std::vector<std::string> metrics(preset->metrics.begin(), preset->metrics.end());
    EXPECT_THAT(ProblemsOf(Report(stream, level, dimensions, metrics)), IsEmpty()) << name;
  }
}

TEST(CheckMetricsTest, UnknownNamesGetTheNearestRightOne) {
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {}, {"clicks", "spned"})),
      ElementsAre("metrics[1] unknown metric \"spned\" of basic_report (tiktok-api.md 4.6); did you mean \"spend\"?"));
}

TEST(CheckMetricsTest, NamesThatBelongElsewhereAreTold) {
  EXPECT_THAT(
      ProblemsOf(Audience("ad", {"age"}, {"reach"})),
      ElementsAre(
          "metrics[0] metric \"reach\" is not offered in audience_report, only in basic_report (tiktok-api.md 4.6)"));
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {}, {"country_code"})),
      ElementsAre(
          "metrics[0] \"country_code\" is a dimension, not a metric: move it to dimensions (tiktok-api.md 4.2)"));
  EXPECT_THAT(ProblemsOf(Basic("ad", {}, {"core"})),
              ElementsAre("metrics[0] \"core\" is a preset: write \"preset:core\""));
}

TEST(CheckMetricsTest, AtLeastOneAndAsManyAsThereAre) {
  EXPECT_THAT(ProblemsOf(Basic("ad", {}, {})),
              ElementsAre("metrics[-1] metrics are missing: name some, or a preset such as preset:core"));
  std::vector<std::string> many;
  for (const MetricSpec& metric : FindStream("basic_report")->metrics) {
    if (metric.group == "app" || metric.group == "onsite") many.emplace_back(metric.name);
  }
  ASSERT_GT(many.size(), 300u);
  EXPECT_THAT(ProblemsOf(Basic("ad", {}, many)), IsEmpty());
}

TEST(CheckMetricsTest, NoMetricTwiceAndNoneThatIsAKeyAlready) {
  EXPECT_THAT(ProblemsOf(Basic("ad", {}, {"spend", "spend"})),
              ElementsAre("metrics[1] metric \"spend\" stands twice (tiktok-api.md 4.6)"));
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {}, {"ad_id"})),
      ElementsAre(
          "metrics[0] \"ad_id\" is a key column of this table already: leave it out of metrics (tiktok-api.md 4.6)"));
  EXPECT_THAT(ProblemsOf(Basic("campaign", {}, {"advertiser_id"})),
              ElementsAre(HasSubstr("is a key column of this table already")));
  EXPECT_THAT(ProblemsOf(Basic("ad", {}, {"campaign_id", "adgroup_id", "ad_id_v2"})), IsEmpty());
}

TEST(CheckMetricsTest, AttributesNeedTheirLevel) {
  EXPECT_THAT(
      ProblemsOf(Basic("campaign", {}, {"ad_name"})),
      ElementsAre("metrics[0] metric \"ad_name\" needs level ad; this extract has level campaign (tiktok-api.md 4.6)"));
  EXPECT_THAT(ProblemsOf(Basic("campaign", {}, {"budget"})), ElementsAre(HasSubstr("needs level ad_group or ad")));
  EXPECT_THAT(ProblemsOf(Basic("advertiser", {}, {"campaign_name"})),
              ElementsAre(HasSubstr("needs level campaign, ad_group or ad")));
  EXPECT_THAT(ProblemsOf(Audience("advertiser", {"age"}, {"objective_type"})), ElementsAre(HasSubstr("needs level")));
}

TEST(CheckMetricsTest, CashAndVoucherSpendAreForAdvertiserDaysOnly) {
  EXPECT_THAT(ProblemsOf(Basic("advertiser", {"stat_time_day"}, {"cash_spend", "voucher_spend"})), IsEmpty());
  EXPECT_THAT(ProblemsOf(Basic("campaign", {"stat_time_day"}, {"cash_spend"})),
              ElementsAre(HasSubstr("needs level advertiser")));
  EXPECT_THAT(ProblemsOf(Basic("advertiser", {"stat_time_hour"}, {"cash_spend"})),
              ElementsAre("metrics[0] metric \"cash_spend\" needs dimension stat_time_day (tiktok-api.md 4.6)"));
  EXPECT_THAT(
      ProblemsOf(Basic("advertiser", {"stat_time_day", "country_code"}, {"voucher_spend"})),
      ElementsAre(
          "metrics[0] metric \"voucher_spend\" cannot stand beside dimension \"country_code\" (tiktok-api.md 4.6)"));
}

TEST(CheckMetricsTest, ImageMetricsNeedImageId) {
  EXPECT_THAT(ProblemsOf(Basic("ad", {"stat_time_day"}, {"single_image_ctr"})),
              ElementsAre("metrics[0] metric \"single_image_ctr\" needs dimension image_id (tiktok-api.md 4.6)"));
}

TEST(CheckMetricsTest, PairsThatTheApiRefusesAreRefusedHereWithTheRule) {
  EXPECT_THAT(
      ProblemsOf(Audience("ad", {"age", "gender"}, {"likes"})),
      ElementsAre(
          "metrics[0] metric \"likes\" cannot stand beside dimension \"gender\": beside gender there are no video, "
          "social and page metrics (tiktok-api.md 4.6)",
          "metrics[0] metric \"likes\" cannot stand beside dimension \"age\": beside age there are no video, social "
          "and page metrics (tiktok-api.md 4.6)"));
  EXPECT_THAT(
      ProblemsOf(Basic("campaign", {"search_keyword", "match_type"}, {"conversion"})),
      ElementsAre(
          "metrics[0] metric \"conversion\" cannot stand beside dimension \"search_keyword\": beside search_keyword "
          "there are spend, cpc, cpm, impressions, clicks and ctr (tiktok-api.md 4.6)"));
}

TEST(CheckMetricsTest, TheUpgradedAdIdExcludesTheOldOne) {
  EXPECT_THAT(
      ProblemsOf(Basic("ad", {"ad_id_v2"}, {"ad_id"})),
      ElementsAre("metrics[0] metric \"ad_id\" cannot stand beside dimension \"ad_id_v2\" (tiktok-api.md 4.6)"));
  EXPECT_THAT(ProblemsOf(Basic("ad", {"ad_id_v2"}, {"ad_id_v2"})),
              ElementsAre(HasSubstr("is a key column of this table already")));
}

}  // namespace
}  // namespace tikhaul
