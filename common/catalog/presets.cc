// Handy sets of metrics, each legal at ad level by day; the audience ones also by age and gender. Data only.
#include "common/catalog/catalog_data.h"

namespace tikhaul {
namespace {

using Names = absl::string_view[];

constexpr Names kCore = {
    "spend",  "impressions",        "clicks",          "ctr",        "cpc", "cpm", "conversion", "cost_per_conversion",
    "result", "conversion_rate_v2", "cost_per_result", "result_rate"};
constexpr Names kReach = {"reach", "frequency", "cost_per_1000_reached"};
constexpr Names kVideo = {"video_play_actions", "video_watched_2s", "video_watched_6s",           "video_views_p25",
                          "video_views_p50",    "video_views_p75",  "video_views_p100",           "average_video_play",
                          "engaged_view",       "engaged_view_15s", "average_video_play_per_user"};
constexpr Names kEngagement = {
    "engagements",         "engagement_rate",     "likes", "comments", "shares", "follows", "profile_visits",
    "profile_visits_rate", "clicks_on_music_disc"};
constexpr Names kConversions = {"conversion",
                                "cost_per_conversion",
                                "conversion_rate_v2",
                                "real_time_conversion",
                                "real_time_cost_per_conversion",
                                "real_time_conversion_rate_v2",
                                "result",
                                "cost_per_result",
                                "result_rate",
                                "real_time_result",
                                "real_time_cost_per_result",
                                "real_time_result_rate",
                                "vta_conversion",
                                "cta_conversion",
                                "engaged_view_through_conversions"};
constexpr Names kApp = {"real_time_app_install",
                        "real_time_app_install_cost",
                        "app_install",
                        "cost_per_app_install",
                        "registration",
                        "cost_per_registration",
                        "registration_rate",
                        "total_registration",
                        "purchase",
                        "cost_per_purchase",
                        "purchase_rate",
                        "total_purchase",
                        "value_per_total_purchase",
                        "total_purchase_value",
                        "total_active_pay_roas",
                        "app_event_add_to_cart",
                        "checkout",
                        "subscribe",
                        "launch_app",
                        "day7_retention"};
constexpr Names kWebsite = {"complete_payment",
                            "cost_per_complete_payment",
                            "complete_payment_rate",
                            "complete_payment_roas",
                            "value_per_complete_payment",
                            "total_complete_payment_rate",
                            "total_landing_page_view",
                            "cost_per_landing_page_view",
                            "landing_page_view_rate",
                            "total_pageview",
                            "page_content_view_events",
                            "web_event_add_to_cart",
                            "total_web_event_add_to_cart_value",
                            "initiate_checkout",
                            "on_web_order",
                            "total_on_web_order_value",
                            "user_registration",
                            "form",
                            "button_click"};
constexpr Names kShop = {"onsite_shopping",      "cost_per_onsite_shopping",  "onsite_shopping_rate",
                         "onsite_shopping_roas", "value_per_onsite_shopping", "total_onsite_shopping_value"};
constexpr Names kSkan = {"skan_result",     "skan_cost_per_result",     "skan_result_rate",
                         "skan_conversion", "skan_cost_per_conversion", "skan_conversion_rate_v2"};
constexpr Names kCampaignAttributes = {"campaign_name", "objective_type", "app_promotion_type", "currency"};
constexpr Names kAdGroupAttributes = {"campaign_id",    "campaign_name",  "objective_type", "adgroup_name",
                                      "placement_type", "promotion_type", "currency"};
constexpr Names kAttributes = {"campaign_id",  "campaign_name",  "objective_type", "adgroup_id",
                               "adgroup_name", "placement_type", "promotion_type", "ad_name",
                               "ad_text",      "call_to_action", "image_mode",     "currency"};

constexpr PresetSpec kBasicPresets[] = {
    {"core", kCore},
    {"reach_and_frequency", kReach},
    {"video", kVideo},
    {"engagement", kEngagement},
    {"conversions", kConversions},
    {"app", kApp},
    {"website", kWebsite},
    {"shop", kShop},
    {"skan", kSkan},
    {"attributes", kAttributes},
    {"ad_group_attributes", kAdGroupAttributes},
    {"campaign_attributes", kCampaignAttributes},
};

constexpr Names kAudienceConversions = {"conversion",
                                        "cost_per_conversion",
                                        "conversion_rate_v2",
                                        "real_time_conversion",
                                        "real_time_cost_per_conversion",
                                        "real_time_conversion_rate_v2",
                                        "result",
                                        "cost_per_result",
                                        "result_rate",
                                        "real_time_result",
                                        "real_time_cost_per_result",
                                        "real_time_result_rate"};
constexpr Names kAudienceCampaignAttributes = {"campaign_name", "objective_type"};
constexpr Names kAudienceAdGroupAttributes = {"campaign_id",  "campaign_name",  "objective_type",
                                              "adgroup_name", "placement_type", "promotion_type"};
constexpr Names kAudienceAttributes = {"campaign_id",  "campaign_name",  "objective_type", "adgroup_id",
                                       "adgroup_name", "placement_type", "promotion_type", "ad_name",
                                       "ad_text",      "call_to_action"};

constexpr PresetSpec kAudiencePresets[] = {
    {"audience_core", kCore},
    {"audience_conversions", kAudienceConversions},
    {"audience_attributes", kAudienceAttributes},
    {"audience_ad_group_attributes", kAudienceAdGroupAttributes},
    {"audience_campaign_attributes", kAudienceCampaignAttributes},
};

}  // namespace

absl::Span<const PresetSpec> BasicPresets() { return kBasicPresets; }
absl::Span<const PresetSpec> AudiencePresets() { return kAudiencePresets; }

}  // namespace tikhaul
