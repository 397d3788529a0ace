#include "simulator/page_writer.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_cat.h"
#include "simulator/names.h"
#include "simulator/object_values.h"
#include "simulator/report_values.h"

namespace tikhaul::simulator {
namespace {

void AppendWhole(int64_t number, std::string& out) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}

// A JSON text, or a bare number where `numbers` wants figures so.
void AppendCell(const Cell& cell, const Metric& metric, const Spelling& spelling, bool numbers, std::string& out) {
  if (cell.kind == Cell::Kind::kNull) {
    out += "null";
    return;
  }
  if (cell.kind == Cell::Kind::kText) return AppendJsonString(cell.text, out);
  const bool bare = numbers && (cell.kind == Cell::Kind::kWhole || cell.kind == Cell::Kind::kDecimal);
  if (!bare) out += '"';
  AppendCellText(cell, metric, spelling, out);
  if (!bare) out += '"';
}

class RowWriter {
 public:
  RowWriter(const ReportData& data, const PageTwist& twist) : data_(data), twist_(twist), values_(data) {
    for (const Metric* metric : data.query().metrics) metric_keys_.push_back(absl::StrCat("\"", metric->name, "\":"));
  }

  void Append(const RowKey& row, std::string& out) {
    values_.Load(row);
    // Members of objects have no order: both orders occur.
    const bool metrics_first = row.account % 2 == 1;
    out += '{';
    if (metrics_first) {
      AppendMetrics(row, out);
      out += ',';
      AppendDimensions(out);
    } else {
      AppendDimensions(out);
      out += ',';
      AppendMetrics(row, out);
    }
    if (twist_.unknown_fields) out += ",\"row_note\":{\"kind\":[1,\"a\",null]}";
    if (!twist_.row_member.empty()) absl::StrAppend(&out, ",", twist_.row_member);
    out += '}';
  }

  void AppendTotals(const Account& account, const std::vector<int64_t>& sums, std::string& out) {
    values_.LoadTotals(account, sums);
    AppendMetricMembers(Spelling{}, false, out);
  }

 private:
  void AppendDimensions(std::string& out) {
    const ReportQuery& query = data_.query();
    out += "\"dimensions\":{";
    for (size_t i = 0; i < query.dimensions.size(); ++i) {
      if (i > 0) out += ',';
      // Some accounts already get the new key (tiktok-api.md 4.2).
      const bool renamed = query.dimensions[i]->name == "interest_category" && values_.account().seed % 2 == 1;
      absl::StrAppend(&out, "\"", query.dimensions[i]->name, renamed ? "_v2" : "", "\":");
      text_.clear();
      values_.AppendDimension(i, text_);
      AppendJsonString(text_, out);
    }
    out += '}';
  }

  void AppendMetricMembers(const Spelling& spelling, bool numbers, std::string& out) {
    const ReportQuery& query = data_.query();
    for (size_t i = 0; i < query.metrics.size(); ++i) {
      if (i > 0) out += ',';
      out += metric_keys_[i];
      AppendCell(values_.Metric(i), *query.metrics[i], spelling, numbers, out);
    }
  }

  void AppendMetrics(const RowKey& row, std::string& out) {
    out += "\"metrics\":{";
    AppendMetricMembers(SpellingOf(row), twist_.numbers, out);
    if (data_.query().several_accounts) {
      const Account& account = values_.account();
      absl::StrAppend(&out, ",\"currency\":\"", account.profile.currency, "\",\"timezone\":\"",
                      account.profile.display_timezone, "\",\"advertiser_id\":\"", account.id_text, "\"");
    }
    if (twist_.unknown_fields) out += ",\"metric_of_tomorrow\":\"17.5\"";
    out += '}';
  }

  const ReportData& data_;
  const PageTwist twist_;
  RowValues values_;
  std::vector<std::string> metric_keys_;
  std::string text_;
};

double NumberOf(const Cell& cell) {
  if (cell.kind == Cell::Kind::kDecimal) return FixedToDouble(cell.number, cell.places);
  return cell.kind == Cell::Kind::kWhole ? static_cast<double>(cell.number) : -1;
}

// All rows, sorted by one metric; equal ones keep their order.
std::vector<RowKey> Sorted(const ReportData& data, const ReportQuery& query) {
  const auto& metrics = data.query().metrics;
  const auto index = static_cast<size_t>(std::find(metrics.begin(), metrics.end(), query.order_by) - metrics.begin());
  RowValues values(data);
  std::vector<std::pair<double, const RowKey*>> keyed;
  for (const RowKey& row : data.rows()) {
    values.Load(row);
    keyed.emplace_back(NumberOf(values.Metric(index)) * (query.ascending ? 1 : -1), &row);
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<RowKey> rows;
  for (const auto& [number, row] : keyed) rows.push_back(*row);
  return rows;
}

void AppendTotalMetrics(const ReportData& data, RowWriter& writer, std::string& out) {
  out += ",\"total_metrics\":{";
  if (!data.rows().empty()) {
    std::vector<int64_t> totals(data.slots()), sums(data.slots());
    for (const RowKey& row : data.rows()) {
      data.Sum(row, sums.data());
      for (size_t i = 0; i < sums.size(); ++i) totals[i] += sums[i];
    }
    writer.AppendTotals(data.AccountOf(data.rows().front()), totals, out);
  }
  out += '}';
}

}  // namespace

Spelling SpellingOf(const RowKey& row) { return {(row.order & 31) == 7, (row.order & 12) == 8}; }

void AppendCellText(const Cell& cell, const Metric& metric, const Spelling& spelling, std::string& out) {
  switch (cell.kind) {
    case Cell::Kind::kNull:
      return;
    case Cell::Kind::kDash:
      out += '-';
      return;
    case Cell::Kind::kFew:
      out += "<5";
      return;
    case Cell::Kind::kFlag:
      out += cell.number != 0 ? "true" : "false";
      return;
    case Cell::Kind::kText:
      absl::StrAppend(&out, cell.text);
      return;
    case Cell::Kind::kWhole:
      AppendWhole(cell.number, out);
      if (spelling.counts_with_fraction) out += ".0";
      return;
    case Cell::Kind::kDecimal:
      AppendFixed(cell.number, cell.places, out);
      if (spelling.three_places && cell.places == 2 && metric.op == Op::kAdditive) out += '0';
      return;
  }
}

void AppendPageRows(absl::string_view member, int64_t count, int64_t page, int64_t page_size, const PageTwist& twist,
                    absl::FunctionRef<void(int64_t)> append, std::string& out) {
  const int64_t shift = page > 1 ? twist.shift_rows : 0;
  const int64_t begin = std::clamp<int64_t>((page - 1) * page_size - shift, 0, count);
  const int64_t end = std::min(count, begin + page_size);
  absl::StrAppend(&out, "\"", member, "\":[");
  for (int64_t i = begin; i < end; ++i) {
    if (i > begin) out += ',';
    append(i);
  }
  out += ']';
}

void AppendPageInfo(int64_t page, int64_t page_size, int64_t count, const PageTwist& twist, std::string& out) {
  const int64_t total = std::max<int64_t>(0, count + twist.total_drift);
  absl::StrAppend(&out, "\"page_info\":{\"page\":", page, ",\"page_size\":", page_size, ",\"total_number\":", total,
                  ",\"total_page\":", (total + page_size - 1) / page_size, "}");
}

std::string WriteReportPage(const ReportData& data, const ReportQuery& query, const PageTwist& twist) {
  std::vector<RowKey> sorted;
  if (query.order_by != nullptr) sorted = Sorted(data, query);
  const std::vector<RowKey>& rows = query.order_by != nullptr ? sorted : data.rows();
  const auto count = static_cast<int64_t>(rows.size());
  std::string out;
  const auto shown = static_cast<size_t>(std::min(count, query.page_size));
  out.reserve(shown * (query.metrics.size() * 34 + 120) + 256);
  RowWriter writer(data, twist);
  out += '{';
  AppendPageInfo(query.page, query.page_size, count, twist, out);
  out += ',';
  const auto append = [&](int64_t i) { writer.Append(rows[static_cast<size_t>(i)], out); };
  AppendPageRows("list", count, query.page, query.page_size, twist, append, out);
  if (query.totals) AppendTotalMetrics(data, writer, out);
  out += '}';
  return out;
}

}  // namespace tikhaul::simulator
