#include "coordinator/verify/report_verifier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "coordinator/core/coverage.h"
#include "coordinator/finality_rule.h"

namespace tikhaul {
namespace {

std::vector<ComparedMetric> MetricsOf(const v1::Extract& extract, const std::vector<std::string>& names) {
  std::vector<ComparedMetric> metrics;
  for (const std::string& name : names) {
    const MetricSpec* const spec = FindMetric(*FindStream(extract.stream()), name);
    metrics.push_back({.name = name, .decimal = spec->type == ColumnType::kDecimal});
  }
  return metrics;
}

// Days of the differences as stretches.
std::vector<Coverage> StretchesOf(const std::vector<Difference>& differences) {
  std::vector<Coverage> days;
  for (const Difference& difference : differences) days.push_back({difference.place.day, difference.place.day});
  return NormalizeIntervals(std::move(days));
}

uint64_t RowsOf(const FigureMap& figures) {
  uint64_t rows = 0;
  for (const auto& [place, cells] : figures) rows += cells.rows;
  return rows;
}

}  // namespace

ReportVerifier::ReportVerifier(const VerifyTask& task, Store& store, FigureAsker& asker, v1::VerifyResult& result)
    : task_(task),
      extract_(*task.extract),
      store_(store),
      asker_(asker),
      result_(result),
      findings_(result),
      names_(AdditiveMetrics(extract_.spec)),
      metrics_(MetricsOf(extract_.spec, names_)),
      own_level_(LevelFromName(extract_.spec.level())),
      level_(CoarsestLevel(extract_.spec, names_)),
      search_calls_left_(task.search_calls) {}

absl::Status ReportVerifier::NotCompared(const std::string& why) {
  result_.set_state("not compared");
  result_.set_note(why);
  return absl::OkStatus();
}

absl::Status ReportVerifier::Run() {
  for (const std::string& name : extract_.spec.metrics()) {
    const bool added = std::find(names_.begin(), names_.end(), name) != names_.end();
    if (added) {
      result_.add_metrics(name);
    } else if (FindMetric(*FindStream(extract_.spec.stream()), name)->group != "attributes") {
      result_.add_other_metrics(name);
    }
  }
  if (names_.empty()) return NotCompared("none of its metrics adds up over objects");
  if (extract_.window_kind == WindowKind::kWhole) return NotCompared("totals since ever move with every call");
  result_.set_level(std::string(LevelName(level_)));
  ASSIGN_OR_RETURN(zone_, LoadZone(task_.advertiser.timezone));
  ASSIGN_OR_RETURN(known_, LoadReads(store_, extract_.spec.name(), task_.advertiser.id));
  if (!SetRange()) {
    return NotCompared(
        absl::StrCat("nothing of these days is read yet; `tikhaul backfill ", extract_.spec.name(), "` reads them"));
  }
  reads_.emplace(known_.ledger, range_.first, range_.last);
  ASSIGN_OR_RETURN(
      stored_,
      LoadFigures(store_, {.extract = &extract_, .advertiser = task_.advertiser.id, .metrics = names_, .days = range_},
                  *reads_));
  ReportUnread();
  CheckRowCounts();
  for (const Window& window : Windows()) RETURN_IF_ERROR(VerifyWindow(window));
  findings_.Finish();
  return absl::OkStatus();
}

bool ReportVerifier::SetRange() {
  std::vector<Coverage> wanted = known_.committed;
  for (const Chunk& chunk : known_.open) wanted.push_back({chunk.window.first, chunk.window.last});
  wanted = NormalizeIntervals(std::move(wanted));
  if (wanted.empty()) return false;
  const absl::CivilDay oldest =
      known_.cursor.has_value() ? std::min(known_.cursor->first_day, wanted.front().first) : wanted.front().first;
  range_.first = task_.first.value_or(oldest);
  range_.last = std::min(task_.last.value_or(wanted.back().last), wanted.back().last);
  if (range_.last < range_.first) return false;
  result_.set_first_day(FormatDay(range_.first));
  result_.set_last_day(FormatDay(range_.last));
  result_.set_days(static_cast<uint64_t>(CountDays(Clip(known_.committed, range_.first, range_.last))));
  return true;
}

void ReportVerifier::ReportUnread() {
  for (const Unread& unread : UnreadDays(known_.committed, known_.open, range_.first, range_.last)) {
    Found found{.reason = "not_read", .detail = unread.why, .days = unread.days};
    if (unread.dead) {
      found.mend = absl::StrCat("tikhaul retry --extract ", extract_.spec.name());
    } else if (!unread.pending) {
      found.mend = findings_.ReadAgain(unread.days);
    }
    findings_.Explain(std::move(found), false);
  }
}

// Of reads whose days no later read has settled anew, every row must be there.
void ReportVerifier::CheckRowCounts() {
  for (const LedgerEntry* read : reads_->Whole()) {
    const absl::CivilDay last = extract_.granularity == Granularity::kNone ? read->window.first : read->window.last;
    const uint64_t rows = RowsOf(Between(stored_, read->window.first, last));
    if (rows == read->distinct_keys) continue;
    const Coverage days{read->window.first, read->window.last};
    findings_.Flag({.reason = "rows_lost",
                    .detail = absl::StrCat("the ledger proves ", read->distinct_keys, " rows committed by chunk ",
                                           read->chunk, " at ", FormatInstant(read->committed), ", the table holds ",
                                           rows, ": they were changed by something else than tikhaul"),
                    .days = days,
                    .stored = DecimalSum(Decimal{static_cast<int64_t>(rows), 0}),
                    .api = DecimalSum(Decimal{static_cast<int64_t>(read->distinct_keys), 0}),
                    .mend = findings_.ReadAgain(days)});
  }
}

std::vector<Window> ReportVerifier::Windows() const {
  if (extract_.granularity != Granularity::kNone) {
    const v1::Extract coarse = AtLevel(extract_.spec, level_, names_);
    return WindowsToCompare(known_.committed, range_.first, range_.last, LongestWindowDays(coarse));
  }
  std::vector<Window> windows;  // as they were read: their first day is part of the rows' key
  for (absl::CivilDay day = range_.first; day <= range_.last; ++day) {
    const LedgerEntry* const read = reads_->Of(day);
    if (read == nullptr || read->window.first < range_.first) continue;
    if (windows.empty() || windows.back() != read->window) windows.push_back(read->window);
  }
  return windows;
}

absl::Status ReportVerifier::VerifyWindow(const Window& window) {
  const absl::CivilDay last = extract_.granularity == Granularity::kNone ? window.first : window.last;
  const FigureMap stored = Between(stored_, window.first, last);
  ASSIGN_OR_RETURN(const FigureMap api,
                   asker_.Ask({.report = AtLevel(extract_.spec, level_, names_), .window = window, .parents = {}}));
  const bool restricted = !RestrictionsOf(extract_.spec, names_).empty();
  if (restricted && !Compare(metrics_, stored, api, false).differences.empty()) {
    return VerifyRestricted(window, stored, api);
  }
  return VerifyWhole(window, stored, api);
}

absl::Status ReportVerifier::VerifyWhole(const Window& window, const FigureMap& stored, const FigureMap& api) {
  const bool same_rows = own_level_ == level_ && extract_.granularity != Granularity::kHour;
  const Comparison comparison = Compare(metrics_, stored, api, same_rows && IdColumnOf(extract_.spec).empty());
  findings_.Equal(comparison.equal);
  std::vector<Difference> open;
  for (const Difference& difference : comparison.differences) {
    if (!Excuse(difference)) open.push_back(difference);
  }
  if (IdColumnOf(extract_.spec).empty()) {
    for (const Difference& difference : open) Judge(difference, std::string(LevelName(level_)));
    return absl::OkStatus();
  }
  const v1::Extract own = AtLevel(extract_.spec, own_level_, names_);
  for (const Coverage& days : StretchesOf(open)) {
    std::vector<Difference> part;
    for (const Difference& difference : open) {
      if (days.first <= difference.place.day && difference.place.day <= days.last) part.push_back(difference);
    }
    const Window asked = extract_.granularity == Granularity::kNone
                             ? window
                             : Window{.kind = WindowKind::kDays, .first = days.first, .last = days.last};
    RETURN_IF_ERROR(Locate(asked, own, part));
  }
  return absl::OkStatus();
}

bool ReportVerifier::Excuse(const Difference& difference) {
  Found found = FoundAt(difference, std::string(LevelName(level_)));
  const absl::string_view partial = PartialCoverage(extract_.spec);
  if (difference.rounding) {
    found.reason = "rounding";
    found.detail = "the API rounds each row to two places; the difference is no larger than that can make";
    findings_.Explain(std::move(found), false);
  } else if (!IsFinal(difference.place.day)) {
    found.reason = "not_final";
    found.detail = "the newest read is from before the day was final, and figures of such days move: read them again";
    findings_.Explain(std::move(found), true);
  } else if (!partial.empty() && difference.stored < difference.api) {
    found.reason = "partial_coverage";
    found.detail = std::string(partial);
    findings_.Explain(std::move(found), false);
  } else {
    return false;
  }
  return true;
}

void ReportVerifier::Judge(const Difference& difference, const std::string& level) {
  if (!IsFinal(difference.place.day)) {
    Excuse(difference);
    return;
  }
  Found found = FoundAt(difference, level);
  if (difference.stored_rows == 0) {
    found.reason = "row_missing";
    found.detail = "the API has a row that the table lacks";
  } else if (difference.api_rows == 0) {
    found.reason = "row_unknown";
    found.detail = "the table has a row that the API does not";
  } else {
    found.reason = "figure_differs";
    found.detail = "the day was final when it was read, yet the figures differ";
  }
  found.mend = findings_.ReadAgain(*found.days);
  findings_.Flag(found);
}

void ReportVerifier::FlagAll(const std::vector<Difference>& differences, const std::string& reason,
                             const std::string& detail) {
  for (const Difference& difference : differences) {
    Found found = FoundAt(difference, std::string(LevelName(level_)));
    found.reason = reason;
    found.detail = detail;
    if (reason == "not_located") found.mend = findings_.ReadAgain(*found.days);
    findings_.Flag(found);
  }
}

// A report without days is as final as the newest day of its window.
bool ReportVerifier::IsFinal(absl::CivilDay day) const {
  const LedgerEntry* const read = reads_->Of(day);
  if (read == nullptr) return false;
  const absl::CivilDay newest = extract_.granularity == Granularity::kNone ? read->window.last : day;
  return FinalityOf(RuleFor(extract_, zone_), newest, read->committed) == Finality::kFinal;
}

Coverage ReportVerifier::DaysOf(absl::CivilDay day) const {
  const LedgerEntry* const read = reads_->Of(day);
  if (extract_.granularity != Granularity::kNone || read == nullptr) return {day, day};
  return {read->window.first, read->window.last};
}

Found ReportVerifier::FoundAt(const Difference& difference, const std::string& level) const {
  return {.reason = {},
          .detail = {},
          .days = DaysOf(difference.place.day),
          .level = level,
          .id = difference.place.id,
          .breakdown = difference.place.breakdown,
          .metric = metrics_[difference.metric].name,
          .stored = difference.stored,
          .api = difference.api};
}

}  // namespace tikhaul
