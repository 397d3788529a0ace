// Reports, ads and what they hang on, interest categories (tiktok-api.md 4, 6, 7). Data only.
#include "common/catalog/catalog_data.h"

namespace tikhaul {
namespace {

constexpr OptionSpec kInterestOptions[] = {
    {"version", "1 2", "which tree of categories; 2 is the present one and the default"},
    {"language", "en zh ja de es fr id it ko ru th tr vi ar pt ms", "of the names; default en"},
};

std::vector<StreamSpec> ReportStreams() {
  return {
      {.name = "basic_report",
       .title = "Basic report",
       .kind = StreamKind::kReport,
       .path = "report/integrated/get/",
       .rows_member = "list",
       .section = "4",
       .in_sandbox = true,
       .presets = BasicPresets(),
       .default_backfill_days = 730,
       .report_type = "BASIC",
       .dimensions = BasicDimensions(),
       .metrics = BasicMetrics(),
       .metric_rules = BasicMetricRules(),
       .lifetime = true,
       .task_rules = BasicTaskRules()},
      {.name = "audience_report",
       .title = "Audience report",
       .kind = StreamKind::kReport,
       .path = "report/integrated/get/",
       .rows_member = "list",
       .section = "4",
       .presets = AudiencePresets(),
       .default_backfill_days = 730,
       .report_type = "AUDIENCE",
       .dimensions = AudienceDimensions(),
       .metrics = AudienceMetrics(),
       .metric_rules = AudienceMetricRules(),
       .needs_breakdown = true},
  };
}

constexpr uint8_t kEntityFilters = kStatusFilter | kCreationFilter | kOriginFilter;

std::vector<StreamSpec> ObjectStreams() {
  return {
      {.name = "adverts",
       .title = "Adverts",
       .kind = StreamKind::kEntity,
       .path = "ad/get/",
       .rows_member = "list",
       .section = "6.4",
       .in_sandbox = true,
       .default_backfill_days = 1826,
       .fields = AdFields(),
       .repeats_advertiser = true,
       .filters = kEntityFilters,
       .created_windows = true,
       .top_view_page_size = 1000},
      {.name = "ad_groups",
       .title = "Ad groups",
       .kind = StreamKind::kEntity,
       .path = "adgroup/get/",
       .rows_member = "list",
       .section = "6.3",
       .in_sandbox = true,
       .fields = AdGroupFields(),
       .repeats_advertiser = true,
       .filters = kEntityFilters,
       .top_view_page_size = 100},
      {.name = "campaigns",
       .title = "Campaigns",
       .kind = StreamKind::kEntity,
       .path = "campaign/get/",
       .rows_member = "list",
       .section = "6.2",
       .in_sandbox = true,
       .fields = CampaignFields(),
       .repeats_advertiser = true,
       .filters = kEntityFilters,
       .top_view_page_size = 1000},
      {.name = "interest_categories",
       .title = "Interest categories",
       .kind = StreamKind::kTree,
       .path = "tool/interest_category/",
       .rows_member = "interest_categories",
       .paged = false,
       .page_size = 0,
       .section = "7.1",
       .evidence_note = "no recorded answer (10)",
       .options = kInterestOptions,
       .default_mode = WriteMode::kReplace,
       .fields = InterestCategoryFields()},
  };
}

std::vector<StreamSpec> AllStreams() {
  std::vector<StreamSpec> streams = ReportStreams();
  for (const auto& more : {ObjectStreams(), AssetStreams(), CampaignKinds()}) {
    streams.insert(streams.end(), more.begin(), more.end());
  }
  return streams;
}

}  // namespace

absl::Span<const StreamSpec> Streams() {
  static const auto& streams = *new std::vector<StreamSpec>(AllStreams());
  return streams;
}

}  // namespace tikhaul
