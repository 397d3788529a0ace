// The streams (tiktok-api.md 4, 6, 7). Data only.
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
       .report_type = "BASIC",
       .rows_member = "list",
       .dimensions = BasicDimensions(),
       .metrics = BasicMetrics(),
       .presets = BasicPresets(),
       .section = "4",
       .metric_rules = BasicMetricRules(),
       .lifetime = true},
      {.name = "audience_report",
       .title = "Audience report",
       .kind = StreamKind::kReport,
       .path = "report/integrated/get/",
       .report_type = "AUDIENCE",
       .rows_member = "list",
       .dimensions = AudienceDimensions(),
       .metrics = AudienceMetrics(),
       .presets = AudiencePresets(),
       .section = "4",
       .metric_rules = AudienceMetricRules(),
       .needs_breakdown = true,
       .in_sandbox = false},
  };
}

std::vector<StreamSpec> ObjectStreams() {
  return {
      {.name = "adverts",
       .title = "Adverts",
       .kind = StreamKind::kEntity,
       .path = "ad/get/",
       .rows_member = "list",
       .fields = AdFields(),
       .default_backfill_days = 1826,
       .section = "6.4",
       .created_windows = true,
       .top_view_page_size = 1000},
      {.name = "ad_groups",
       .title = "Ad groups",
       .kind = StreamKind::kEntity,
       .path = "adgroup/get/",
       .rows_member = "list",
       .fields = AdGroupFields(),
       .default_backfill_days = 0,
       .section = "6.3",
       .top_view_page_size = 100},
      {.name = "campaigns",
       .title = "Campaigns",
       .kind = StreamKind::kEntity,
       .path = "campaign/get/",
       .rows_member = "list",
       .fields = CampaignFields(),
       .default_backfill_days = 0,
       .section = "6.2",
       .top_view_page_size = 1000},
      {.name = "interest_categories",
       .title = "Interest categories",
       .kind = StreamKind::kTree,
       .path = "tool/interest_category/",
       .rows_member = "interest_categories",
       .paged = false,
       .page_size = 0,
       .fields = InterestCategoryFields(),
       .default_mode = WriteMode::kReplace,
       .default_backfill_days = 0,
       .section = "7.1",
       .options = kInterestOptions,
       .in_sandbox = false},
  };
}

std::vector<StreamSpec> AllStreams() {
  std::vector<StreamSpec> streams = ReportStreams();
  for (StreamSpec& stream : ObjectStreams()) streams.push_back(stream);
  return streams;
}

}  // namespace

absl::Span<const StreamSpec> Streams() {
  static const auto& streams = *new std::vector<StreamSpec>(AllStreams());
  return streams;
}

}  // namespace tikhaul
