#include "simulator/csv_writer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "simulator/page_writer.h"
#include "simulator/report_values.h"

namespace tikhaul::simulator {
namespace {

// "stat_time_day" as "Stat Time Day".
std::string TitleOf(absl::string_view name) {
  std::string title;
  bool first = true;
  for (const char c : name) {
    title += c == '_' ? ' ' : first ? absl::ascii_toupper(c) : c;
    first = c == '_';
  }
  return title;
}

class CsvWriter {
 public:
  CsvWriter(const ReportData& data, bool formal) : data_(data), formal_(formal), values_(data) {}

  std::string Write(bool titles) {
    if (formal_) out_ += "\xEF\xBB\xBF";
    const ReportQuery& query = data_.query();
    for (const Dimension* dimension : query.dimensions) Field(titles ? TitleOf(dimension->name) : dimension->name);
    for (const Metric* metric : query.metrics) Field(titles ? TitleOf(metric->name) : metric->name);
    if (query.several_accounts) {
      for (const char* name : {"currency", "timezone", "advertiser_id"}) Field(titles ? TitleOf(name) : name);
    }
    EndLine();
    for (const RowKey& row : data_.rows()) Row(row);
    return std::move(out_);
  }

 private:
  void Row(const RowKey& row) {
    values_.Load(row);
    const ReportQuery& query = data_.query();
    for (size_t i = 0; i < query.dimensions.size(); ++i) {
      text_.clear();
      values_.AppendDimension(i, text_);
      Field(text_);
    }
    for (size_t i = 0; i < query.metrics.size(); ++i) {
      text_.clear();
      AppendCellText(values_.Metric(i), *query.metrics[i], SpellingOf(row), text_);
      Field(text_);
    }
    if (query.several_accounts) {
      const Account& account = values_.account();
      Field(account.profile.currency);
      Field(account.profile.display_timezone);
      Field(account.id_text);
    }
    EndLine();
  }

  void Field(absl::string_view text) {
    if (!first_) out_ += ',';
    first_ = false;
    if (!formal_ && text.find_first_of(",\"\r\n") == absl::string_view::npos) {
      absl::StrAppend(&out_, text);
      return;
    }
    out_ += '"';
    for (const char c : text) {
      if (c == '"') out_ += '"';
      out_ += c;
    }
    out_ += '"';
  }

  void EndLine() {
    out_ += formal_ ? "\r\n" : "\n";
    first_ = true;
  }

  const ReportData& data_;
  const bool formal_;
  RowValues values_;
  std::string out_, text_;
  bool first_ = true;
};

}  // namespace

std::string WriteReportCsv(const ReportData& data, bool titles) {
  return CsvWriter(data, data.accounts().front()->seed % 2 == 1).Write(titles);
}

}  // namespace tikhaul::simulator
