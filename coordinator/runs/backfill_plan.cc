#include "coordinator/runs/backfill_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/catalog/activity_request.h"
#include "coordinator/core/coverage.h"
#include "coordinator/core/run_id.h"
#include "coordinator/finality_rule.h"
#include "coordinator/runs/increment_plan.h"
#include "coordinator/runs/only_metrics.h"

namespace tikhaul {
namespace {

std::string RequestText(const Selection& selection, const std::string& only_metrics) {
  std::string text = selection.first.has_value() || selection.last.has_value()
                         ? absl::StrCat(selection.first.has_value() ? FormatDay(*selection.first) : "oldest", "..",
                                        selection.last.has_value() ? FormatDay(*selection.last) : "today")
                         : "configured history";
  if (!only_metrics.empty()) absl::StrAppend(&text, ", only ", only_metrics);
  if (!selection.advertisers.empty()) absl::StrAppend(&text, ", ", selection.advertisers.size(), " advertisers");
  return text;
}

Run RunFor(const RegisteredExtract& extract, const Selection& selection, const std::string& only_metrics,
           absl::Time now) {
  return {.id = RunId({.extract = extract.spec.name(),
                       .spec_version = extract.version,
                       .kind = RunKind::kBackfill,
                       .advertisers = selection.advertisers,
                       .first = selection.first,
                       .last = selection.last,
                       .only_metrics = only_metrics,
                       .again = selection.again_key}),
          .extract = extract.spec.name(),
          .kind = RunKind::kBackfill,
          .state = RunState::kRunning,
          .request = RequestText(selection, only_metrics),
          .first_day = {},
          .last_day = {},
          .created = now,
          .finished = {}};
}

absl::StatusOr<PlanInput> InputFor(const RegisteredExtract& extract, const Selection& selection,
                                   const Advertiser& advertiser, absl::Time now) {
  PlanInput input{.calendar = {},
                  .depth_days = static_cast<int>(extract.spec.backfill_days()),
                  .first = selection.first,
                  .last = selection.last};
  ASSIGN_OR_RETURN(input.calendar, CalendarFor(extract, advertiser, now));
  return input;
}

// The windows of the whole request, for one advertiser.
absl::StatusOr<std::vector<Window>> WantedWindows(StoreReader& reader, const RegisteredExtract& extract,
                                                  const Selection& selection, const Advertiser& advertiser,
                                                  const PlanInput& input) {
  if (selection.only_metrics.empty()) return PlanWindows(input);
  ASSIGN_OR_RETURN(const std::vector<Coverage> covered, reader.ListCoverage(extract.spec.name(), advertiser.id));
  return PlanCovered(input.calendar, covered, input.first, input.last);
}

// The run has chunks of the advertiser, or proof that it needs none.
absl::StatusOr<bool> RunHolds(StoreReader& reader, const Run& run, const std::string& advertiser) {
  ASSIGN_OR_RETURN(const std::vector<Chunk> chunks,
                   reader.ListChunks({.run_id = run.id, .extract = {}, .advertiser = advertiser}, 0, 1));
  if (!chunks.empty()) return true;
  const LedgerFilter filter{.extract = run.extract, .advertiser = advertiser, .only_by_probe = true};
  ASSIGN_OR_RETURN(const std::vector<LedgerEntry> entries, reader.ListLedger(filter, 0, 0));
  return std::any_of(entries.begin(), entries.end(), [&](const LedgerEntry& entry) { return entry.run_id == run.id; });
}

std::vector<LeftOut> ProvedIdle(const std::vector<Coverage>& days, const std::vector<ActivitySpan>& spans) {
  std::vector<LeftOut> left_out;
  for (const Coverage& stretch : days) {
    LeftOut out{.days = stretch, .request_ids = {}};
    for (const ActivitySpan& span : spans) {
      const bool proves = !span.active && span.first <= stretch.last && span.last >= stretch.first;
      if (!proves ||
          std::find(out.request_ids.begin(), out.request_ids.end(), span.request_id) != out.request_ids.end())
        continue;
      out.request_ids.push_back(span.request_id);
    }
    left_out.push_back(std::move(out));
  }
  return left_out;
}

}  // namespace

BackfillPlanner::BackfillPlanner(const ExtractRegistry& extracts, Accounts& accounts, ActivityProber& prober,
                                 Store& store, const Clock& clock)
    : extracts_(extracts), accounts_(accounts), prober_(prober), store_(store), clock_(clock) {}

absl::StatusOr<BackfillPlans> BackfillPlanner::Plan(const Selection& selection, bool may_call) {
  if (selection.first.has_value() && selection.last.has_value() && *selection.last < *selection.first) {
    return absl::InvalidArgumentError(absl::StrCat("the range ends (", FormatDay(*selection.last),
                                                   ") before it begins (", FormatDay(*selection.first), ")"));
  }
  ASSIGN_OR_RETURN(const std::vector<const RegisteredExtract*> extracts, extracts_.Select(selection.extracts));
  BackfillPlans plans;
  for (const RegisteredExtract* extract : extracts) {
    ASSIGN_OR_RETURN(BackfillPlan plan, PlanOne(*extract, selection));
    plans.plans.push_back(std::move(plan));
  }
  if (selection.only_metrics.empty()) RETURN_IF_ERROR(LeaveOutIdle(selection, may_call, &plans));
  return plans;
}

absl::StatusOr<BackfillPlan> BackfillPlanner::PlanOne(const RegisteredExtract& extract, const Selection& selection) {
  ASSIGN_OR_RETURN(const std::vector<Advertiser> advertisers, accounts_.Of(extract.spec, selection.advertisers));
  const absl::Time now = clock_.Now();
  BackfillPlan plan{.extract = &extract, .run = {}, .pieces = {}};
  ASSIGN_OR_RETURN(plan.only_metrics, OnlyMetrics(extract, selection));
  plan.run = RunFor(extract, selection, plan.only_metrics, now);
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    plan.pieces.clear();
    ASSIGN_OR_RETURN(const std::optional<Run> before, reader.GetRun(plan.run.id));
    plan.existed = before.has_value();
    if (before.has_value()) plan.run = *before;
    for (const Advertiser& advertiser : advertisers) {
      ASSIGN_OR_RETURN(const PlanInput input, InputFor(extract, selection, advertiser, now));
      BackfillPiece piece{.advertiser = advertiser, .zone = input.calendar.zone};
      ASSIGN_OR_RETURN(piece.wanted, WantedWindows(reader, extract, selection, advertiser, input));
      piece.windows = piece.wanted;
      if (plan.existed) {
        ASSIGN_OR_RETURN(piece.known, RunHolds(reader, plan.run, advertiser.id));
      }
      plan.pieces.push_back(std::move(piece));
    }
    return absl::OkStatus();
  }));
  return plan;
}

// Final days of the piece, without those of which earlier reads have brought rows: if they are gone now, only a read
// can take them out of the table.
absl::StatusOr<std::vector<Coverage>> BackfillPlanner::DaysThatMayBeIdle(StoreReader& reader,
                                                                         const RegisteredExtract& extract,
                                                                         const BackfillPiece& piece) {
  const bool may = !piece.known && !piece.wanted.empty() && extract.window_kind == WindowKind::kDays &&
                   ZerosMeanNoRows(extract.spec);
  if (!may) return std::vector<Coverage>();
  const std::vector<Coverage> all = DaysOf(piece.wanted);
  std::vector<Coverage> days = Clip(all, all.front().first, LastFinalDay(RuleFor(extract, piece.zone), clock_.Now()));
  ASSIGN_OR_RETURN(const std::vector<Coverage> covered, reader.ListCoverage(extract.spec.name(), piece.advertiser.id));
  if (days.empty() || covered.empty()) return days;
  const LedgerFilter filter{.extract = extract.spec.name(),
                            .advertiser = piece.advertiser.id,
                            .first_day = days.front().first,
                            .last_day = days.back().last};
  ASSIGN_OR_RETURN(const std::vector<LedgerEntry> ledger, reader.ListLedger(filter, 0, 0));
  for (const LedgerEntry& entry : ledger) {
    if (entry.rows > 0) days = SubtractIntervals(days, {{entry.window.first, entry.window.last}});
  }
  return days;
}

absl::Status BackfillPlanner::LeaveOutIdle(const Selection& selection, bool may_call, BackfillPlans* plans) {
  std::map<std::string, ActivityWish> wishes;  // by advertiser
  std::map<const BackfillPiece*, std::vector<Coverage>> may_be_idle;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    for (const BackfillPlan& plan : plans->plans) {
      for (const BackfillPiece& piece : plan.pieces) {
        ASSIGN_OR_RETURN(const std::vector<Coverage> days, DaysThatMayBeIdle(reader, *plan.extract, piece));
        if (days.empty()) continue;
        ActivityWish& wish = wishes[piece.advertiser.id];
        wish.advertiser = piece.advertiser;
        wish.extracts.push_back({.days = days, .longest_days = plan.extract->longest_window_days});
        may_be_idle[&piece] = days;
      }
    }
    return absl::OkStatus();
  }));
  std::vector<ActivityWish> list;
  for (auto& [id, wish] : wishes) list.push_back(std::move(wish));
  if (list.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(KnownActivity known,
                   prober_.Learn(list, {.may_call = may_call, .anew = !selection.again_key.empty()}));
  plans->calls = known.calls;
  plans->note = known.note;
  for (BackfillPlan& plan : plans->plans) {
    for (BackfillPiece& piece : plan.pieces) {
      const auto days = may_be_idle.find(&piece);
      if (days == may_be_idle.end()) continue;
      const std::vector<ActivitySpan>& spans = known.spans[piece.advertiser.id];
      ASSIGN_OR_RETURN(PlanInput input, InputFor(*plan.extract, selection, piece.advertiser, clock_.Now()));
      input.idle = SubtractIntervals(days->second, SubtractIntervals(days->second, IdleDays(spans)));
      piece.windows = PlanWindows(input);
      piece.left_out = ProvedIdle(SubtractIntervals(DaysOf(piece.wanted), DaysOf(piece.windows)), spans);
    }
  }
  return absl::OkStatus();
}

}  // namespace tikhaul
