// Asynchronous reports (tiktok-api.md 5).
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/catalog/extract_shape.h"
#include "common/catalog/report_parts.h"
#include "common/catalog/stream_of.h"

namespace tikhaul {
namespace {

using Json = nlohmann::ordered_json;

constexpr absl::string_view kSection = " (tiktok-api.md 5)";
constexpr int kMostMetrics = 100;  // of one task
constexpr std::array<absl::string_view, 4> kFilterFields = {"campaign_ids", "adgroup_ids", "ad_ids", "ad_ids_v2"};

std::string WhyNotFilters(const v1::Extract& extract, uint8_t level) {
  if (!extract.exclude_deleted() && !StatusFilterField(level).empty()) {
    return absl::StrCat(
        "asynchronous reports filter by ids only, so deleted objects cannot be asked for below level "
        "advertiser; include_deleted: false leaves them out",
        kSection);
  }
  for (const v1::Filter& filter : extract.filters()) {
    const bool ids = std::find(kFilterFields.begin(), kFilterFields.end(), filter.field_name()) != kFilterFields.end();
    if (!ids) return absl::StrCat("asynchronous reports have no filter on ", filter.field_name(), kSection);
  }
  return "";
}

std::string WhyNotMetrics(const StreamSpec& stream, const ReportParts& parts) {
  for (const MetricSpec* metric : parts.metrics) {
    if (const MetricRule* rule = RefusingTaskRule(stream, *metric, "")) return absl::StrCat(rule->note, kSection);
    for (const DimensionSpec* dimension : parts.breakdowns) {
      const MetricRule* rule = RefusingTaskRule(stream, *metric, dimension->name);
      if (rule != nullptr) return absl::StrCat(metric->name, ": ", rule->note, kSection);
    }
  }
  return "";
}

// Parameters of a request are texts; members of a body have types (section 4.1).
bool IsJson(absl::string_view name) {
  return name == "dimensions" || name == "metrics" || name == "filtering" || name == "query_lifetime";
}

}  // namespace

std::string WhyNoTask(const v1::Extract& extract) {
  const StreamSpec& stream = StreamOf(extract);
  if (stream.kind != StreamKind::kReport || stream.report_type.empty())
    return absl::StrCat(stream.name, " is no report of report/task/create/", kSection);
  if (extract.metrics_size() > kMostMetrics) {
    return absl::StrCat("one task has at most ", kMostMetrics, " metrics (tiktok-api.md 4.1)");
  }
  const ReportParts parts = PartsOf(stream, extract);
  std::string reason = WhyNotFilters(extract, parts.level);
  return reason.empty() ? WhyNotMetrics(stream, parts) : reason;
}

void UseTask(v1::ReadPlan& plan) {
  Json body = Json::object();
  Json metrics = Json::array();  // of all column groups: a body may be longer than a request line
  for (const v1::ApiRequest& request : plan.requests()) {
    for (const v1::ApiParam& param : request.params()) {
      Json value = IsJson(param.name()) ? Json::parse(param.value(), nullptr, false) : Json(param.value());
      if (param.name() == "metrics") {
        metrics.insert(metrics.end(), value.begin(), value.end());
        value = metrics;
      }
      body[param.name()] = std::move(value);
    }
  }
  body["output_format"] = "CSV_STRING";
  body["enable_report_title_translation"] = false;  // heads are the API's names
  v1::ReportTask& task = *plan.mutable_task();
  task.set_create_path("report/task/create/");
  task.set_check_path("report/task/check/");
  task.set_download_path("report/task/download/");
  plan.clear_requests();
  plan.clear_listings();
  plan.clear_groups();
  for (v1::ColumnPlan& column : *plan.mutable_columns()) column.clear_group();
  task.set_create_body(body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace tikhaul
