#include "common/catalog/activity_request.h"

#include <algorithm>
#include <vector>

#include "common/base/civil.h"
#include "common/catalog/api_request.h"
#include "common/catalog/extract_shape.h"
#include "common/catalog/json_text.h"
#include "common/catalog/report_parts.h"
#include "common/catalog/stream_of.h"

namespace tikhaul {
namespace {

// Names of section 4.7, which real records confirm, and others of the groups that section 4.6 calls checked. Delivery,
// money, what follows from a view or click, what is booked by the time of the conversion, and what Apple reports: a row
// of any report stands for at least one of them.
constexpr absl::string_view kMetrics[] = {"spend",
                                          "impressions",
                                          "gross_impressions",
                                          "clicks",
                                          "reach",  //
                                          "conversion",
                                          "real_time_conversion",
                                          "result",
                                          "real_time_result",
                                          "secondary_goal_result",  //
                                          "skan_result",
                                          "skan_conversion",  //
                                          "video_play_actions",
                                          "video_watched_2s",
                                          "video_watched_6s",
                                          "video_views_p25",
                                          "video_views_p50",  //
                                          "video_views_p75",
                                          "video_views_p100",
                                          "engaged_view",  //
                                          "engagements",
                                          "clicks_on_music_disc",
                                          "profile_visits",
                                          "likes",
                                          "comments",
                                          "shares",
                                          "follows",     //
                                          "live_views",  //
                                          "real_time_app_install",
                                          "app_install",
                                          "registration",
                                          "total_registration",
                                          "purchase",  //
                                          "total_purchase",
                                          "sales_lead",
                                          "total_sales_lead",  //
                                          "complete_payment",
                                          "total_landing_page_view",
                                          "total_pageview",  //
                                          "onsite_total_purchase",
                                          "onsite_form"};

bool CountsInTotals(const DimensionSpec& dimension) {
  return dimension.kind != DimensionKind::kAsset && dimension.kind != DimensionKind::kSkan;
}

}  // namespace

absl::Span<const absl::string_view> ActivityMetrics() { return kMetrics; }

v1::ApiRequest ActivityRequest(absl::Span<const std::string> advertisers, absl::CivilDay first, absl::CivilDay last,
                               bool by_day) {
  v1::ApiRequest request;
  request.set_path("report/integrated/get/");
  request.set_page_size(1000);
  if (advertisers.size() == 1) {
    AddParam(request, "advertiser_id", advertisers[0]);
  } else {
    AddParam(request, "advertiser_ids", JsonArray({advertisers.begin(), advertisers.end()}));
  }
  AddParam(request, "report_type", "BASIC");
  AddParam(request, "data_level", DataLevelName(kAdvertiserLevel));
  AddParam(request, "dimensions",
           by_day ? JsonArray({"advertiser_id", "stat_time_day"}) : JsonArray({"advertiser_id"}));
  AddParam(request, "metrics", JsonArray({std::begin(kMetrics), std::end(kMetrics)}));
  AddParam(request, "start_date", FormatDay(first));
  AddParam(request, "end_date", FormatDay(last));
  return request;
}

bool ZerosMeanNoRows(const v1::Extract& extract) {
  const StreamSpec& stream = StreamOf(extract);
  // What reports of their own (GMV Max) count need not be in the advertiser's totals.
  if (stream.kind != StreamKind::kReport || stream.report_type.empty() || extract.lifetime()) return false;
  const ReportParts parts = PartsOf(stream, extract);
  if (parts.time == nullptr && parts.breakdowns.empty()) return false;
  return std::all_of(parts.breakdowns.begin(), parts.breakdowns.end(),
                     [](const DimensionSpec* dimension) { return CountsInTotals(*dimension); }) &&
         std::none_of(parts.metrics.begin(), parts.metrics.end(),
                      [](const MetricSpec* metric) { return metric->exclusive; });
}

}  // namespace tikhaul
