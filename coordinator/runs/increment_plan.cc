#include "coordinator/runs/increment_plan.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "coordinator/core/coverage.h"
#include "coordinator/finality_rule.h"
#include "coordinator/runs/look_back_of.h"

namespace tikhaul {
namespace {

// Reads this much older than the newest committed day are looked at for being provisional: no lag is longer.
constexpr int kProvisionalReach = 40;

absl::StatusOr<std::optional<Run>> UnfinishedIncrement(StoreReader& reader, const std::string& extract) {
  ASSIGN_OR_RETURN(const std::vector<Run> runs, reader.ListRuns(extract, 0));
  for (const Run& run : runs) {
    if (run.kind == RunKind::kIncrement && run.state == RunState::kRunning) return run;
  }
  return std::nullopt;
}

// Days of the pair's chunks in any of `states`.
absl::StatusOr<std::vector<Coverage>> DaysOf(StoreReader& reader, const std::string& extract,
                                             const std::string& advertiser, std::initializer_list<ChunkState> states) {
  std::vector<Coverage> days;
  for (const ChunkState state : states) {
    ASSIGN_OR_RETURN(
        const std::vector<Chunk> chunks,
        reader.ListChunks({.run_id = {}, .extract = extract, .advertiser = advertiser, .state = state}, 0, 0));
    for (const Chunk& chunk : chunks) {
      const bool whole_rows = chunk.only_metrics.empty();
      if (whole_rows && chunk.window.kind == WindowKind::kDays) {
        days.push_back({chunk.window.first, chunk.window.last});
      }
    }
  }
  return NormalizeIntervals(std::move(days));
}

// Adds committed days to those that were provisional, and no hole between them to what is wanted.
void ReadAgain(const std::vector<Coverage>& days, IncrementInput* input) {
  input->provisional.insert(input->provisional.end(), days.begin(), days.end());
  input->provisional = NormalizeIntervals(std::move(input->provisional));
  const absl::CivilDay first = input->provisional.front().first;
  if (first >= input->floor) return;
  const std::vector<Coverage> holes = Holes(input->committed, first, input->floor - 1);
  input->pending.insert(input->pending.end(), holes.begin(), holes.end());
  input->pending = NormalizeIntervals(std::move(input->pending));
  input->floor = first;
}

// Windows of one advertiser of a report. Empty with a reason in `note` when there is nothing to read.
absl::StatusOr<std::vector<Window>> DayWindows(StoreReader& reader, const RegisteredExtract& extract,
                                               const Advertiser& advertiser, const Calendar& calendar, bool only_due,
                                               std::string* note) {
  const std::string& name = extract.spec.name();
  ASSIGN_OR_RETURN(const std::vector<Coverage> committed, reader.ListCoverage(name, advertiser.id));
  ASSIGN_OR_RETURN(const std::vector<Coverage> under_way,
                   DaysOf(reader, name, advertiser.id, {ChunkState::kReady, ChunkState::kRunning}));
  if (committed.empty() && under_way.empty()) {
    *note = absl::StrCat(name, ": nothing is read yet; start with `tikhaul backfill ", name, "`");
    return std::vector<Window>();
  }
  if (committed.empty() || (!under_way.empty() && under_way.back().last > committed.back().last)) {
    *note = absl::StrCat(name, ": its newest days are being read already");
    return std::vector<Window>();
  }
  const absl::CivilDay newest = committed.back().last;
  if (only_due && newest >= Today(calendar)) {
    *note = absl::StrCat(name, ": up to date");
    return std::vector<Window>();
  }
  ASSIGN_OR_RETURN(const LookBack look_back, LookBackOf(reader, extract, advertiser.id, calendar.zone, calendar.now));
  LedgerFilter recent{
      .extract = name, .advertiser = advertiser.id, .first_day = newest - kProvisionalReach, .last_day = {}};
  ASSIGN_OR_RETURN(std::vector<LedgerEntry> ledger, reader.ListLedger(recent, 0, 0));
  IncrementInput input{.calendar = calendar,
                       .floor = {},
                       .committed = committed,
                       .provisional = {},
                       .pending = {},
                       .look_back_days = look_back.days,
                       .through = {}};
  input.provisional =
      Clip(ProvisionalDays(RuleFor(extract, calendar.zone), std::move(ledger), newest - kProvisionalReach),
           newest - kProvisionalReach, newest);
  // Dead chunks wait for an operator's `retry`; new days are read all the same.
  ASSIGN_OR_RETURN(input.pending,
                   DaysOf(reader, name, advertiser.id, {ChunkState::kReady, ChunkState::kRunning, ChunkState::kDead}));
  // Forward only: older holes are cancelled or dead parts of a backfill, and theirs are `backfill` and `retry`.
  input.floor = newest - (input.look_back_days - 1);
  if (!input.provisional.empty()) input.floor = std::min(input.floor, input.provisional.front().first);
  if (!look_back.check.empty()) ReadAgain(look_back.check, &input);
  return PlanIncrement(input);
}

// The newest run of any kind, for extracts that are read whole.
absl::StatusOr<std::optional<Run>> NewestRun(StoreReader& reader, const std::string& extract) {
  ASSIGN_OR_RETURN(const std::vector<Run> runs, reader.ListRuns(extract, 1));
  std::optional<Run> newest;
  for (const Run& run : runs) {
    if (!newest.has_value() || run.created > newest->created) newest = run;
  }
  return newest;
}

}  // namespace

absl::StatusOr<Calendar> CalendarFor(const RegisteredExtract& extract, const Advertiser& advertiser, absl::Time now) {
  Calendar calendar{.kind = extract.window_kind,
                    .longest_days = extract.longest_window_days,
                    .zone = {},
                    .now = now,
                    .account_created = advertiser.created,
                    .fixed_grid = extract.granularity == Granularity::kNone};
  absl::StatusOr<absl::TimeZone> zone = LoadZone(advertiser.timezone);
  if (!zone.ok()) return Annotate(zone.status(), absl::StrCat("advertiser ", advertiser.id));
  calendar.zone = *zone;
  return calendar;
}

absl::StatusOr<IncrementPlan> PlanIncrements(StoreReader& reader, const RegisteredExtract& extract,
                                             const std::vector<Advertiser>& advertisers, absl::Time now,
                                             bool only_due) {
  const std::string& name = extract.spec.name();
  IncrementPlan plan;
  ASSIGN_OR_RETURN(plan.unfinished, UnfinishedIncrement(reader, name));
  if (plan.unfinished.has_value()) {
    plan.note = absl::StrCat(name, ": an increment is already under way");
    return plan;
  }
  const bool by_days = extract.window_kind == WindowKind::kDays;
  if (!by_days) {
    ASSIGN_OR_RETURN(const std::optional<Run> newest, NewestRun(reader, name));
    if (!newest.has_value()) {
      plan.note = absl::StrCat(name, ": nothing is read yet; start with `tikhaul backfill ", name, "`");
      return plan;
    }
    if (newest->state == RunState::kRunning ||
        (only_due && DayIn(absl::UTCTimeZone(), newest->created) >= DayIn(absl::UTCTimeZone(), now))) {
      plan.note = newest->state == RunState::kRunning ? absl::StrCat(name, ": its backfill is under way")
                                                      : absl::StrCat(name, ": up to date");
      return plan;
    }
  }
  for (const Advertiser& advertiser : advertisers) {
    ASSIGN_OR_RETURN(const Calendar calendar, CalendarFor(extract, advertiser, now));
    std::vector<Window> windows;
    if (by_days) {
      ASSIGN_OR_RETURN(windows, DayWindows(reader, extract, advertiser, calendar, only_due, &plan.note));
    } else {
      windows = PlanWindows({.calendar = calendar,
                             .depth_days = static_cast<int>(extract.spec.backfill_days()),
                             .first = {},
                             .last = {}});
    }
    if (!windows.empty()) plan.pieces.emplace_back(advertiser, std::move(windows));
  }
  return plan;
}

}  // namespace tikhaul
