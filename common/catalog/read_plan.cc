#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/catalog/api_request.h"
#include "common/catalog/column_groups.h"
#include "common/catalog/extract_shape.h"
#include "common/catalog/id_listings.h"
#include "common/catalog/json_text.h"
#include "common/catalog/report_parts.h"
#include "common/catalog/stream_of.h"
#include "common/wire/row_batch_wire.h"

namespace tikhaul {
namespace {

using Json = nlohmann::ordered_json;  // members stay in the order in which they are written

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <typename Spec>
std::string NamesOf(const std::vector<const Spec*>& specs) {
  std::vector<std::string> names;
  for (const Spec* spec : specs) names.emplace_back(spec->name);
  return JsonArray(names);
}

v1::ColumnPlan& AddColumn(v1::ReadPlan& plan, absl::string_view name, ColumnType type, bool key,
                          v1::ColumnPlan::Source source) {
  v1::ColumnPlan& column = *plan.add_columns();
  column.set_name(std::string(name));
  column.set_type(ToWire(type));
  column.set_key(key);
  column.set_source(source);
  column.set_member(std::string(name));
  return column;
}

// Section 4.5: an array of objects, filter_value always a text.
std::string ReportFilters(const v1::Extract& extract, uint8_t level) {
  Json filters = Json::array();
  const auto add = [&](absl::string_view field, absl::string_view type, absl::string_view value) {
    filters.push_back(
        {{"field_name", std::string(field)}, {"filter_type", std::string(type)}, {"filter_value", std::string(value)}});
  };
  for (const v1::Filter& filter : extract.filters())
    add(filter.field_name(), filter.filter_type(), filter.filter_value());
  const absl::string_view status_field = StatusFilterField(level);
  if (!extract.exclude_deleted() && !status_field.empty()) add(status_field, "IN", JsonArray({"STATUS_ALL"}));
  return filters.empty() ? "" : Dump(filters);
}

// In the catalogue's order.
void AddOptions(const v1::Extract& extract, const StreamSpec& stream, v1::ApiRequest& request) {
  for (const OptionSpec& option : stream.options) {
    const auto found = extract.options().find(std::string(option.name));
    if (found == extract.options().end()) continue;
    AddParam(request, option.name, found->second);
  }
}

v1::ApiRequest& AddRequest(const v1::Extract& extract, const StreamSpec& stream, v1::ReadPlan& plan) {
  v1::ApiRequest& request = *plan.add_requests();
  request.set_path(std::string(stream.path));
  request.set_page_size(stream.page_size);
  if (stream.advertiser_in_list) {
    AddParam(request, "advertiser_ids", JsonArray({plan.advertiser_id()}));
  } else {
    AddParam(request, "advertiser_id", plan.advertiser_id());
  }
  AddOptions(extract, stream, request);
  return request;
}

// Sections 4.1 and 8.
void PlanReport(const v1::Extract& extract, const StreamSpec& stream, const Window& window, v1::ReadPlan& plan) {
  const ReportParts parts = PartsOf(stream, extract);
  const bool integrated = !stream.report_type.empty();
  const std::string filters = integrated ? ReportFilters(extract, parts.level) : "";
  for (const std::vector<const MetricSpec*>& metrics : ColumnGroups(parts.metrics)) {
    v1::ApiRequest& request = AddRequest(extract, stream, plan);
    request.set_group(plan.groups());
    plan.set_groups(plan.groups() + 1);
    if (integrated) {
      AddParam(request, "report_type", stream.report_type);
      AddParam(request, "data_level", DataLevelName(parts.level));
    }
    AddParam(request, "dimensions", NamesOf(parts.Dimensions()));
    AddParam(request, "metrics", NamesOf(metrics));
    if (extract.lifetime()) {
      AddParam(request, "query_lifetime", "true");
    } else {
      AddParam(request, "start_date", FormatDay(window.first));
      AddParam(request, "end_date", FormatDay(window.last));
    }
    if (!filters.empty()) AddParam(request, "filtering", filters);
  }
  if (integrated) PlanListings(extract, parts, plan);
}

// In table order: the time dimension stands before the id.
void PlanReportColumns(const v1::Extract& extract, const StreamSpec& stream, v1::ReadPlan& plan) {
  const ReportParts parts = PartsOf(stream, extract);
  const auto add = [&](const DimensionSpec& dimension) {
    v1::ColumnPlan& column = AddColumn(plan, dimension.name, dimension.type, true, v1::ColumnPlan::SOURCE_DIMENSION);
    if (!dimension.alias.empty()) column.add_aliases(std::string(dimension.alias));
  };
  if (parts.level == kAdvertiserLevel) add(*parts.id);
  if (parts.time != nullptr) add(*parts.time);
  if (parts.level != kAdvertiserLevel) add(*parts.id);
  for (const DimensionSpec* dimension : parts.breakdowns) add(*dimension);
  uint32_t group = 0;
  for (const std::vector<const MetricSpec*>& metrics : ColumnGroups(parts.metrics)) {
    for (const MetricSpec* metric : metrics) {
      AddColumn(plan, metric->name, metric->type, false, v1::ColumnPlan::SOURCE_METRIC).set_group(group);
    }
    ++group;
  }
}

// Section 6.1: one object. What the phone app made is hidden by default. The end of a window of creation is its last
// second.
Json EntityFilter(const v1::Extract& extract, const StreamSpec& stream, const Window& window) {
  Json filter = Json::object();
  if (!stream.fixed_filter.empty()) filter = Json::parse(stream.fixed_filter.begin(), stream.fixed_filter.end());
  if ((stream.filters & kStatusFilter) != 0) {
    filter["primary_status"] = extract.exclude_deleted() ? "STATUS_NOT_DELETE" : "STATUS_ALL";
  }
  if ((stream.filters & kOriginFilter) != 0) filter["campaign_system_origins"] = {"TT_ADS_PLATFORM", "PROMOTE"};
  if (window.kind == WindowKind::kCreated) {
    filter["creation_filter_start_time"] = FormatCivilSecond(absl::CivilSecond(window.first));
    filter["creation_filter_end_time"] = FormatCivilSecond(absl::CivilSecond(window.last + 1) - 1);
  }
  return filter;
}

// Section 6.1: without buying_types the API gives AUCTION and RESERVATION_RF; RESERVATION_TOP_VIEW must be asked alone.
void PlanEntities(const v1::Extract& extract, const StreamSpec& stream, const Window& window, v1::ReadPlan& plan) {
  Json filter = EntityFilter(extract, stream, window);
  v1::ApiRequest& request = AddRequest(extract, stream, plan);
  if (!filter.empty()) AddParam(request, "filtering", Dump(filter));
  if (stream.top_view_page_size == 0) return;
  filter["buying_types"] = Json::array({"RESERVATION_TOP_VIEW"});
  v1::ApiRequest& top_view = AddRequest(extract, stream, plan);
  top_view.set_page_size(stream.top_view_page_size);
  AddParam(top_view, "filtering", Dump(filter));
}

void PlanFieldColumns(const StreamSpec& stream, v1::ReadPlan& plan) {
  if (stream.repeats_advertiser) {
    AddColumn(plan, "advertiser_id", ColumnType::kString, true, v1::ColumnPlan::SOURCE_FIELD);
  }
  for (const FieldSpec& field : stream.fields) {
    AddColumn(plan, field.name, field.type, field.key, v1::ColumnPlan::SOURCE_FIELD);
  }
  for (const absl::string_view member : stream.left_out) plan.add_left_out(std::string(member));
}

}  // namespace

v1::ReadPlan CompileReadPlan(const v1::Extract& extract, const std::string& connection, const std::string& advertiser,
                             const Window& window) {
  const StreamSpec& stream = StreamOf(extract);
  v1::ReadPlan plan;
  plan.set_connection(connection);
  plan.set_advertiser_id(advertiser);
  plan.set_extract(extract.name());
  plan.set_rows_member(std::string(stream.rows_member));
  plan.set_paged(stream.paged);
  plan.set_reach(stream.reach);
  plan.set_window(FormatWindow(window));
  switch (stream.kind) {
    case StreamKind::kReport:
      PlanReport(extract, stream, window, plan);
      PlanReportColumns(extract, stream, plan);
      break;
    case StreamKind::kEntity:
      PlanEntities(extract, stream, window, plan);
      PlanFieldColumns(stream, plan);
      break;
    case StreamKind::kTree:
      AddRequest(extract, stream, plan);
      PlanFieldColumns(stream, plan);
      break;
  }
  return plan;
}

}  // namespace tikhaul
