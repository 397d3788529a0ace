#include "simulator/dimensions.h"

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/base/digest.h"
#include "simulator/hash.h"

namespace tikhaul::simulator {
namespace {

constexpr uint8_t kNotAdvertiser = kFromCampaign;
constexpr uint8_t kNotAd = kAdvertiser | kCampaign | kAdGroup;
constexpr absl::string_view kCountries = "US | GB | JP | IN | AU | DE | BR | FR";
constexpr absl::string_view kAdTypes = "Image Ad | Video Ad | Spark Ad";

// Columns: name, BASIC, AUDIENCE, kind, levels, beside stat_time_day, lag, metrics, share of empty values, values, ids.
constexpr Dimension kDimensions[] = {
    {"advertiser_id", true, true, DimensionKind::kId, kAdvertiser},
    {"campaign_id", true, true, DimensionKind::kId, kCampaign},
    {"adgroup_id", true, true, DimensionKind::kId, kAdGroup},
    {"ad_id", true, true, DimensionKind::kId, kAd},
    {"ad_id_v2", true, false, DimensionKind::kId, kAd},
    {"stat_time_day", true, true, DimensionKind::kDay},
    {"stat_time_hour", true, false, DimensionKind::kHour},

    {"country_code", true, false, DimensionKind::kBreakdown, kEveryLevel, true, 0, MetricSet::kBasicCountry, 75,
     kCountries},
    {"ad_type", true, false, DimensionKind::kBreakdown, kNotAdvertiser, true, 16, MetricSet::kAdType, 60, kAdTypes},
    {"custom_event_type", true, false, DimensionKind::kBreakdown, kNotAdvertiser, true, 16, MetricSet::kCoreOnly, 40,
     "Purchase | Registration | VIP"},
    {"event_source_id", true, false, DimensionKind::kBreakdown, kNotAdvertiser, true, 16, MetricSet::kCoreOnly, 50,
     "7010000000000000001 | 7010000000000000002"},
    {"page_id", true, false, DimensionKind::kBreakdown, kAd, true, 16, MetricSet::kInstantPage, 50,
     "7020000000000000001 | 7020000000000000002"},
    {"component_name", true, false, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kInstantPage, 40,
     "Button 1 | Card, \"big\" | Form"},
    {"room_id", true, false, DimensionKind::kBreakdown, kEveryLevel, true, 0, MetricSet::kPost, 50,
     "7030000000000000001 | 7030000000000000002"},
    {"post_id", true, false, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kPost, 50,
     "7040000000000000001 | 7040000000000000002"},
    {"image_id", true, false, DimensionKind::kBreakdown, kAd, true, 0, MetricSet::kAll, 50,
     "ad-site-i18n/img1 | ad-site-i18n/img2"},
    {"video_material_id", true, false, DimensionKind::kBreakdown, kAd, true, 0, MetricSet::kAll, 50,
     "7050000000000000001 | 7050000000000000002"},
    {"minis_id", true, false, DimensionKind::kBreakdown, kEveryLevel, true, 0, MetricSet::kAll, 50,
     "7060000000000000001 | 7060000000000000002"},
    {"search_terms", true, false, DimensionKind::kBreakdown, kNotAd, true, 16, MetricSet::kSearchTerms, 40,
     "running shoes | 夏 ワンピース | \"cheap\" tea, green | 🎁 ideas | a"},
    {"search_keyword", true, false, DimensionKind::kBreakdown, kEveryLevel, true, 0, MetricSet::kSearchKeyword, 40,
     "shoes | tea | gift, small"},
    {"match_type", true, false, DimensionKind::kBreakdown, kEveryLevel, true, 0, MetricSet::kSearchKeyword, 40,
     "PRECISE_WORD | PHRASE_WORD | BROAD_WORD"},
    {"skan_postback_sequence", true, false, DimensionKind::kBreakdown, kEveryLevel, true, 0, MetricSet::kAll, 40,
     "1 | 2 | 3"},

    {"gender", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudiencePlain, 12,
     "FEMALE | MALE | NONE"},
    {"age", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudiencePlain, 46,
     "AGE_13_17 | AGE_18_24 | AGE_25_34 | AGE_35_44 | AGE_45_54 | AGE_55_100 | NONE"},
    {"country_code", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 0, MetricSet::kAudienceCountry, 75,
     kCountries},
    {"province_id", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudiencePlain, 60,
     "5279468 | 5332921 | 5128638 | 4736286 | 4155751 | 6269131 | 1850144 | 1264733"},
    {"dma_id", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudiencePlain, 60,
     "501 | 803 | 602 | 504 | 623"},
    {"ac", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudiencePlain, 30,
     "WIFI | 2G | 3G | 4G | 5G"},
    {"language", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudiencePlain, 50,
     "en | ja | de | hi | pt | es"},
    {"platform", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudiencePlain, 25,
     "ANDROID | IPHONE | IPAD"},
    {"placement", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 0, MetricSet::kAudiencePlain, 40,
     "TikTok | Pangle | Global App Bundle"},
    {"interest_category", false, true, DimensionKind::kBreakdown, kEveryLevel, false, 16, MetricSet::kAudiencePlain, 50,
     "10 | 11 | 12 | 13 | 14 | 15", 3'000},
    {"interest_category_tier2", false, true, DimensionKind::kBreakdown, kEveryLevel, false, 16,
     MetricSet::kAudiencePlain, 50, "10100 | 10101 | 11100 | 12100", 150},
    {"interest_category_tier3", false, true, DimensionKind::kBreakdown, kEveryLevel, false, 16,
     MetricSet::kAudiencePlain, 50, "10100100 | 10100101 | 11100100", 100},
    {"interest_category_tier4", false, true, DimensionKind::kBreakdown, kEveryLevel, false, 16,
     MetricSet::kAudiencePlain, 50, "10100100100 | 11100100100", 100},
    {"behavior_id", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 24, MetricSet::kAudiencePlain, 50,
     "101001 | 101002 | 101003", 200},
    {"purchase_intention", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 24, MetricSet::kAudienceTag, 50,
     "201 | 202 | 203"},
    {"device_brand_id", false, true, DimensionKind::kBreakdown, kEveryLevel, false, 16, MetricSet::kAudiencePlain, 40,
     "301 | 302 | 303 | 304"},
    {"contextual_tag", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudiencePlain, 40,
     "401 | 402 | 403"},
    {"hashtag", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudienceTag, 40,
     "#shoes | #お茶 | #gift"},
    {"audience_tags", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudienceTag, 40,
     "tag a | tag b"},
    {"additional_interests", false, true, DimensionKind::kBreakdown, kEveryLevel, true, 16, MetricSet::kAudiencePlain,
     40, "Yoga | Tea, green"},
    {"ad_type", false, true, DimensionKind::kBreakdown, kNotAdvertiser, true, 16, MetricSet::kAudienceTag, 60,
     kAdTypes},
};

struct CountryFamily {
  MetricGroup group;
  absl::string_view name;
};
constexpr CountryFamily kCountryFamilies[] = {
    {MetricGroup::kAppEvent, "app_install"},        {MetricGroup::kAppEvent, "registration"},
    {MetricGroup::kAppEvent, "purchase"},           {MetricGroup::kWebsiteEvent, "complete_payment"},
    {MetricGroup::kWebsiteEvent, "landing_page"},   {MetricGroup::kWebsiteEvent, "button_click"},
    {MetricGroup::kWebsiteEvent, "online_consult"}, {MetricGroup::kWebsiteEvent, "form"},
    {MetricGroup::kWebsiteEvent, "download_start"},
};
constexpr absl::string_view kSearchTermMetrics[] = {"spend",
                                                    "cpc",
                                                    "cpm",
                                                    "impressions",
                                                    "clicks",
                                                    "ctr",
                                                    "conversion",
                                                    "cost_per_conversion",
                                                    "conversion_rate",
                                                    "real_time_conversion",
                                                    "result",
                                                    "cost_per_result",
                                                    "result_rate",
                                                    "video_play_actions",
                                                    "engaged_view",
                                                    "engaged_view_15s"};
constexpr absl::string_view kSearchKeywordMetrics[] = {"spend", "cpc", "cpm", "impressions", "clicks", "ctr"};

template <size_t n>
bool Among(absl::string_view name, const absl::string_view (&names)[n]) {
  for (absl::string_view known : names) {
    if (known == name) return true;
  }
  return false;
}

bool HasFamily(const Metric& m) {
  for (const CountryFamily& family : kCountryFamilies) {
    if (m.group == family.group && absl::StrContains(m.name, family.name)) return true;
  }
  return false;
}

bool IsResult(const Metric& m) { return m.group == MetricGroup::kCore && absl::StrContains(m.name, "result"); }
bool IsVideoOrSocial(const Metric& m) { return m.group == MetricGroup::kVideo || m.group == MetricGroup::kSocial; }
bool IsLandingPage(const Metric& m) { return absl::StrContains(m.name, "landing_page"); }
bool IsCore(const Metric& m) { return m.group == MetricGroup::kCore; }

}  // namespace

const Dimension* FindDimension(absl::string_view name, bool audience) {
  for (const Dimension& dimension : kDimensions) {
    if (dimension.name == name && (audience ? dimension.audience : dimension.basic)) return &dimension;
  }
  return nullptr;
}

bool SetHolds(MetricSet set, const Metric& m) {
  const bool listed_one_by_one = set == MetricSet::kSearchTerms || set == MetricSet::kSearchKeyword;
  if (m.group == MetricGroup::kAttribute) return !listed_one_by_one;
  switch (set) {
    case MetricSet::kAll:
    case MetricSet::kAudienceCountry:
      return true;
    case MetricSet::kBasicCountry:
      return IsCore(m) || IsVideoOrSocial(m) || m.name == "live_product_clicks" || HasFamily(m);
    case MetricSet::kSearchTerms:
      return Among(m.name, kSearchTermMetrics);
    case MetricSet::kSearchKeyword:
      return Among(m.name, kSearchKeywordMetrics);
    case MetricSet::kAdType:
      return (IsCore(m) && !IsResult(m)) || absl::StartsWith(m.name, "skan_") || IsVideoOrSocial(m) || IsLandingPage(m);
    case MetricSet::kInstantPage:
      return IsCore(m) || absl::StartsWith(m.name, "ix_") || absl::StrContains(m.name, "_ix_");
    case MetricSet::kPost:
      return IsCore(m) || m.group == MetricGroup::kShop || absl::StrContains(m.name, "onsite_add_to_wishlist") ||
             absl::StrContains(m.name, "ix_product_click");
    case MetricSet::kCoreOnly:
      return IsCore(m);
    case MetricSet::kAudienceTag:
      return !IsResult(m);
    case MetricSet::kAudiencePlain:
      return !IsVideoOrSocial(m) && m.group != MetricGroup::kClick && !IsLandingPage(m);
  }
  return false;
}

Cells::Cells(const std::vector<const Dimension*>& breakdowns) {
  names_ = {{}};
  uint64_t salt = 0;
  for (const Dimension* dimension : breakdowns) {
    std::vector<std::vector<absl::string_view>> longer;
    for (const std::vector<absl::string_view>& names : names_) {
      for (absl::string_view value : absl::StrSplit(dimension->values, absl::string_view(" | "))) {
        longer.push_back(names);
        longer.back().push_back(value);
      }
    }
    names_ = std::move(longer);
    salt = Mix(salt, StableHash(dimension->name));
    empty_percent_ = std::max<uint32_t>(empty_percent_, static_cast<uint32_t>(dimension->empty_percent));
  }
  for (size_t k = 0; k < names_.size(); ++k) salts_.push_back(Mix(salt, k));
}

void Cells::Shares(const Ad& ad, uint32_t ends[kMost]) const {
  const size_t count = salts_.size();
  const size_t favourite = count == 0 ? 0 : Mix(ad.seed, salts_[0]) % count;
  uint32_t sum = 0;
  for (size_t k = 0; k < count; ++k) {
    const uint64_t h = Mix(ad.seed ^ salts_[k]);
    if (k == favourite) {
      sum += 120;
    } else if (h % 100 >= empty_percent_) {
      sum += 8 + (h >> 8) % 90;
    }
    ends[k] = sum;
  }
}

bool TasksAnswerByCountry(const Metric& metric) {
  const bool core = IsCore(metric) && !absl::StrContains(metric.name, "result") &&
                    !absl::StartsWith(metric.name, "skan_") && !absl::StrContains(metric.name, "reach") &&
                    metric.name != "frequency";
  return core || IsVideoOrSocial(metric) || IsLandingPage(metric);
}

}  // namespace tikhaul::simulator
