// What sets single metrics apart from their group, for BASIC and AUDIENCE alike. Data only.
#include "common/catalog/metric_table.h"

namespace tikhaul {
namespace {

constexpr uint8_t kFromCampaign = kCampaignLevel | kAdGroupLevel | kAdLevel;
constexpr uint8_t kFromAdGroup = kAdGroupLevel | kAdLevel;

// Levels of the attributes and lags: head of section 4.6, and section 4.8. Attributes for which no source states a
// level have that of the object whose property they are.
constexpr MetricTrait kTraits[] = {
    {"attributes", "campaign_*", kFromCampaign},
    {"attributes", "objective_type", kFromCampaign},
    {"attributes", "split_test", kFromCampaign},
    {"attributes", "app_promotion_type", kFromCampaign},
    {"attributes", "rf_campaign_type", kFromCampaign},
    {"attributes", "adgroup_*", kFromAdGroup},
    {"attributes", "placement_type", kFromAdGroup},
    {"attributes", "promotion_type", kFromAdGroup},
    {"attributes", "opt_status", kFromAdGroup},
    {"attributes", "budget", kFromAdGroup},
    {"attributes", "smart_target", kFromAdGroup},
    {"attributes", "billing_event", kFromAdGroup},
    {"attributes", "bid*", kFromAdGroup},
    {"attributes", "tt_app_*", kFromAdGroup, Lag::kFast, "\"0\" when there is no app"},
    {"attributes", "mobile_app_id", kFromAdGroup, Lag::kFast, "\"0\" when there is no app"},
    {"attributes", "dpa_target_audience_type", kFromAdGroup},
    {"attributes", "catalog_*", kFromAdGroup},
    {"attributes", "pricing_category", kFromAdGroup},
    {"attributes", "aeo_type", kFromAdGroup},
    {"attributes", "is_removed_from_spc", kFromAdGroup},
    {"attributes", "ad_*", kAdLevel},
    {"attributes", "video_id", kAdLevel},
    {"attributes", "file_name", kAdLevel},
    {"attributes", "identity_id", kAdLevel},
    {"attributes", "tiktok_*", kAdLevel},
    {"attributes", "profile_image", kAdLevel},
    {"attributes", "is_aco", kAdLevel},
    {"attributes", "is_smart_creative", kAdLevel},
    {"attributes", "call_to_action", kAdLevel},
    {"attributes", "image_mode", kAdLevel},
    {"core", "cash_spend", kAdvertiserLevel, Lag::kHours48, "24 to 48 hours late", "stat_time_day", true},
    {"core", "voucher_spend", kAdvertiserLevel, Lag::kHours48, "24 to 48 hours late", "stat_time_day", true},
    {"core", "billed_cost", kAllLevels, Lag::kHours11, "known from 2023-09-01"},
    {"core", "reach", kAllLevels, Lag::kHours16, "people: cannot be summed over rows"},
    {"core", "frequency", kAllLevels, Lag::kHours16, "cannot be summed over rows"},
    {"core", "cost_per_1000_reached", kAllLevels, Lag::kHours16, "cannot be summed over rows"},
    {"core", "secondary_goal_result*", kAllLevels, Lag::kHours16},
    {"core", "cost_per_secondary_goal_result", kAllLevels, Lag::kHours16},
    {"core", "skan_result*", kAllLevels, Lag::kHours16},
    {"core", "skan_cost_per_result", kAllLevels, Lag::kHours16},
    {"core", "result", kAllLevels, Lag::kFast, "16 hours late where the goal is REACH"},
    {"core", "conversion_rate", kAllLevels, Lag::kFast, "per impression since October 2023, as conversion_rate_v2"},
    {"core", "real_time_conversion_rate", kAllLevels, Lag::kFast,
     "per impression since October 2023, as real_time_conversion_rate_v2"},
    {"image", "*", kAdLevel, Lag::kFast, "", "image_id"},
    {"website", "total_complete_payment_rate", kAllLevels, Lag::kFast, "a value, whatever its name says"},
    {"app", "cost_pre_ad_impression_event", kAllLevels, Lag::kFast,
     "may be spelled cost_per_ad_impression_event; the source of the list spells it so"},
    {"offline", "offline_perferred_leads", kAllLevels, Lag::kFast, "offline_preferred_leads in another official page"},
    {"offline", "offline_registration_*", kAllLevels, Lag::kFast,
     "offline_complete_registration_* in another official page"},
    {"instant_experience", "ix_average_video_play", kAllLevels, Lag::kFast,
     "an average: read with its fraction, though the fact sheet lists it with the counts"},
};

}  // namespace

absl::Span<const MetricTrait> MetricTraits() { return kTraits; }

}  // namespace tikhaul
