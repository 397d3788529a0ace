#include "common/tiktok/report_page.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/tiktok/account.h"
#include "nlohmann/json.hpp"

namespace tikhaul {
namespace {

using nlohmann::json;

TextByName TextsOf(const json& object, const char* member) {
  TextByName texts;
  const auto found = object.is_object() ? object.find(member) : object.end();
  if (found == object.end() || !found->is_object()) return texts;
  for (const auto& [name, value] : found->items()) {
    std::string text = value.is_string() ? value.get<std::string>() : value.is_null() ? "-" : value.dump();
    if (text != "-") texts[name] = std::move(text);
  }
  return texts;
}

int64_t WholeOf(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : -1;
}

}  // namespace

absl::StatusOr<ReportPage> ReadReportPage(const std::string& body, const std::string& path) {
  const json answer = json::parse(body, nullptr, /*allow_exceptions=*/false);
  const auto not_a_page = [&] {
    return absl::DataLossError(absl::StrCat("the answer of ", path, " is no page of a list"));
  };
  if (!answer.is_object() || !answer.contains("data") || !answer["data"].is_object()) return not_a_page();
  const json& data = answer["data"];
  if (!data.contains("list") || !data["list"].is_array() || !data.contains("page_info")) return not_a_page();
  ReportPage page;
  page.total_number = WholeOf(data["page_info"], "total_number");
  page.total_page = WholeOf(data["page_info"], "total_page");
  if (page.total_number < 0 || page.total_page < 0) return not_a_page();
  for (const json& row : data["list"])
    page.rows.push_back({.dimensions = TextsOf(row, "dimensions"), .metrics = TextsOf(row, "metrics")});
  page.total_metrics = TextsOf(data, "total_metrics");
  return page;
}

absl::StatusOr<ReportPage> FetchReportPage(ApiTransport& transport, ApiCall call) {
  const std::string path = call.path;
  ASSIGN_OR_RETURN(const ApiAnswer answer, SendAndWait(transport, std::move(call)));
  ASSIGN_OR_RETURN(ReportPage page, ReadReportPage(answer.body, path));
  page.truncated = answer.truncated;
  return page;
}

}  // namespace tikhaul
