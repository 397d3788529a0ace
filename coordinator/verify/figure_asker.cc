#include "coordinator/verify/figure_asker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/catalog/extract_shape.h"
#include "common/catalog/figures.h"
#include "common/catalog/slices.h"

namespace tikhaul {
namespace {

constexpr int64_t kPageSize = 1000;  // the most there is (tiktok-api.md 3.2)

void AddMetrics(const TextByName& texts, const std::vector<std::string>& metrics, Cells& cells) {
  for (size_t i = 0; i < metrics.size(); ++i) {
    const auto found = texts.find(metrics[i]);
    if (found == texts.end()) continue;
    if (const std::optional<Decimal> value = ParseDecimal(found->second); value.has_value()) {
      cells.sums[i] += DecimalSum(*value);
    } else {
      cells.unreadable[i] = true;
    }
  }
}

// Where rows of an answer belong.
class RowPlaces {
 public:
  explicit RowPlaces(const FigureAsker::Question& question)
      : breakdowns_(BreakdownColumns(question.report)),
        id_(question.by_id ? IdColumnOf(question.report) : ""),
        window_first_(question.window.first) {
    for (const std::string& name : breakdowns_)
      aliases_.emplace_back(FindDimension(*FindStream(question.report.stream()), name)->alias);
  }

  absl::StatusOr<Place> Of(const TextByName& dimensions) const {
    const auto value = [&](const std::string& name) {
      const auto found = dimensions.find(name);
      return found == dimensions.end() ? std::string() : found->second;
    };
    Place place{.day = window_first_, .breakdown = {}, .id = id_.empty() ? "" : value(id_)};
    if (const std::string day = value("stat_time_day"); !day.empty()) {
      ASSIGN_OR_RETURN(place.day, ParseDay(day.substr(0, 10)));  // "2021-10-25 00:00:00" (tiktok-api.md 4.3)
    }
    std::vector<std::string> values;
    for (size_t i = 0; i < breakdowns_.size(); ++i) {
      values.push_back(value(breakdowns_[i]));
      if (values.back().empty() && !aliases_[i].empty()) values.back() = value(aliases_[i]);
    }
    place.breakdown = BreakdownText(breakdowns_, values);
    return place;
  }

 private:
  const std::vector<std::string> breakdowns_;
  std::vector<std::string> aliases_;
  const std::string id_;
  const absl::CivilDay window_first_;
};

}  // namespace

bool EndsSearch(const absl::Status& status) {
  return absl::IsOutOfRange(status) || absl::IsResourceExhausted(status) || absl::IsFailedPrecondition(status);
}

std::string BreakdownText(const std::vector<std::string>& columns, const std::vector<std::string>& values) {
  std::string text;
  for (size_t i = 0; i < columns.size(); ++i) absl::StrAppend(&text, i > 0 ? " " : "", columns[i], "=", values[i]);
  return text;
}

v1::ReadPlan FigureAsker::PlanOf(const Question& question) const {
  v1::ReadPlan plan = CompileReadPlan(question.report, "", advertiser_, question.window);
  if (question.parent_ids.empty()) return plan;
  for (v1::ApiRequest& request : *plan.mutable_requests())
    request = NarrowReport(request, question.parents, question.parent_ids);
  return plan;
}

absl::StatusOr<ReportPage> FigureAsker::AskPage(const v1::ApiRequest& request, int64_t page, int64_t page_size) {
  if (!wanted_()) return absl::CancelledError("nobody waits for the answer any more");
  if (calls_ >= limit_)
    return absl::ResourceExhaustedError("the calls for finding the place of differences are used up");
  ApiCall call{.path = request.path(), .params = {}, .token = token_};
  for (const v1::ApiParam& param : request.params()) call.params.emplace_back(param.name(), param.value());
  call.params.emplace_back("page", absl::StrCat(page));
  call.params.emplace_back("page_size", absl::StrCat(page_size));
  ++calls_;
  return FetchReportPage(transport_, std::move(call));
}

absl::StatusOr<FigureMap> FigureAsker::Ask(const Question& question) {
  const std::vector<std::string> metrics(question.report.metrics().begin(), question.report.metrics().end());
  const RowPlaces places(question);
  const v1::ReadPlan plan = PlanOf(question);
  FigureMap figures;
  for (const v1::ApiRequest& request : plan.requests()) {
    int64_t promised = -1, came = 0, last_page = 1;
    for (int64_t page = 1; page <= last_page; ++page) {
      ASSIGN_OR_RETURN(const ReportPage answer, AskPage(request, page, kPageSize));
      if (answer.truncated) return absl::OutOfRangeError("the API looked at its newest 20,000 objects only");
      if (page == 1) {
        promised = answer.total_number;
        last_page = std::max<int64_t>(1, answer.total_page);  // an account may have smaller pages than asked for
      }
      came += static_cast<int64_t>(answer.rows.size());
      const bool cut = answer.rows.empty() && promised > 0;
      if (cut || answer.total_number != promised)
        return absl::AbortedError("the API's rows moved while they were read");
      for (const ReportRow& row : answer.rows) {
        ASSIGN_OR_RETURN(Place place, places.Of(row.dimensions));
        Cells& cells = figures.try_emplace(std::move(place), EmptyCells(metrics.size())).first->second;
        if (&request == &plan.requests(0)) ++cells.rows;  // further requests bring more metrics of the same rows
        AddMetrics(row.metrics, metrics, cells);
      }
    }
    if (came != promised) return absl::AbortedError("the API's rows moved while they were read");
  }
  return figures;
}

absl::StatusOr<FigureMap> FigureAsker::AskTogether(const Question& question, bool sandbox) {
  if (sandbox || !HasTotals(question.report)) {
    ASSIGN_OR_RETURN(const FigureMap figures, Ask(question));
    return TogetherAt(question.window.first, figures);
  }
  const std::vector<std::string> metrics(question.report.metrics().begin(), question.report.metrics().end());
  const v1::ReadPlan plan = PlanOf(question);
  Cells cells = EmptyCells(metrics.size());
  for (v1::ApiRequest request : plan.requests()) {
    v1::ApiParam& totals = *request.add_params();
    totals.set_name("enable_total_metrics");
    totals.set_value("true");
    ASSIGN_OR_RETURN(const ReportPage answer, AskPage(request, 1, 1));
    if (answer.truncated) return absl::OutOfRangeError("the API looked at its newest 20,000 objects only");
    cells.rows = static_cast<uint64_t>(answer.total_number);
    AddMetrics(answer.total_metrics, metrics, cells);
  }
  FigureMap figures;
  figures.emplace(Place{.day = question.window.first, .breakdown = {}, .id = {}}, std::move(cells));
  return figures;
}

}  // namespace tikhaul
