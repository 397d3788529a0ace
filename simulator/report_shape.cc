// Which dimensions and metrics may stand together (tiktok-api.md 4.2, 4.6).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "simulator/report_query.h"

namespace tikhaul::simulator {
namespace {

constexpr size_t kMostMetrics = 100;

struct LevelName {
  absl::string_view name;
  Level level;
};
constexpr LevelName kLevels[] = {{"AUCTION_AD", kAd},
                                 {"AUCTION_ADGROUP", kAdGroup},
                                 {"AUCTION_CAMPAIGN", kCampaign},
                                 {"AUCTION_ADVERTISER", kAdvertiser}};

Refusal Bad(std::string message) { return Refusal{40002, std::move(message)}; }

std::optional<Refusal> ReadLevel(const ShapeRequest& request, ReportQuery& query) {
  if (request.data_level.empty()) return Bad("data_level: Missing data for required field.");
  for (const LevelName& known : kLevels) {
    if (known.name != request.data_level) continue;
    query.level = known.level;
    return std::nullopt;
  }
  return Bad(absl::StrCat("data_level: \"", request.data_level, "\" is not supported."));
}

std::optional<Refusal> SortDimension(const Dimension& dimension, ReportQuery& query) {
  if (std::find(query.dimensions.begin(), query.dimensions.end(), &dimension) != query.dimensions.end()) {
    return Bad(absl::StrCat("dimensions: \"", dimension.name, "\" is given twice."));
  }
  query.dimensions.push_back(&dimension);
  switch (dimension.kind) {
    case DimensionKind::kId:
      if (query.id != nullptr) {
        return Bad(absl::StrCat("dimensions: only one ID dimension is allowed, not both ", query.id->name, " and ",
                                dimension.name, "."));
      }
      query.id = &dimension;
      break;
    case DimensionKind::kDay:
      query.by_day = true;
      break;
    case DimensionKind::kHour:
      query.by_hour = true;
      break;
    case DimensionKind::kBreakdown:
      query.breakdowns.push_back(&dimension);
      // In one order, however they were asked for: figures must not depend on the order of the request.
      std::sort(query.breakdowns.begin(), query.breakdowns.end(),
                [](const Dimension* a, const Dimension* b) { return a->name < b->name; });
  }
  if ((dimension.levels & query.level) == 0) {
    return Bad(absl::StrCat("dimensions: the dimension ", dimension.name, " does not match data_level."));
  }
  return std::nullopt;
}

bool AgeAndGender(const std::vector<const Dimension*>& pair) {
  return (pair[0]->name == "age" && pair[1]->name == "gender") || (pair[0]->name == "gender" && pair[1]->name == "age");
}

bool KeywordAndMatch(const std::vector<const Dimension*>& pair) {
  return (pair[0]->name == "search_keyword" && pair[1]->name == "match_type") ||
         (pair[0]->name == "match_type" && pair[1]->name == "search_keyword");
}

std::optional<Refusal> CheckBreakdowns(const ReportQuery& query) {
  const auto& breakdowns = query.breakdowns;
  if (query.audience && breakdowns.empty()) {
    return Bad("dimensions: an AUDIENCE report needs an audience dimension.");
  }
  const bool pair_allowed =
      breakdowns.size() == 2 && (query.audience ? AgeAndGender(breakdowns) : KeywordAndMatch(breakdowns));
  if (breakdowns.size() > 2 || (breakdowns.size() == 2 && !pair_allowed)) {
    return Bad(
        "dimensions: these dimensions cannot be used together; at most one besides the ID and the time dimension"
        " (age with gender in AUDIENCE reports, match_type with search_keyword in BASIC reports).");
  }
  if (breakdowns.size() == 1 && breakdowns[0]->name == "match_type") {
    return Bad("dimensions: match_type needs search_keyword.");
  }
  for (const Dimension* breakdown : breakdowns) {
    if (query.by_day && !breakdown->with_day) {
      return Bad(absl::StrCat("dimensions: ", breakdown->name, " cannot be used with a time dimension."));
    }
    if (query.by_hour)
      return Bad(absl::StrCat("dimensions: ", breakdown->name, " cannot be used with stat_time_hour."));
  }
  return std::nullopt;
}

std::optional<Refusal> ReadDimensions(const ShapeRequest& request, ReportQuery& query) {
  if (request.dimensions.empty()) return Bad("dimensions: Missing data for required field.");
  for (const std::string& name : request.dimensions) {
    const Dimension* dimension = FindDimension(name, query.audience);
    if (dimension == nullptr) {
      return Bad(absl::StrCat("dimensions: \"", name, "\" is not supported in ", request.report_type, " reports."));
    }
    if (std::optional<Refusal> refusal = SortDimension(*dimension, query)) return refusal;
  }
  if (query.by_day && query.by_hour) return Bad("dimensions: only one time dimension is allowed.");
  if (query.id == nullptr && query.level != kAdvertiser) {
    return Bad("dimensions: an ID dimension that matches data_level is required.");
  }
  if (query.lifetime && (query.by_day || query.by_hour)) {
    return Bad("query_lifetime: no time dimension is allowed in a lifetime report.");
  }
  if (query.lifetime && query.audience) return Bad("query_lifetime: not supported in AUDIENCE reports.");
  for (const Dimension* breakdown : query.breakdowns) {
    if (!query.lifetime || FindDimension(breakdown->name, /*audience=*/true) == nullptr) continue;
    return Bad(absl::StrCat("query_lifetime: the audience dimension ", breakdown->name,
                            " is not allowed in a lifetime report."));
  }
  return CheckBreakdowns(query);
}

std::optional<Refusal> CheckMetric(const Metric& metric, const ReportQuery& query) {
  const bool attribute = metric.group == MetricGroup::kAttribute;
  if ((metric.levels & query.level) == 0) {
    return Bad(absl::StrCat("metrics: the metric ", metric.name, " does not match data_level."));
  }
  if (attribute && query.id == nullptr) {
    return Bad(absl::StrCat("metrics: the metric ", metric.name, " needs an ID dimension."));
  }
  if ((metric.name == "cash_spend" || metric.name == "voucher_spend") && (!query.by_day || !query.breakdowns.empty())) {
    return Bad(absl::StrCat("metrics: ", metric.name, " is supported by day at advertiser level only."));
  }
  if (metric.name == "ad_id" && query.id != nullptr && query.id->name == "ad_id_v2") {
    return Bad("metrics: ad_id cannot be queried with the dimension ad_id_v2.");
  }
  if (metric.group == MetricGroup::kImage && (query.breakdowns.empty() || query.breakdowns[0]->name != "image_id")) {
    return Bad(absl::StrCat("metrics: ", metric.name, " needs the dimension image_id."));
  }
  for (const Dimension* breakdown : query.breakdowns) {
    if (SetHolds(breakdown->metrics, metric)) continue;
    return Bad(absl::StrCat("conflict between metrics and dimensions: metric ", metric.name,
                            " cannot be queried with dimension ", breakdown->name, "."));
  }
  return std::nullopt;
}

std::optional<Refusal> ReadMetrics(const ShapeRequest& request, ReportQuery& query) {
  std::vector<std::string> names = request.metrics;
  if (names.empty()) names = {"spend", "impressions"};
  if (names.size() > kMostMetrics) {
    return Bad(absl::StrCat("metrics: Longer than maximum length ", kMostMetrics, "."));
  }
  std::vector<std::string> unknown;
  for (const std::string& name : names) {
    const Metric* metric = MetricTable::Get().Find(name);
    if (metric == nullptr || !(query.audience ? metric->audience : metric->basic)) {
      unknown.push_back(name);
      continue;
    }
    if (std::find(query.metrics.begin(), query.metrics.end(), metric) != query.metrics.end()) continue;
    if (std::optional<Refusal> refusal = CheckMetric(*metric, query)) return refusal;
    query.metrics.push_back(metric);
  }
  if (unknown.empty()) return std::nullopt;
  return Bad(absl::StrCat("metrics: Invalid metric(s) in ", request.report_type,
                          " reports: ", absl::StrJoin(unknown, ", "), "."));
}

}  // namespace

int ReportQuery::LagHours() const {
  int lag = 0;
  for (const Dimension* breakdown : breakdowns) lag = std::max(lag, breakdown->lag_hours);
  return lag;
}

std::optional<Refusal> FillShape(const ShapeRequest& request, ReportQuery& query) {
  if (request.report_type.empty()) return Bad("report_type: Missing data for required field.");
  if (request.report_type != "BASIC" && request.report_type != "AUDIENCE") {
    return Bad(absl::StrCat("report_type: \"", request.report_type,
                            "\" is not supported (this simulator knows BASIC and AUDIENCE)."));
  }
  query.audience = request.report_type == "AUDIENCE";
  query.lifetime = request.lifetime;
  if (std::optional<Refusal> refusal = ReadLevel(request, query)) return refusal;
  if (std::optional<Refusal> refusal = ReadDimensions(request, query)) return refusal;
  return ReadMetrics(request, query);
}

}  // namespace tikhaul::simulator
