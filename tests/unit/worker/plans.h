// Read plans for tests.
#ifndef TIKHAUL_TESTS_UNIT_WORKER_PLANS_H_
#define TIKHAUL_TESTS_UNIT_WORKER_PLANS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

inline v1::ColumnPlan* AddColumn(v1::ReadPlan* plan, v1::ColumnPlan::Source source, const std::string& name,
                                 v1::ColumnType type, bool key = false) {
  v1::ColumnPlan* column = plan->add_columns();
  column->set_name(name);
  column->set_member(name);
  column->set_source(source);
  column->set_type(type);
  column->set_key(key);
  return column;
}

// A plan whose rows are those of a report: dimensions ad_id and stat_time_day, metrics spend, clicks and ad_name.
inline v1::ReadPlan ReportPlan() {
  v1::ReadPlan plan;
  plan.set_connection("main");
  plan.set_rows_member("list");
  plan.set_paged(true);
  AddColumn(&plan, v1::ColumnPlan::SOURCE_DIMENSION, "ad_id", v1::COLUMN_TYPE_STRING, true);
  AddColumn(&plan, v1::ColumnPlan::SOURCE_DIMENSION, "stat_time_day", v1::COLUMN_TYPE_DATE, true);
  AddColumn(&plan, v1::ColumnPlan::SOURCE_METRIC, "spend", v1::COLUMN_TYPE_DECIMAL);
  AddColumn(&plan, v1::ColumnPlan::SOURCE_METRIC, "clicks", v1::COLUMN_TYPE_INT64);
  AddColumn(&plan, v1::ColumnPlan::SOURCE_METRIC, "ad_name", v1::COLUMN_TYPE_STRING);
  v1::ApiRequest* request = plan.add_requests();
  request->set_path("report/integrated/get/");
  request->set_page_size(2);
  v1::ApiParam* param = request->add_params();
  param->set_name("report_type");
  param->set_value("BASIC");
  return plan;
}

// The same in two column groups: spend and clicks, then ad_name.
inline v1::ReadPlan PlanOfTwoGroups() {
  v1::ReadPlan plan = ReportPlan();
  plan.set_groups(2);
  plan.mutable_columns(4)->set_group(1);
  v1::ApiRequest& second = *plan.add_requests();
  second = plan.requests(0);
  second.set_group(1);
  return plan;
}

// An answer with `data` as given.
inline std::string AnswerOf(const std::string& data) {
  return absl::StrCat(R"({"code":0,"message":"OK","request_id":"r1","data":)", data, "}");
}

// An answer of ReportPlan() with `rows` rows, as page `page` of the given totals.
inline std::string ReportPage(int page, int page_size, int total_number, int rows) {
  std::string list;
  for (int i = 0; i < rows; ++i) {
    absl::StrAppend(
        &list, i > 0 ? "," : "", R"({"dimensions":{"ad_id":"17)", page, i,
        R"(","stat_time_day":"2026-01-05 00:00:00"},"metrics":{"spend":"20.00","clicks":"69","ad_name":"x"}})");
  }
  const int pages = (total_number + page_size - 1) / page_size;
  return AnswerOf(absl::StrCat(R"({"page_info":{"page":)", page, R"(,"page_size":)", page_size, R"(,"total_number":)",
                               total_number, R"(,"total_page":)", pages, R"(},"list":[)", list, "]}"));
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_UNIT_WORKER_PLANS_H_
