#include "cli/commands/verify_csv.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/csv/ads_manager_csv.h"
#include "cli/csv/compare_csv.h"
#include "cli/format.h"
#include "common/base/civil.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/catalog/extract_shape.h"
#include "common/catalog/figures.h"
#include "common/config/config.h"

namespace tikhaul {
namespace {

template <typename List>
bool Contains(const List& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

absl::StatusOr<CsvReading> ReadingOf(const CsvOptions& options) {
  CsvReading reading{.name = options.file, .heads = {}, .level = options.level};
  for (const std::string& map : options.maps) {
    const size_t equals = map.rfind('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == map.size())
      return absl::InvalidArgumentError(absl::StrCat("--map \"", map, "\" is not of the form \"Head=metric\""));
    reading.heads[map.substr(0, equals)] = map.substr(equals + 1);
  }
  return reading;
}

// Its table has rows of days and the id column of the file.
absl::Status CheckFits(const v1::Extract& extract, const AdsManagerCsv& csv) {
  const StreamSpec* const stream = FindStream(extract.stream());
  const bool report = stream != nullptr && stream->kind == StreamKind::kReport;
  if (!report || (GranularityOf(extract) != Granularity::kDay && GranularityOf(extract) != Granularity::kHour)) {
    return absl::InvalidArgumentError(absl::StrCat("extract \"", extract.name(), "\" is no report by day or hour"));
  }
  if (csv.level == "advertiser" || IdColumnOf(extract) == csv.id_column || Contains(extract.metrics(), csv.id_column))
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("extract \"", extract.name(), "\" has no column ", csv.id_column,
                                                 ": compare with an export of its own level (", extract.level(),
                                                 ") or a coarser one whose id is among its metrics"));
}

absl::StatusOr<v1::Extract> PickExtract(const v1::Config& config, const Selectors& selectors,
                                        const AdsManagerCsv& csv) {
  if (selectors.extracts.size() > 1) return absl::InvalidArgumentError("--csv is for one extract: name only one");
  std::vector<v1::Extract> fitting;
  for (const v1::Extract& extract : config.extracts()) {
    if (!selectors.extracts.empty() && extract.name() != selectors.extracts[0]) continue;
    const absl::Status fits = CheckFits(extract, csv);
    if (!selectors.extracts.empty()) RETURN_IF_ERROR(fits);
    if (fits.ok()) fitting.push_back(extract);
  }
  if (fitting.size() == 1) return fitting[0];
  if (!selectors.extracts.empty())
    return absl::NotFoundError(absl::StrCat("no extract \"", selectors.extracts[0], "\" in the configuration"));
  return absl::InvalidArgumentError(
      absl::StrCat(fitting.empty() ? "no" : "more than one",
                   " extract of the configuration fits the file: name one with --extract"));
}

// Metrics of both sides. Those that do not add up can be compared row by row only.
StoredFigures QuestionOf(const v1::Extract& extract, const AdsManagerCsv& csv) {
  const bool row_by_row = csv.by_day && csv.level == extract.level() && GranularityOf(extract) == Granularity::kDay &&
                          BreakdownColumns(extract).empty();
  StoredFigures question{
      .extract = extract.name(), .metrics = {}, .decimals = {}, .figures = {}, .first_day = {}, .last_day = {}};
  for (const std::string& name : csv.metrics) {
    const MetricSpec* const metric = FindMetric(*FindStream(extract.stream()), name);
    if (metric == nullptr || !Contains(extract.metrics(), name)) continue;
    const bool number = metric->type == ColumnType::kInt64 || metric->type == ColumnType::kDecimal;
    if (!number || (!row_by_row && !IsAdditive(*FindStream(extract.stream()), *metric))) continue;
    question.metrics.push_back(name);
    if (metric->type == ColumnType::kDecimal) question.decimals.push_back(name);
  }
  return question;
}

// The days to compare; cuts the file's rows to them.
absl::Status SetDays(const Selectors& selectors, AdsManagerCsv& csv, StoredFigures& question) {
  question.first_day = selectors.from;
  question.last_day = selectors.to;
  if (!csv.by_day) {
    if (!selectors.from.empty() && !selectors.to.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "the file has no column of days: say with --from and --to which days it covers, or export it by day");
  }
  const auto day = [](const CsvRow& row) { return FormatDay(row.day); };
  std::erase_if(csv.rows, [&](const CsvRow& row) {
    return (!selectors.from.empty() && day(row) < selectors.from) || (!selectors.to.empty() && day(row) > selectors.to);
  });
  for (const CsvRow& row : csv.rows) {
    if (question.first_day.empty() || &row == &csv.rows[0]) question.first_day = question.last_day = day(row);
    question.first_day = std::min(question.first_day, day(row));
    question.last_day = std::max(question.last_day, day(row));
  }
  return absl::OkStatus();
}

absl::Status AskForFigures(AdminClient& client, const Selectors& selectors, const AdsManagerCsv& csv,
                           StoredFigures& question) {
  v1::ListFiguresRequest request;
  request.set_extract(question.extract);
  request.mutable_advertisers()->Assign(selectors.advertisers.begin(), selectors.advertisers.end());
  *request.mutable_range() = RangeOf(question.first_day, question.last_day);
  if (csv.level != "advertiser") request.add_columns(csv.id_column);
  request.mutable_metrics()->Assign(question.metrics.begin(), question.metrics.end());
  return client.Stream(&v1::Admin::Stub::ListFigures, request, [&](const v1::FiguresPage& page) {
    question.figures.insert(question.figures.end(), page.figures().begin(), page.figures().end());
    return true;
  });
}

}  // namespace

absl::StatusOr<v1::VerifyResult> VerifyCsv(Session& session, AdminClient& client, const Selectors& selectors,
                                           const CsvOptions& options) {
  ASSIGN_OR_RETURN(const CsvReading reading, ReadingOf(options));
  ASSIGN_OR_RETURN(const std::string text, ReadFile(options.file));
  ASSIGN_OR_RETURN(AdsManagerCsv csv, ReadAdsManagerCsv(text, reading));
  ASSIGN_OR_RETURN(const v1::Config config, LoadConfig(session.config_path));
  ASSIGN_OR_RETURN(const v1::Extract extract, PickExtract(config, selectors, csv));
  StoredFigures question = QuestionOf(extract, csv);
  std::vector<std::string> left = csv.ignored;
  for (const std::string& metric : csv.metrics) {
    if (!Contains(question.metrics, metric)) left.push_back(metric);
  }
  if (!left.empty()) {
    session.console().err << "not compared: " << Printable(absl::StrJoin(left, ", "))
                          << " (--map \"Head=metric\" tells what a column stands for)\n";
  }
  if (question.metrics.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "extract \"", extract.name(), "\" has none of the file's metrics: ", absl::StrJoin(csv.metrics, ", ")));
  }
  RETURN_IF_ERROR(SetDays(selectors, csv, question));
  if (csv.rows.empty()) return absl::InvalidArgumentError(absl::StrCat(options.file, " has no rows of these days"));
  RETURN_IF_ERROR(AskForFigures(client, selectors, csv, question));
  return CompareCsv(csv, question, options.file);
}

}  // namespace tikhaul
