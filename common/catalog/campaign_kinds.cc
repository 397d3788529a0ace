// Campaigns that have endpoints of their own: upgraded Smart+ and GMV Max (tiktok-api.md 8). Data only.
#include "common/catalog/catalog_data.h"

namespace tikhaul {
namespace {

constexpr ColumnType kText = ColumnType::kString;
constexpr ColumnType kDecimal = ColumnType::kDecimal;
constexpr ColumnType kFlag = ColumnType::kBool;
constexpr ColumnType kTime = ColumnType::kTimestamp;
constexpr ColumnType kJson = ColumnType::kJson;
constexpr bool kKey = true;

// The field lists of Smart+ are not confirmed (section 10): these are those of section 6 that settings hang on, all
// others are kept in _extra.
constexpr FieldSpec kSmartCampaignFields[] = {
    {"campaign_id", kText, kKey}, {"campaign_name", kText}, {"objective_type", kText},   {"app_promotion_type", kText},
    {"sales_destination", kText}, {"campaign_type", kText}, {"app_id", kText},           {"budget_optimize_on", kFlag},
    {"budget_mode", kText},       {"budget", kDecimal},     {"operation_status", kText}, {"secondary_status", kText},
    {"create_time", kTime},       {"modify_time", kTime},
};
constexpr FieldSpec kSmartGroupFields[] = {
    {"adgroup_id", kText, kKey},  {"adgroup_name", kText},      {"campaign_id", kText},
    {"campaign_name", kText},     {"promotion_type", kText},    {"placement_type", kText},
    {"placements", kJson},        {"location_ids", kJson},      {"budget_mode", kText},
    {"budget", kDecimal},         {"schedule_type", kText},     {"schedule_start_time", kTime},
    {"schedule_end_time", kTime}, {"optimization_goal", kText}, {"billing_event", kText},
    {"bid_price", kDecimal},      {"operation_status", kText},  {"secondary_status", kText},
    {"create_time", kTime},       {"modify_time", kTime},
};
constexpr FieldSpec kSmartAdFields[] = {
    {"smart_plus_ad_id", kText, kKey},
    {"ad_name", kText},
    {"campaign_id", kText},
    {"campaign_name", kText},
    {"adgroup_id", kText},
    {"adgroup_name", kText},
    {"creative_list", kJson},
    {"operation_status", kText},
    {"secondary_status", kText},
    {"create_time", kTime},
    {"modify_time", kTime},
};
// Named only so that it is not kept twice: the table's own is stamped from the request.
constexpr absl::string_view kAdvertiserAgain[] = {"advertiser_id"};

constexpr FieldSpec kGmvMaxCampaignFields[] = {
    {"campaign_id", kText, kKey}, {"campaign_name", kText},
    {"operation_status", kText},  {"secondary_status", kText},
    {"objective_type", kText},    {"create_time", kTime},
    {"modify_time", kTime},       {"roi_protection_compensation_status", kText},
};

constexpr DimensionSpec kGmvMaxDimensions[] = {
    {.name = "advertiser_id", .kind = DimensionKind::kId, .levels = kAdvertiserLevel},
    {.name = "campaign_id", .kind = DimensionKind::kId, .levels = kCampaignLevel},
    {.name = "stat_time_day", .type = ColumnType::kDate, .kind = DimensionKind::kTime},
};
// How late they are is not known: as late as other figures that settle over a day (section 4.8).
constexpr MetricSpec GmvMetric(absl::string_view name, ColumnType type) {
  return {.name = name,
          .type = type,
          .group = "gmv_max",
          .levels = kAdvertiserLevel | kCampaignLevel,
          .lag = Lag::kHours16};
}
constexpr MetricSpec kGmvMaxMetrics[] = {
    GmvMetric("cost", kDecimal),
    GmvMetric("net_cost", kDecimal),
    GmvMetric("orders", ColumnType::kInt64),
    GmvMetric("cost_per_order", kDecimal),
    GmvMetric("gross_revenue", kDecimal),
    GmvMetric("roi", kDecimal),
    GmvMetric("live_views", ColumnType::kInt64),
};
constexpr absl::string_view kGmvMaxCore[] = {"cost",          "net_cost", "orders",    "cost_per_order",
                                             "gross_revenue", "roi",      "live_views"};
constexpr PresetSpec kGmvMaxPresets[] = {{"gmv_max", kGmvMaxCore}};
constexpr OptionSpec kGmvMaxOptions[] = {
    {.name = "store_ids",
     .note = "the shop; one, because rows do not name theirs",
     .kind = OptionSpec::kIdList,
     .required = true},
};

constexpr absl::string_view kSmartNote = "fields beyond those of section 6 are not known (10)";

std::vector<StreamSpec> SmartPlus() {
  return {
      {.name = "smart_plus_campaigns",
       .title = "Upgraded Smart+ campaigns",
       .kind = StreamKind::kEntity,
       .path = "smart_plus/campaign/get/",
       .rows_member = "list",
       .section = "8",
       .evidence = Evidence::kOneSource,
       .evidence_note = kSmartNote,
       .fields = kSmartCampaignFields,
       .left_out = kAdvertiserAgain,
       .filters = kStatusFilter},
      {.name = "smart_plus_ad_groups",
       .title = "Upgraded Smart+ ad groups",
       .kind = StreamKind::kEntity,
       .path = "smart_plus/adgroup/get/",
       .rows_member = "list",
       .section = "8",
       .evidence = Evidence::kOneSource,
       .evidence_note = kSmartNote,
       .fields = kSmartGroupFields,
       .left_out = kAdvertiserAgain,
       .filters = kStatusFilter},
      {.name = "smart_plus_ads",
       .title = "Upgraded Smart+ ads and their creatives",
       .kind = StreamKind::kEntity,
       .path = "smart_plus/ad/get/",
       .rows_member = "list",
       .page_size = 100,
       .section = "8",
       .evidence = Evidence::kOneSource,
       .evidence_note = kSmartNote,
       .fields = kSmartAdFields,
       .left_out = kAdvertiserAgain,
       .filters = kStatusFilter},
  };
}

std::vector<StreamSpec> GmvMax() {
  return {
      {.name = "gmv_max_campaigns",
       .title = "GMV Max campaigns, which the stream campaigns leaves out",
       .kind = StreamKind::kEntity,
       .path = "gmv_max/campaign/get/",
       .rows_member = "list",
       .page_size = 100,
       .section = "8",
       .evidence_note = "the largest page is not known",
       .fields = kGmvMaxCampaignFields,
       .repeats_advertiser = true,
       .filters = kStatusFilter | kCreationFilter,
       .fixed_filter = R"({"gmv_max_promotion_types":["PRODUCT_GMV_MAX","LIVE_GMV_MAX"]})"},
      {.name = "gmv_max_report",
       .title = "GMV Max report: cost, orders and revenue of a shop",
       .kind = StreamKind::kReport,
       .path = "gmv_max/report/get/",
       .rows_member = "list",
       .section = "8",
       .evidence_note =
           "dimensions, longest span and largest page are those of other reports, not confirmed for this one",
       .presets = kGmvMaxPresets,
       .options = kGmvMaxOptions,
       .default_backfill_days = 730,
       .levels = kAdvertiserLevel | kCampaignLevel,
       .dimensions = kGmvMaxDimensions,
       .metrics = kGmvMaxMetrics,
       .needs_time = true},
  };
}

}  // namespace

std::vector<StreamSpec> CampaignKinds() {
  std::vector<StreamSpec> streams = SmartPlus();
  for (const StreamSpec& stream : GmvMax()) streams.push_back(stream);
  return streams;
}

}  // namespace tikhaul
