// Every metric of AUDIENCE reports, grouped as in tiktok-api.md 4.6. Data only.
#include "common/catalog/catalog_data.h"
#include "common/catalog/metric_table.h"

namespace tikhaul {
namespace {

constexpr MetricGroup kGroups[] = {
    {
        .name = "core",
        .counts = "impressions gross_impressions clicks conversion real_time_conversion result real_time_result",
        .decimals =
            "spend cpc cpm ctr cost_per_conversion conversion_rate conversion_rate_v2 real_time_cost_per_conversion "
            "real_time_conversion_rate real_time_conversion_rate_v2 cost_per_result result_rate "
            "real_time_cost_per_result real_time_result_rate",
    },
    {
        .name = "video",
        .counts =
            "video_play_actions video_watched_2s video_watched_6s video_views_p25 video_views_p50 video_views_p75 "
            "video_views_p100 engaged_view engaged_view_15s",
        .decimals = "average_video_play",
    },
    {
        .name = "social",
        .counts = "profile_visits likes comments shares follows clicks_on_music_disc",
        .decimals = "profile_visits_rate",
    },
    {
        .name = "page",
        .counts = "total_landing_page_view",
        .decimals = "cost_per_landing_page_view landing_page_view_rate",
    },
    {
        .name = "attributes",
        .decimals = "campaign_budget budget bid",
        .texts =
            "campaign_name campaign_id objective_type split_test campaign_dedicate_type rf_campaign_type adgroup_name "
            "adgroup_id placement_type promotion_type opt_status smart_target bid_strategy billing_event "
            "dpa_target_audience_type tt_app_id tt_app_name mobile_app_id ad_name ad_text ad_id call_to_action",
        .flags = "is_smart_creative",
    },
};

}  // namespace

absl::Span<const MetricSpec> AudienceMetrics() {
  static const auto& metrics = *new std::vector<MetricSpec>(ExpandMetrics(kGroups));
  return metrics;
}

}  // namespace tikhaul
