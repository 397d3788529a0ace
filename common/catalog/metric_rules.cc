// Which metrics are answered beside which dimension; other pairs are refused by the API with 40002 (tiktok-api.md 4.6,
// last paragraphs). Dimensions for which no source gives a list are open to all metrics, but for those that section 4.2
// says to have small sets: those get what all listed sets have, core and attributes. Data only.
#include "common/catalog/catalog_data.h"

namespace tikhaul {
namespace {

constexpr MetricRule kBasicRules[] = {
    {"country_code",
     "attributes core video social live:live_product_clicks app:app_install app:registration app:purchase "
     "website:complete_payment website:landing_page_view website:button_click website:online_consult website:form "
     "website:download_start",
     "beside country_code there are core, video, social and attribute metrics, live_product_clicks, and those of "
     "app_install, "
     "registration, purchase, complete_payment, landing_page_view, button_click, online_consult, form and "
     "download_start"},
    {"ad_type", "core:skan_ -core:result attributes core video social website:landing_page_view",
     "beside ad_type there are core (without results), SKAN, video, social, landing_page_view and attribute metrics"},
    {"search_terms",
     "=spend =cpc =cpm =impressions =clicks =ctr =conversion =cost_per_conversion =conversion_rate "
     "=real_time_conversion "
     "=result =cost_per_result =result_rate =video_play_actions =engaged_view =engaged_view_15s",
     "beside search_terms there are spend, cpc, cpm, impressions, clicks, ctr, conversion, cost_per_conversion, "
     "conversion_rate, real_time_conversion, result, cost_per_result, result_rate, video_play_actions, engaged_view "
     "and "
     "engaged_view_15s"},
    {"search_keyword", "=spend =cpc =cpm =impressions =clicks =ctr",
     "beside search_keyword there are spend, cpc, cpm, impressions, clicks and ctr"},
    {"custom_event_type", "attributes core",
     "beside custom_event_type there are core and attribute metrics (its small set is not listed by any source)"},
    {"event_source_id", "attributes core",
     "beside event_source_id there are core and attribute metrics (its small set is not listed by any source)"},
    {"page_id", "attributes core instant_experience onsite:ix_",
     "beside page_id there are core, Instant Experience (ix_) and attribute metrics"},
    {"component_name", "attributes core instant_experience onsite:ix_",
     "beside component_name there are core, Instant Experience (ix_) and attribute metrics"},
    {"room_id", "attributes core onsite:onsite_add_to_wishlist onsite:ix_product_click shop",
     "beside room_id there are core, shop, onsite_add_to_wishlist, ix_product_click and attribute metrics"},
    {"post_id", "attributes core onsite:onsite_add_to_wishlist onsite:ix_product_click shop",
     "beside post_id there are core, shop, onsite_add_to_wishlist, ix_product_click and attribute metrics"},
};

// Video, social and page metrics are confirmed beside country_code and the last four only; a connector in production
// leaves them out of all other audience requests.
constexpr absl::string_view kPlainPicks = "attributes core";

constexpr MetricRule kAudienceRules[] = {
    {"gender", kPlainPicks, "beside gender there are no video, social and page metrics"},
    {"age", kPlainPicks, "beside age there are no video, social and page metrics"},
    {"platform", kPlainPicks, "beside platform there are no video, social and page metrics"},
    {"province_id", kPlainPicks, "beside province_id there are no video, social and page metrics"},
    {"dma_id", kPlainPicks, "beside dma_id there are no video, social and page metrics"},
    {"ac", kPlainPicks, "beside ac there are no video, social and page metrics"},
    {"language", kPlainPicks, "beside language there are no video, social and page metrics"},
    {"placement", kPlainPicks, "beside placement there are no video, social and page metrics"},
    {"interest_category", kPlainPicks, "beside interest_category there are no video, social and page metrics"},
    {"interest_category_tier2", kPlainPicks,
     "beside interest_category_tier2 there are no video, social and page metrics"},
    {"interest_category_tier3", kPlainPicks,
     "beside interest_category_tier3 there are no video, social and page metrics"},
    {"interest_category_tier4", kPlainPicks,
     "beside interest_category_tier4 there are no video, social and page metrics"},
    {"behavior_id", kPlainPicks, "beside behavior_id there are no video, social and page metrics"},
    {"device_brand_id", kPlainPicks, "beside device_brand_id there are no video, social and page metrics"},
    {"contextual_tag", kPlainPicks, "beside contextual_tag there are no video, social and page metrics"},
    {"additional_interests", kPlainPicks, "beside additional_interests there are no video, social and page metrics"},
    {"ad_type", "-core:result attributes core video social page", "beside ad_type there are no result metrics"},
    {"hashtag", "-core:result attributes core video social page", "beside hashtag there are no result metrics"},
    {"audience_tags", "-core:result attributes core video social page",
     "beside audience_tags there are no result metrics"},
    {"purchase_intention", "-core:result attributes core video social page",
     "beside purchase_intention there are no result metrics"},
};

// Sections 4.6 and 5. Nothing is said of AUDIENCE reports.
constexpr MetricRule kBasicTaskRules[] = {
    {"", "-=billed_cost *", "asynchronous reports do not answer billed_cost"},
    {"country_code", "-core:result -core:skan_ -core:reach -=frequency core video social website:landing_page",
     "beside country_code asynchronous reports answer core (without results, reach and frequency), video, social and "
     "landing page metrics only"},
};

}  // namespace

absl::Span<const MetricRule> BasicMetricRules() { return kBasicRules; }
absl::Span<const MetricRule> AudienceMetricRules() { return kAudienceRules; }
absl::Span<const MetricRule> BasicTaskRules() { return kBasicTaskRules; }

}  // namespace tikhaul
