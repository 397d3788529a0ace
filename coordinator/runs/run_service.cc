#include "coordinator/runs/run_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "coordinator/accounts/access_book.h"
#include "coordinator/committed_days.h"
#include "coordinator/core/cursor.h"
#include "coordinator/core/lifecycle.h"
#include "coordinator/core/planner.h"
#include "coordinator/core/run_id.h"
#include "coordinator/ingest/chunk_service.h"
#include "coordinator/runs/increment_plan.h"

namespace tikhaul {
namespace {

constexpr int kIncrementPriority = 0;
constexpr int kBackfillPriority = 1;

std::vector<Chunk> ChunksOf(const Run& run, const Advertiser& advertiser, const std::vector<Window>& windows,
                            const std::string& only_metrics = "") {
  std::vector<Chunk> chunks;
  for (const Window& window : windows) {
    Chunk chunk;
    chunk.run_id = run.id;
    chunk.extract = run.extract;
    chunk.connection = advertiser.connection;
    chunk.advertiser = advertiser.id;
    chunk.window = window;
    chunk.only_metrics = only_metrics;
    chunk.priority = run.kind == RunKind::kIncrement ? kIncrementPriority : kBackfillPriority;
    chunks.push_back(chunk);
  }
  return chunks;
}

// The widest range over all windows; today for those without days.
void SetRange(const std::vector<Window>& windows, absl::CivilDay today, Run* run) {
  for (const Window& window : windows) {
    const absl::CivilDay first = window.kind == WindowKind::kWhole ? today : window.first;
    const absl::CivilDay last = window.kind == WindowKind::kWhole ? today : window.last;
    if (run->first_day == absl::CivilDay() || first < run->first_day) run->first_day = first;
    if (run->last_day == absl::CivilDay() || last > run->last_day) run->last_day = last;
  }
}

// The cursor counts from the oldest day that was ever wanted.
absl::Status WantHistory(StoreTransaction& tx, const std::string& extract, const std::string& advertiser,
                         const std::vector<Window>& windows, absl::Time now) {
  if (windows.empty() || windows.front().kind != WindowKind::kDays) return absl::OkStatus();
  const absl::CivilDay oldest = windows.back().first;
  ASSIGN_OR_RETURN(std::optional<Cursor> cursor, tx.GetCursor(extract, advertiser));
  if (cursor.has_value() && cursor->first_day <= oldest) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Coverage> coverage, tx.ListCoverage(extract, advertiser));
  Cursor moved{
      .extract = extract, .advertiser = advertiser, .first_day = oldest, .through = {}, .cursor = {}, .updated = now};
  const CursorDays days = NextCursor(oldest, cursor.has_value() ? cursor->cursor : std::nullopt, coverage, {});
  moved.through = days.through;
  // What was provisional still is: the cursor may go back here, not forward.
  if (cursor.has_value() && cursor->cursor.has_value() && days.cursor.has_value())
    moved.cursor = std::min(*days.cursor, *cursor->cursor);
  return tx.PutCursor(moved);
}

absl::Status LeaveOut(StoreTransaction& tx, const RegisteredExtract& extract, const Run& run,
                      const BackfillPiece& piece, absl::Time now) {
  for (const LeftOut& left_out : piece.left_out) {
    RETURN_IF_ERROR(tx.AddLedger({.run_id = run.id,
                                  .extract = run.extract,
                                  .advertiser = piece.advertiser.id,
                                  .window = {WindowKind::kDays, left_out.days.first, left_out.days.last},
                                  .request_ids = left_out.request_ids,
                                  .finality = Finality::kFinal,
                                  .committed = now,
                                  .by_probe = true}));
    RETURN_IF_ERROR(CommitDays(tx, extract, piece.zone, piece.advertiser.id, left_out.days, now));
  }
  return absl::OkStatus();
}

int64_t DaysLeftOut(const BackfillPiece& piece) {
  int64_t days = 0;
  for (const LeftOut& left_out : piece.left_out) days += left_out.days.last - left_out.days.first + 1;
  return days;
}

// For people.
std::string NoteOf(const StartedRun& started, uint64_t added, int64_t idle_days) {
  std::string note = absl::StrCat(started.run->extract, ": ");
  if (added == 0 && idle_days == 0) {
    if (!started.existed) return absl::StrCat(note, "nothing to read in that range");
    return absl::StrCat(note, started.run->state == RunState::kRunning
                                  ? "already under way"
                                  : "already done, nothing to do (--again reads it once more)");
  }
  absl::StrAppend(&note, added,
                  started.existed ? " chunks of new advertisers added to the backfill made before" : " chunks");
  if (idle_days > 0) {
    absl::StrAppend(&note, "; ", idle_days, " days of advertisers left out: by the API's totals nothing happened then");
  }
  return note;
}

}  // namespace

RunService::RunService(const ExtractRegistry& extracts, Accounts& accounts, BackfillPlanner& planner,
                       Estimator& estimator, Store& store, const Clock& clock, std::function<void()> wake_dispatcher)
    : extracts_(extracts),
      accounts_(accounts),
      planner_(planner),
      estimator_(estimator),
      store_(store),
      clock_(clock),
      wake_dispatcher_(std::move(wake_dispatcher)) {}

template <typename Result>
absl::StatusOr<Result> RunService::InOneWrite(const std::function<absl::StatusOr<Result>(StoreTransaction&)>& change) {
  Result result;
  RETURN_IF_ERROR(store_.Write([&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(result, change(tx));
    return absl::OkStatus();
  }));
  wake_dispatcher_();
  return result;
}

absl::StatusOr<BackfillPlans> RunService::PrepareBackfill(const Selection& selection) {
  ASSIGN_OR_RETURN(BackfillPlans plans, planner_.Plan(selection, /*may_call=*/true));
  if (!plans.note.empty()) LogWarning("a backfill reads idle spans, too", {{"reason", plans.note}});
  return plans;
}

absl::StatusOr<std::vector<StartedRun>> RunService::Backfill(StoreTransaction& tx, const BackfillPlans& plans) {
  std::vector<StartedRun> started;
  for (const BackfillPlan& plan : plans.plans) {
    ASSIGN_OR_RETURN(StartedRun run, StartBackfill(tx, plan));
    started.push_back(std::move(run));
  }
  return started;
}

absl::StatusOr<std::vector<StartedRun>> RunService::Backfill(const Selection& selection) {
  ASSIGN_OR_RETURN(const BackfillPlans plans, PrepareBackfill(selection));
  return InOneWrite<std::vector<StartedRun>>([&](StoreTransaction& tx) { return Backfill(tx, plans); });
}

absl::StatusOr<StartedRun> RunService::StartBackfill(StoreTransaction& tx, const BackfillPlan& plan) {
  const absl::Time now = clock_.Now();
  Run run = plan.run;
  if (!plan.existed) {
    for (const BackfillPiece& piece : plan.pieces) SetRange(piece.wanted, DayIn(absl::UTCTimeZone(), now), &run);
  }
  StartedRun result;
  uint64_t added = 0;
  int64_t idle_days = 0;
  ASSIGN_OR_RETURN(const std::optional<Run> before, tx.GetRun(run.id));
  result.existed = before.has_value();
  if (!before.has_value()) RETURN_IF_ERROR(tx.InsertRun(run));
  const bool overtaken = result.existed && !plan.existed;  // by the same request at the same time
  for (const BackfillPiece& piece : plan.pieces) {
    if (piece.known || overtaken) continue;
    ASSIGN_OR_RETURN(const uint64_t inserted,
                     tx.InsertChunks(ChunksOf(run, piece.advertiser, piece.windows, plan.only_metrics)));
    added += inserted;
    idle_days += DaysLeftOut(piece);
    if (inserted > 0) RETURN_IF_ERROR(ExpectAccess(tx, plan.extract->endpoint, piece.advertiser.id));
    if (!plan.only_metrics.empty()) continue;  // nothing is said of whole days
    RETURN_IF_ERROR(WantHistory(tx, run.extract, piece.advertiser.id, piece.wanted, now));
    RETURN_IF_ERROR(LeaveOut(tx, *plan.extract, run, piece, now));
  }
  RETURN_IF_ERROR(SettleRunState(tx, run.id, now));
  ASSIGN_OR_RETURN(result.run, tx.GetRun(run.id));
  result.note = NoteOf(result, added, idle_days);
  return result;
}

absl::StatusOr<IncrementRequests> RunService::PrepareSync(const std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(const std::vector<const RegisteredExtract*> extracts, extracts_.Select(names));
  IncrementRequests requests{.only_due = names.empty(), .extracts = {}};
  for (const RegisteredExtract* extract : extracts) {
    ASSIGN_OR_RETURN(std::vector<Advertiser> advertisers, accounts_.Of(extract->spec, {}));
    requests.extracts.push_back({extract, std::move(advertisers)});
  }
  return requests;
}

absl::StatusOr<std::vector<StartedRun>> RunService::Sync(StoreTransaction& tx, const IncrementRequests& requests) {
  std::vector<StartedRun> started;
  for (const IncrementRequest& request : requests.extracts) {
    ASSIGN_OR_RETURN(StartedRun run, StartIncrement(tx, request, requests.only_due));
    started.push_back(std::move(run));
  }
  return started;
}

absl::StatusOr<std::vector<StartedRun>> RunService::Sync(const std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(const IncrementRequests requests, PrepareSync(names));
  return InOneWrite<std::vector<StartedRun>>([&](StoreTransaction& tx) { return Sync(tx, requests); });
}

absl::StatusOr<StartedRun> RunService::StartIncrement(StoreTransaction& tx, const IncrementRequest& request,
                                                      bool only_due) {
  const RegisteredExtract& extract = *request.extract;
  const std::string& name = extract.spec.name();
  const absl::Time now = clock_.Now();
  ASSIGN_OR_RETURN(const IncrementPlan plan, PlanIncrements(tx, extract, request.advertisers, now, only_due));
  StartedRun result;
  result.note = plan.note;
  if (plan.unfinished.has_value()) {
    result.existed = true;
    result.run = plan.unfinished;
    return result;
  }
  if (plan.pieces.empty()) return result;
  Run run{.id = RunId({.extract = name,
                       .spec_version = extract.version,
                       .kind = RunKind::kIncrement,
                       .advertisers = {},
                       .first = {},
                       .last = {},
                       .again = FormatInstant(now)}),
          .extract = name,
          .kind = RunKind::kIncrement,
          .state = RunState::kRunning,
          .request = "increment",
          .first_day = {},
          .last_day = {},
          .created = now,
          .finished = {}};
  for (const auto& [advertiser, windows] : plan.pieces) SetRange(windows, DayIn(absl::UTCTimeZone(), now), &run);
  RETURN_IF_ERROR(tx.InsertRun(run));
  uint64_t chunks = 0;
  for (const auto& [advertiser, windows] : plan.pieces) {
    ASSIGN_OR_RETURN(const uint64_t inserted, tx.InsertChunks(ChunksOf(run, advertiser, windows)));
    chunks += inserted;
    RETURN_IF_ERROR(ExpectAccess(tx, extract.endpoint, advertiser.id));
  }
  result.note = absl::StrCat(name, ": ", chunks, " chunks");
  result.run = run;
  return result;
}

absl::StatusOr<PlanEstimate> RunService::PlanBackfill(const Selection& selection, bool may_call) {
  ASSIGN_OR_RETURN(const BackfillPlans plans, planner_.Plan(selection, may_call));
  std::vector<Estimator::Request> requests;
  for (const BackfillPlan& plan : plans.plans) {
    Estimator::Request request{.extract = plan.extract, .only_metrics = plan.only_metrics, .pairs = {}};
    for (const BackfillPiece& piece : plan.pieces) {
      ToRead pair{.advertiser = piece.advertiser, .windows = piece.windows};
      if (piece.known) {
        ASSIGN_OR_RETURN(pair.windows, WindowsToDo(plan.run, piece.advertiser));
      } else {
        request.idle_windows += piece.wanted.size() - piece.windows.size();
      }
      request.pairs.push_back(std::move(pair));
    }
    requests.push_back(std::move(request));
  }
  ASSIGN_OR_RETURN(PlanEstimate estimate, estimator_.Price(requests, may_call));
  estimate.calls_spent += plans.calls;
  if (!plans.note.empty()) estimate.notes.push_back(plans.note);
  return estimate;
}

absl::StatusOr<PlanEstimate> RunService::PlanSync(const std::vector<std::string>& names, bool may_call) {
  ASSIGN_OR_RETURN(const std::vector<const RegisteredExtract*> extracts, extracts_.Select(names));
  std::vector<Estimator::Request> requests;
  std::vector<std::string> notes;
  for (const RegisteredExtract* extract : extracts) {
    ASSIGN_OR_RETURN(const std::vector<Advertiser> advertisers, accounts_.Of(extract->spec, {}));
    Estimator::Request request{.extract = extract, .pairs = {}};
    RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
      request.pairs.clear();
      ASSIGN_OR_RETURN(IncrementPlan plan,
                       PlanIncrements(reader, *extract, advertisers, clock_.Now(), /*only_due=*/names.empty()));
      for (auto& [advertiser, windows] : plan.pieces) request.pairs.push_back({advertiser, std::move(windows)});
      if (request.pairs.empty() && !plan.note.empty()) notes.push_back(plan.note);
      return absl::OkStatus();
    }));
    requests.push_back(std::move(request));
  }
  ASSIGN_OR_RETURN(PlanEstimate estimate, estimator_.Price(requests, may_call));
  estimate.notes.insert(estimate.notes.end(), notes.begin(), notes.end());
  return estimate;
}

absl::StatusOr<std::vector<Window>> RunService::WindowsToDo(const Run& run, const Advertiser& advertiser) {
  std::vector<Window> windows;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    windows.clear();
    for (const ChunkState state : {ChunkState::kReady, ChunkState::kRunning}) {
      ASSIGN_OR_RETURN(
          const std::vector<Chunk> chunks,
          reader.ListChunks({.run_id = run.id, .extract = {}, .advertiser = advertiser.id, .state = state}, 0, 0));
      for (const Chunk& chunk : chunks) windows.push_back(chunk.window);
    }
    return absl::OkStatus();
  }));
  return windows;
}

absl::StatusOr<Run> RunService::Cancel(StoreTransaction& tx, const std::string& run_id) {
  ASSIGN_OR_RETURN(const std::optional<Run> run, tx.GetRun(run_id));
  if (!run.has_value())
    return absl::NotFoundError(absl::StrCat("no run \"", run_id, "\"; `tikhaul status` lists them"));
  RETURN_IF_ERROR(tx.CancelChunks(run_id).status());
  RETURN_IF_ERROR(SettleRunState(tx, run_id, clock_.Now()));
  ASSIGN_OR_RETURN(const std::optional<Run> ended, tx.GetRun(run_id));
  return *ended;
}

absl::StatusOr<Run> RunService::Cancel(const std::string& run_id) {
  return InOneWrite<Run>([&](StoreTransaction& tx) { return Cancel(tx, run_id); });
}

absl::StatusOr<uint64_t> RunService::Retry(StoreTransaction& tx, const ChunkFilter& filter,
                                           const std::vector<ChunkId>& ids) {
  uint64_t retried = 0;
  ChunkFilter dead = filter;
  dead.state = ChunkState::kDead;
  ASSIGN_OR_RETURN(const std::vector<Chunk> chunks, tx.ListChunks(dead, 0, 0));
  for (const Chunk& chunk : chunks) {
    if (!ids.empty() && std::find(ids.begin(), ids.end(), chunk.id) == ids.end()) continue;
    ASSIGN_OR_RETURN(Chunk ready, DecideRetry(chunk));
    ready.hinted_at = absl::InfinitePast();
    RETURN_IF_ERROR(tx.UpdateChunk(ready));
    RETURN_IF_ERROR(tx.RemoveDeadLetter(chunk.id));
    RETURN_IF_ERROR(SettleRunState(tx, chunk.run_id, clock_.Now()));
    ++retried;
  }
  return retried;
}

absl::StatusOr<uint64_t> RunService::Retry(const ChunkFilter& filter, const std::vector<ChunkId>& ids) {
  return InOneWrite<uint64_t>([&](StoreTransaction& tx) { return Retry(tx, filter, ids); });
}

}  // namespace tikhaul
