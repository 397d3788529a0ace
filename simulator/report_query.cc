#include "simulator/report_query.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "simulator/param_reader.h"

namespace tikhaul::simulator {
namespace {

constexpr int64_t kMostDaysByDay = 30;  // both ends count (tiktok-api.md 4.4)
constexpr int64_t kMostDaysWithout = 365;
constexpr size_t kMostIds = 100;
constexpr size_t kMostAccounts = 5;

void ReadAccounts(ParamReader& in, ParsedReport& parsed) {
  if (in.Has("bc_id")) in.Refuse(40002, "bc_id: only for BC reports.");
  if (in.Has("advertiser_ids")) {  // wins over advertiser_id
    parsed.accounts = in.TextList("advertiser_ids", true);
    parsed.query.several_accounts = true;
    if (parsed.accounts.size() > kMostAccounts) in.Refuse(40002, "advertiser_ids: Longer than maximum length 5.");
  } else {
    parsed.accounts = {in.Text("advertiser_id", true)};
  }
  for (const std::string& account : parsed.accounts) {
    if (!in.refusal() && !ParseId(account)) in.Refuse(40002, "advertiser_id: Not a valid id.");
  }
  if (in.Flag("multi_adv_report_in_utc_time", false)) {
    in.Refuse(40002, "multi_adv_report_in_utc_time: true is not simulated.");
  }
}

int64_t ReadDay(ParamReader& in, absl::string_view name) {
  const std::string text = in.Text(name, true);
  if (in.refusal()) return 0;
  const absl::StatusOr<absl::CivilDay> day = ParseDay(text);
  if (!day.ok()) {
    in.Refuse(40002, absl::StrCat(name, ": Not a valid date, the format is YYYY-MM-DD."));
    return 0;
  }
  return DayNumber(*day);
}

void ReadDates(ParamReader& in, ReportRoad road, ReportQuery& query) {
  if (query.lifetime) return;
  query.first_day = ReadDay(in, "start_date");
  query.last_day = ReadDay(in, "end_date");
  if (in.refusal()) return;
  const int64_t days = query.last_day - query.first_day + 1;
  if (days < 1) in.Refuse(40002, "end_date: must not be earlier than start_date.");
  if (road == ReportRoad::kTask) return;
  if (query.by_hour && days > 1) {
    in.Refuse(40002, "start_date, end_date: the max time span is 1 day when stat_time_hour is used.");
  }
  if (query.by_day && days > kMostDaysByDay) {
    in.Refuse(40002, "start_date, end_date: the max time span is 30 days when stat_time_day is used.");
  }
  if (days > kMostDaysWithout) in.Refuse(40002, "start_date, end_date: the max time span is 365 days.");
}

void AddIds(ParamReader& in, const std::string& field, const std::string& value, absl::flat_hash_set<uint64_t>& ids) {
  const std::optional<std::vector<std::string>> list = ParseTextList(value);
  if (!list || list->empty()) {
    return in.Refuse(40002, absl::StrCat("filtering: filter_value of ", field, " must be the text of a JSON array."));
  }
  if (list->size() > kMostIds) {
    return in.Refuse(40011, absl::StrCat("filtering: too many ids in ", field, ", the maximum is ", kMostIds, "."));
  }
  for (const std::string& text : *list) {
    const std::optional<uint64_t> id = ParseId(text);
    if (!id) return in.Refuse(40002, absl::StrCat("filtering: \"", text, "\" in ", field, " is not a valid id."));
    ids.insert(*id);
  }
}

void AddStatus(ParamReader& in, const std::string& field, const std::string& value,
               std::optional<StatusFilter>& status) {
  const std::optional<std::vector<std::string>> list = ParseTextList(value);
  if (!list || list->size() != 1) {
    return in.Refuse(
        40002, absl::StrCat("filtering: filter_value of ", field, " must be the text of a JSON array of one status."));
  }
  if (list->front() == "STATUS_ALL") {
    status = StatusFilter::kAll;
  } else if (list->front() == "STATUS_NOT_DELETE") {
    status = StatusFilter::kNotDeleted;
  } else if (list->front() == "STATUS_DELETE") {
    status = StatusFilter::kDeleted;
  } else {
    in.Refuse(40002, absl::StrCat("filtering: \"", list->front(), "\" is not a status of ", field, "."));
  }
}

void AddBuying(ParamReader& in, const std::string& value, ObjectFilter& filter) {
  const std::optional<std::vector<std::string>> list = ParseTextList(value);
  if (!list || list->empty()) {
    return in.Refuse(40002, "filtering: filter_value of buying_type must be the text of a JSON array.");
  }
  for (const std::string& type : *list) {
    if (type == "AUCTION") {
      filter.buying.push_back(Buying::kAuction);
    } else if (type == "RESERVATION_RF") {
      filter.buying.push_back(Buying::kReachAndFrequency);
    } else if (type == "RESERVATION_TOP_VIEW") {
      filter.buying.push_back(Buying::kTopView);
    } else {
      return in.Refuse(40002, absl::StrCat("filtering: \"", type, "\" is not a buying type."));
    }
  }
}

// All objects of the data sets were set up by hand.
void AddAutomationType(ParamReader& in, const std::string& value, ObjectFilter& filter) {
  const std::optional<std::vector<std::string>> list = ParseTextList(value);
  if (!list || list->empty()) {
    return in.Refuse(40002, "filtering: filter_value of campaign_automation_type must be the text of a JSON array.");
  }
  if (std::find(list->begin(), list->end(), "MANUAL") == list->end()) filter.nothing = true;
}

// Only IN: the operators of the other field names are not confirmed by the sheet, so they are refused.
void AddFilter(ParamReader& in, const std::string& field, const std::string& type, const std::string& value,
               ReportRoad road, ReportQuery& query) {
  ObjectFilter& filter = query.filter;
  const bool ids = field == "campaign_ids" || field == "adgroup_ids" || field == "ad_ids" || field == "ad_ids_v2";
  if (road == ReportRoad::kTask && !ids) {
    return in.Refuse(40002, absl::StrCat("filtering: ", field, " is not supported in asynchronous reports."));
  }
  if (type != "IN")
    return in.Refuse(40002, absl::StrCat("filtering: filter_type ", type, " does not fit ", field, "."));
  const auto below = [&](uint8_t levels) { return (query.level & levels) == 0; };
  const bool refused = ((field == "campaign_ids" || field == "campaign_status") && below(kFromCampaign)) ||
                       ((field == "adgroup_ids" || field == "adgroup_status") && below(kFromAdGroup)) ||
                       ((field == "ad_ids" || field == "ad_ids_v2" || field == "ad_status") && below(kAd));
  if (refused) return in.Refuse(40002, absl::StrCat("filtering: ", field, " does not match data_level."));
  if (field == "ad_ids" && query.id != nullptr && query.id->name == "ad_id_v2") {
    return in.Refuse(40002, "filtering: ad_ids cannot be used with the dimension ad_id_v2.");
  }
  if (field == "campaign_ids") return AddIds(in, field, value, filter.campaigns);
  if (field == "adgroup_ids") return AddIds(in, field, value, filter.groups);
  if (field == "ad_ids" || field == "ad_ids_v2") return AddIds(in, field, value, filter.ads);
  if (field == "campaign_status") return AddStatus(in, field, value, filter.campaign_status);
  if (field == "adgroup_status") return AddStatus(in, field, value, filter.group_status);
  if (field == "ad_status") return AddStatus(in, field, value, filter.ad_status);
  if (field == "buying_type") return AddBuying(in, value, filter);
  if (field == "campaign_automation_type") return AddAutomationType(in, value, filter);
  in.Refuse(40002, absl::StrCat("filtering: field_name \"", field, "\" is not supported."));
}

void ReadFiltering(ParamReader& in, ReportRoad road, ReportQuery& query) {
  const std::string* raw = in.Raw("filtering");
  if (raw == nullptr || in.refusal()) return;
  const nlohmann::json parsed = nlohmann::json::parse(*raw, nullptr, false);
  if (!parsed.is_array()) return in.Refuse(40002, "filtering: must be an array of objects.");
  for (const nlohmann::json& element : parsed) {
    std::string parts[3];
    const char* const keys[3] = {"field_name", "filter_type", "filter_value"};
    for (int i = 0; i < 3; ++i) {
      if (!element.is_object() || !element.contains(keys[i]) || !element[keys[i]].is_string()) {
        return in.Refuse(40002, absl::StrCat("filtering: each element needs field_name, filter_type and filter_value,"
                                             " all strings (an array as filter_value is JSON text); ",
                                             keys[i], " is not one."));
      }
      parts[i] = element[keys[i]].get<std::string>();
    }
    AddFilter(in, parts[0], parts[1], parts[2], road, query);
  }
}

// tiktok-api.md 5: as the synchronous report without paging. The sheet does not say where a file would hold an order or
// totals.
void RefuseInTasks(ParamReader& in) {
  for (const char* name : {"page", "page_size", "order_field", "order_type", "enable_total_metrics"}) {
    if (in.Has(name)) in.Refuse(40002, absl::StrCat(name, ": not supported in asynchronous reports."));
  }
}

// tiktok-api.md 4.6: billed_cost is for synchronous reports only, and so are many metrics beside country_code.
void CheckTaskMetrics(ParamReader& in, const ReportQuery& query) {
  const bool by_country = !query.audience && std::any_of(query.breakdowns.begin(), query.breakdowns.end(),
                                                         [](const Dimension* d) { return d->name == "country_code"; });
  for (const Metric* metric : query.metrics) {
    if (metric->name != "billed_cost" && (!by_country || TasksAnswerByCountry(*metric))) continue;
    in.Refuse(40002,
              absl::StrCat("metrics: the metric ", metric->name, " is not supported in this asynchronous report."));
  }
}

void ReadOrder(ParamReader& in, ReportQuery& query) {
  const std::string type = in.OneOf("order_type", "DESC", {"ASC", "DESC"});
  const std::string* field = in.Raw("order_field");
  if (field == nullptr) return;
  query.ascending = type == "ASC";
  for (const Metric* metric : query.metrics) {
    if (metric->name == *field && metric->group != MetricGroup::kAttribute) query.order_by = metric;
  }
  if (query.order_by == nullptr) {
    in.Refuse(40002, absl::StrCat("order_field: \"", *field, "\" is not one of the metrics that can be sorted by."));
  }
}

void ReadTotals(ParamReader& in, ReportQuery& query) {
  query.totals = in.Flag("enable_total_metrics", false);
  if (query.totals && (query.audience || !query.breakdowns.empty() || query.by_hour)) {
    in.Refuse(40002, "enable_total_metrics: only for BASIC reports with one ID dimension and/or stat_time_day.");
  }
}

}  // namespace

ParsedReport ParseReport(const Call& call, ReportRoad road) {
  ParsedReport parsed;
  ReportQuery& query = parsed.query;
  ParamReader in(call.params);
  ReadAccounts(in, parsed);
  ShapeRequest shape;
  shape.report_type = in.Text("report_type", true);
  shape.data_level = in.Text("data_level");
  shape.dimensions = in.TextList("dimensions", true);
  shape.metrics = in.TextList("metrics");
  shape.lifetime = in.Flag("query_lifetime", false);
  query.empty = in.OneOf("service_type", "AUCTION", {"AUCTION", "RESERVATION"}) == "RESERVATION";
  if (in.OneOf("query_mode", "REGULAR", {"REGULAR", "CHUNK"}) == "CHUNK")
    in.Refuse(40002, "query_mode: CHUNK is not simulated.");
  if (road == ReportRoad::kSync) {
    query.page = in.Whole("page", 1, 1, INT32_MAX);
    query.page_size = in.Whole("page_size", 10, 1, 1'000);
  } else {
    RefuseInTasks(in);
  }
  if (!in.refusal()) {
    if (const std::optional<Refusal> refusal = FillShape(shape, query)) in.Refuse(refusal->code, refusal->message);
  }
  if (!in.refusal() && road == ReportRoad::kTask) CheckTaskMetrics(in, query);
  if (!in.refusal()) ReadDates(in, road, query);
  ReadFiltering(in, road, query);
  if (!in.refusal()) ReadOrder(in, query);
  if (!in.refusal()) ReadTotals(in, query);
  parsed.refusal = in.refusal();
  return parsed;
}

}  // namespace tikhaul::simulator
