// Which metrics may stand beside which dimension: tiktok-api.md 4.6, last paragraphs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/catalog/catalog.h"

namespace tikhaul {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// The names of a group that may stand beside the dimension.
std::vector<std::string> Allowed(const char* stream, absl::string_view dimension, absl::string_view group) {
  std::vector<std::string> names;
  const StreamSpec& spec = *FindStream(stream);
  for (const MetricSpec& metric : spec.metrics) {
    if (metric.group == group && RefusingRule(spec, metric, dimension) == nullptr) names.emplace_back(metric.name);
  }
  return names;
}

TEST(MetricRulesTest, CountryKeepsTheFamiliesOfTheSheet) {
  EXPECT_THAT(Allowed("basic_report", "country_code", "app"),
              UnorderedElementsAre("real_time_app_install", "app_install", "registration", "total_registration",
                                   "purchase", "total_purchase", "real_time_app_install_cost", "cost_per_app_install",
                                   "cost_per_registration", "registration_rate", "cost_per_total_registration",
                                   "cost_per_purchase", "purchase_rate", "cost_per_total_purchase",
                                   "value_per_total_purchase", "total_purchase_value", "total_purchase_roas_day0",
                                   "total_purchase_roas_day2", "total_purchase_roas_day6", "total_purchase_value_day0",
                                   "total_purchase_value_day2", "total_purchase_value_day6"));
  EXPECT_THAT(Allowed("basic_report", "country_code", "website"),
              UnorderedElementsAre("complete_payment", "total_landing_page_view", "button_click", "online_consult",
                                   "form", "download_start", "complete_payment_roas", "cost_per_complete_payment",
                                   "complete_payment_rate", "value_per_complete_payment", "total_complete_payment_rate",
                                   "cost_per_landing_page_view", "landing_page_view_rate", "cost_per_button_click",
                                   "button_click_rate", "value_per_button_click", "total_button_click_value",
                                   "cost_per_online_consult", "online_consult_rate", "value_per_online_consult",
                                   "total_online_consult_value", "cost_per_form", "form_rate", "value_per_form",
                                   "total_form_value", "cost_per_download_start", "download_start_rate",
                                   "value_per_download_start", "total_download_start_value"));
  EXPECT_THAT(Allowed("basic_report", "country_code", "live"), ElementsAre("live_product_clicks"));
  EXPECT_EQ(Allowed("basic_report", "country_code", "core").size(), 36u);
  EXPECT_EQ(Allowed("basic_report", "country_code", "video").size(), 16u);
  EXPECT_EQ(Allowed("basic_report", "country_code", "social").size(), 14u);
  for (const char* group : {"click", "image", "interactive_add_on", "instant_experience", "onsite", "native_growth",
                            "offline", "messaging", "shop", "attribution"}) {
    EXPECT_THAT(Allowed("basic_report", "country_code", group), IsEmpty()) << group;
  }
}

TEST(MetricRulesTest, SearchTermsKeepTheListOfTheSheet) {
  std::vector<std::string> all;
  for (const char* group : {"attributes", "core", "video", "click", "social", "app", "website", "attribution"}) {
    for (const std::string& name : Allowed("basic_report", "search_terms", group)) all.push_back(name);
  }
  EXPECT_THAT(all, UnorderedElementsAre("spend", "cpc", "cpm", "impressions", "clicks", "ctr", "conversion",
                                        "cost_per_conversion", "conversion_rate", "real_time_conversion", "result",
                                        "cost_per_result", "result_rate", "video_play_actions", "engaged_view",
                                        "engaged_view_15s"));
}

TEST(MetricRulesTest, SearchKeywordsKeepSixMetrics) {
  EXPECT_THAT(Allowed("basic_report", "search_keyword", "core"),
              UnorderedElementsAre("spend", "cpc", "cpm", "impressions", "clicks", "ctr"));
  EXPECT_THAT(Allowed("basic_report", "search_keyword", "attributes"), IsEmpty());
}

TEST(MetricRulesTest, AdTypeLosesResultsButKeepsSkan) {
  const std::vector<std::string> core = Allowed("basic_report", "ad_type", "core");
  for (const char* name : {"spend", "reach", "conversion", "skan_result", "skan_result_rate", "skan_cost_per_result"}) {
    EXPECT_THAT(core, Contains(name));
  }
  for (const char* name : {"result", "cost_per_result", "result_rate", "real_time_result", "secondary_goal_result"}) {
    EXPECT_THAT(core, Not(Contains(name)));
  }
  EXPECT_THAT(Allowed("basic_report", "ad_type", "website"),
              UnorderedElementsAre("total_landing_page_view", "cost_per_landing_page_view", "landing_page_view_rate"));
  EXPECT_THAT(Allowed("basic_report", "ad_type", "app"), IsEmpty());
}

TEST(MetricRulesTest, PagesAndComponentsKeepTheIxFamily) {
  for (const char* dimension : {"page_id", "component_name"}) {
    EXPECT_EQ(Allowed("basic_report", dimension, "instant_experience").size(), 8u);
    EXPECT_THAT(Allowed("basic_report", dimension, "onsite"),
                UnorderedElementsAre("ix_page_view_count", "ix_button_click_count", "ix_product_click_count",
                                     "cost_per_ix_page_view_count", "ix_page_view_count_rate",
                                     "cost_per_ix_button_click_count", "ix_button_click_count_rate",
                                     "cost_per_ix_product_click_count", "ix_product_click_count_rate"));
    EXPECT_THAT(Allowed("basic_report", dimension, "video"), IsEmpty());
  }
}

TEST(MetricRulesTest, RoomsAndPostsKeepWishlistProductClicksAndShop) {
  for (const char* dimension : {"room_id", "post_id"}) {
    EXPECT_THAT(Allowed("basic_report", dimension, "onsite"),
                UnorderedElementsAre("onsite_add_to_wishlist", "cost_per_onsite_add_to_wishlist",
                                     "onsite_add_to_wishlist_rate", "value_per_onsite_add_to_wishlist",
                                     "total_onsite_add_to_wishlist_value", "ix_product_click_count",
                                     "cost_per_ix_product_click_count", "ix_product_click_count_rate"));
    EXPECT_EQ(Allowed("basic_report", dimension, "shop").size(), 24u);
  }
}

TEST(MetricRulesTest, MostAudienceDimensionsLoseVideoSocialAndPage) {
  for (const char* dimension :
       {"gender", "age", "platform", "province_id", "language", "placement", "interest_category",
        "interest_category_tier4", "behavior_id", "device_brand_id", "contextual_tag"}) {
    EXPECT_EQ(Allowed("audience_report", dimension, "core").size(), 21u) << dimension;
    EXPECT_EQ(Allowed("audience_report", dimension, "attributes").size(), 26u) << dimension;
    for (const char* group : {"video", "social", "page"}) {
      EXPECT_THAT(Allowed("audience_report", dimension, group), IsEmpty()) << dimension;
    }
  }
}

TEST(MetricRulesTest, SmallSetsThatAreNotListedKeepCoreAndAttributes) {
  for (const char* dimension : {"custom_event_type", "event_source_id"}) {
    EXPECT_EQ(Allowed("basic_report", dimension, "core").size(), 36u) << dimension;
    EXPECT_EQ(Allowed("basic_report", dimension, "attributes").size(), 48u) << dimension;
    EXPECT_THAT(Allowed("basic_report", dimension, "video"), IsEmpty()) << dimension;
  }
}

TEST(MetricRulesTest, AudienceTagsLoseResultsAndCountryKeepsAll) {
  for (const char* dimension : {"ad_type", "hashtag", "audience_tags", "purchase_intention"}) {
    EXPECT_EQ(Allowed("audience_report", dimension, "core").size(), 15u) << dimension;
    EXPECT_THAT(Allowed("audience_report", dimension, "core"), Not(Contains("result")));
    EXPECT_EQ(Allowed("audience_report", dimension, "video").size(), 10u);
  }
  EXPECT_EQ(Allowed("audience_report", "country_code", "core").size(), 21u);
  EXPECT_EQ(Allowed("audience_report", "country_code", "social").size(), 7u);
}

TEST(MetricRulesTest, DimensionsWithoutARuleAreOpen) {
  EXPECT_EQ(Allowed("basic_report", "video_material_id", "app").size(), 208u);
  EXPECT_EQ(Allowed("basic_report", "minis_id", "onsite").size(), Allowed("basic_report", "image_id", "onsite").size());
  EXPECT_EQ(Allowed("audience_report", "country_code", "page").size(), 3u);
}

}  // namespace
}  // namespace tikhaul
