// Which metrics are answered beside which dimension; other pairs are refused by the API with 40002 (tiktok-api.md 4.6,
// last paragraphs). Dimensions for which no source gives a list are open to all metrics. Data only.
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
    {"page_id", "attributes core instant_experience onsite:ix_",
     "beside page_id there are core, Instant Experience (ix_) and attribute metrics"},
    {"component_name", "attributes core instant_experience onsite:ix_",
     "beside component_name there are core, Instant Experience (ix_) and attribute metrics"},
    {"room_id", "attributes core onsite:onsite_add_to_wishlist onsite:ix_product_click shop",
     "beside room_id there are core, shop, onsite_add_to_wishlist, ix_product_click and attribute metrics"},
    {"post_id", "attributes core onsite:onsite_add_to_wishlist onsite:ix_product_click shop",
     "beside post_id there are core, shop, onsite_add_to_wishlist, ix_product_click and attribute metrics"},
};

constexpr MetricRule kAudienceRules[] = {
    {"gender", "attributes core page", "beside gender there are no video and no social metrics"},
    {"age", "attributes core page", "beside age there are no video and no social metrics"},
    {"platform", "attributes core page", "beside platform there are no video and no social metrics"},
    {"ad_type", "-core:result attributes core video social page", "beside ad_type there are no result metrics"},
    {"hashtag", "-core:result attributes core video social page", "beside hashtag there are no result metrics"},
    {"audience_tags", "-core:result attributes core video social page",
     "beside audience_tags there are no result metrics"},
    {"purchase_intention", "-core:result attributes core video social page",
     "beside purchase_intention there are no result metrics"},
};

}  // namespace

absl::Span<const MetricRule> BasicMetricRules() { return kBasicRules; }
absl::Span<const MetricRule> AudienceMetricRules() { return kAudienceRules; }

}  // namespace tikhaul
