// Dimensions of reports and the rules that go with each (tiktok-api.md 4.2; lags: 4.8, 9.1). Data only.
#include "common/catalog/catalog_data.h"

namespace tikhaul {
namespace {

constexpr uint8_t kFromCampaign = kCampaignLevel | kAdGroupLevel | kAdLevel;
constexpr uint8_t kDownToAdGroup = kAdvertiserLevel | kCampaignLevel | kAdGroupLevel;
constexpr DimensionKind kId = DimensionKind::kId;
constexpr DimensionKind kTime = DimensionKind::kTime;
constexpr DimensionKind kTargeting = DimensionKind::kTargeting;
constexpr DimensionKind kAsset = DimensionKind::kAsset;
constexpr DimensionKind kSearch = DimensionKind::kSearch;

constexpr DimensionSpec kBasicDimensions[] = {
    {.name = "advertiser_id", .kind = kId, .levels = kAdvertiserLevel},
    {.name = "campaign_id", .kind = kId, .levels = kCampaignLevel},
    {.name = "adgroup_id", .kind = kId, .levels = kAdGroupLevel},
    {.name = "ad_id", .kind = kId, .levels = kAdLevel},
    {.name = "ad_id_v2",
     .kind = kId,
     .levels = kAdLevel,
     .note = "instead of ad_id: the ad of upgraded Smart+ campaigns, whose ad_id is the creative"},
    {.name = "stat_time_day", .type = ColumnType::kDate, .kind = kTime, .with_lifetime = false},
    {.name = "stat_time_hour", .type = ColumnType::kLocalHour, .kind = kTime, .with_lifetime = false},
    {.name = "country_code", .kind = kTargeting, .note = "two letters", .with_lifetime = false},
    // An audience dimension, too, and section 4.1 shuts those out of lifetime reports.
    {.name = "ad_type", .kind = kTargeting, .levels = kFromCampaign, .lag = Lag::kHours16, .with_lifetime = false},
    {.name = "custom_event_type", .kind = kAsset, .levels = kFromCampaign, .lag = Lag::kHours16},
    {.name = "event_source_id", .kind = kAsset, .levels = kFromCampaign, .lag = Lag::kHours16},
    {.name = "page_id", .kind = kAsset, .levels = kAdLevel, .lag = Lag::kHours16},
    {.name = "component_name", .kind = kAsset, .lag = Lag::kHours16},
    {.name = "room_id", .kind = kAsset},
    {.name = "post_id", .kind = kAsset, .lag = Lag::kHours16},
    {.name = "image_id", .kind = kAsset, .levels = kAdLevel},
    {.name = "video_material_id", .kind = kAsset, .levels = kAdLevel},
    {.name = "minis_id", .kind = kAsset},
    {.name = "search_terms",
     .kind = kSearch,
     .levels = kDownToAdGroup,
     .lag = Lag::kHours16,
     .note = "impressions may come as \"<5\", kept in _raw"},
    {.name = "search_keyword", .kind = kSearch, .partner = "match_type"},
    {.name = "match_type",
     .kind = kSearch,
     .note = "known from 2024-07-30",
     .partner = "search_keyword",
     .needs_partner = true},
    {.name = "skan_postback_sequence", .kind = DimensionKind::kSkan, .note = "iOS 14 dedicated campaigns"},
};

constexpr DimensionSpec kAudienceDimensions[] = {
    {.name = "advertiser_id", .kind = kId, .levels = kAdvertiserLevel},
    {.name = "campaign_id", .kind = kId, .levels = kCampaignLevel},
    {.name = "adgroup_id", .kind = kId, .levels = kAdGroupLevel},
    {.name = "ad_id", .kind = kId, .levels = kAdLevel},
    {.name = "stat_time_day", .type = ColumnType::kDate, .kind = kTime},
    {.name = "gender", .kind = kTargeting, .lag = Lag::kHours16, .partner = "age"},
    {.name = "age", .kind = kTargeting, .lag = Lag::kHours16, .partner = "gender"},
    {.name = "country_code", .kind = kTargeting, .lag = Lag::kHours11, .note = "two letters"},
    {.name = "province_id", .kind = kTargeting, .lag = Lag::kHours16, .note = "some places are left out by the API"},
    {.name = "dma_id", .kind = kTargeting, .lag = Lag::kHours16, .note = "market areas of the United States"},
    {.name = "ac", .kind = kTargeting, .lag = Lag::kHours16, .note = "kind of connection: WIFI, 4G ..."},
    {.name = "language", .kind = kTargeting, .lag = Lag::kHours16},
    {.name = "platform", .kind = kTargeting, .lag = Lag::kHours16, .note = "operating system"},
    {.name = "placement", .kind = kTargeting},
    {.name = "interest_category",
     .kind = kTargeting,
     .lag = Lag::kHours16,
     .with_time = false,
     .note = "at most 3000 ids per request; not all categories are covered",
     .alias = "interest_category_v2"},
    {.name = "interest_category_tier2",
     .kind = kTargeting,
     .lag = Lag::kHours16,
     .with_time = false,
     .note = "at most 150 ids per request"},
    {.name = "interest_category_tier3",
     .kind = kTargeting,
     .lag = Lag::kHours16,
     .with_time = false,
     .note = "at most 100 ids per request"},
    {.name = "interest_category_tier4",
     .kind = kTargeting,
     .lag = Lag::kHours16,
     .with_time = false,
     .note = "at most 100 ids per request"},
    {.name = "behavior_id", .kind = kTargeting, .lag = Lag::kHours24, .note = "at most 200 ids per request"},
    {.name = "purchase_intention", .kind = kTargeting, .lag = Lag::kHours24},
    {.name = "device_brand_id", .kind = kTargeting, .lag = Lag::kHours16, .with_time = false},
    {.name = "contextual_tag", .kind = kTargeting, .lag = Lag::kHours16},
    {.name = "hashtag", .kind = kTargeting, .lag = Lag::kHours16},
    {.name = "audience_tags", .kind = kTargeting, .lag = Lag::kHours16},
    {.name = "additional_interests", .kind = kTargeting, .lag = Lag::kHours16},
    {.name = "ad_type", .kind = kTargeting, .levels = kFromCampaign, .lag = Lag::kHours16},
};

}  // namespace

absl::Span<const DimensionSpec> BasicDimensions() { return kBasicDimensions; }
absl::Span<const DimensionSpec> AudienceDimensions() { return kAudienceDimensions; }

}  // namespace tikhaul
