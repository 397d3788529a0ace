#include "coordinator/runs/run_service.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/wire/column_groups.h"
#include "coordinator/accounts/access_book.h"
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

std::vector<Chunk> ChunksOf(const Run& run, const Advertiser& advertiser, const std::vector<Window>& windows) {
  std::vector<Chunk> chunks;
  for (const Window& window : windows) {
    Chunk chunk;
    chunk.run_id = run.id;
    chunk.extract = run.extract;
    chunk.connection = advertiser.connection;
    chunk.advertiser = advertiser.id;
    chunk.window = window;
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

absl::StatusOr<bool> HasChunks(StoreReader& reader, const std::string& run, const std::string& advertiser) {
  ASSIGN_OR_RETURN(const std::vector<Chunk> chunks,
                   reader.ListChunks({.run_id = run, .extract = {}, .advertiser = advertiser}, 0, 1));
  return !chunks.empty();
}

std::string RequestText(const Selection& selection) {
  std::string text = selection.first.has_value() || selection.last.has_value()
                         ? absl::StrCat(selection.first.has_value() ? FormatDay(*selection.first) : "oldest", "..",
                                        selection.last.has_value() ? FormatDay(*selection.last) : "today")
                         : "configured history";
  if (!selection.advertisers.empty()) absl::StrAppend(&text, ", ", selection.advertisers.size(), " advertisers");
  return text;
}

}  // namespace

RunService::RunService(const ExtractRegistry& extracts, Accounts& accounts, Store& store, const Clock& clock,
                       std::function<void()> wake_dispatcher)
    : extracts_(extracts),
      accounts_(accounts),
      store_(store),
      clock_(clock),
      wake_dispatcher_(std::move(wake_dispatcher)) {}

absl::StatusOr<std::vector<RunService::Piece>> RunService::PlanPieces(const RegisteredExtract& extract,
                                                                      const Selection& selection) {
  if (selection.first.has_value() && selection.last.has_value() && *selection.last < *selection.first) {
    return absl::InvalidArgumentError(absl::StrCat("the range ends (", FormatDay(*selection.last),
                                                   ") before it begins (", FormatDay(*selection.first), ")"));
  }
  ASSIGN_OR_RETURN(const std::vector<Advertiser> advertisers, accounts_.Of(extract.spec, selection.advertisers));
  std::vector<Piece> pieces;
  for (const Advertiser& advertiser : advertisers) {
    ASSIGN_OR_RETURN(Calendar calendar, CalendarFor(extract, advertiser, clock_.Now()));
    PlanInput input{.calendar = std::move(calendar),
                    .depth_days = static_cast<int>(extract.spec.backfill_days()),
                    .first = selection.first,
                    .last = selection.last};
    pieces.push_back({.advertiser = advertiser, .windows = PlanWindows(input)});
  }
  return pieces;
}

absl::StatusOr<std::vector<StartedRun>> RunService::Backfill(const Selection& selection) {
  ASSIGN_OR_RETURN(const std::vector<const RegisteredExtract*> extracts, extracts_.Select(selection.extracts));
  std::vector<StartedRun> started;
  for (const RegisteredExtract* extract : extracts) {
    ASSIGN_OR_RETURN(StartedRun run, StartBackfill(*extract, selection));
    started.push_back(std::move(run));
  }
  wake_dispatcher_();
  return started;
}

absl::StatusOr<StartedRun> RunService::StartBackfill(const RegisteredExtract& extract, const Selection& selection) {
  ASSIGN_OR_RETURN(const std::vector<Piece> pieces, PlanPieces(extract, selection));
  const std::string& name = extract.spec.name();
  const absl::Time now = clock_.Now();
  Run run{.id = RunId({.extract = name,
                       .spec_version = extract.version,
                       .kind = RunKind::kBackfill,
                       .advertisers = selection.advertisers,
                       .first = selection.first,
                       .last = selection.last,
                       .again = selection.again_key}),
          .extract = name,
          .kind = RunKind::kBackfill,
          .state = RunState::kRunning,
          .request = RequestText(selection),
          .first_day = {},
          .last_day = {},
          .created = now,
          .finished = {}};
  for (const Piece& piece : pieces) SetRange(piece.windows, DayIn(absl::UTCTimeZone(), now), &run);
  StartedRun result;
  uint64_t added = 0;
  RETURN_IF_ERROR(store_.Write([&](StoreTransaction& tx) -> absl::Status {
    added = 0;
    ASSIGN_OR_RETURN(const std::optional<Run> before, tx.GetRun(run.id));
    result.existed = before.has_value();
    if (!before.has_value()) RETURN_IF_ERROR(tx.InsertRun(run));
    for (const Piece& piece : pieces) {
      if (before.has_value()) {
        ASSIGN_OR_RETURN(const bool known, HasChunks(tx, run.id, piece.advertiser.id));
        if (known) continue;
      }
      ASSIGN_OR_RETURN(const uint64_t inserted, tx.InsertChunks(ChunksOf(run, piece.advertiser, piece.windows)));
      added += inserted;
      if (inserted > 0) RETURN_IF_ERROR(ExpectAccess(tx, extract.endpoint, piece.advertiser.id));
      RETURN_IF_ERROR(WantHistory(tx, name, piece.advertiser.id, piece.windows, now));
    }
    RETURN_IF_ERROR(SettleRunState(tx, run.id, now));
    ASSIGN_OR_RETURN(result.run, tx.GetRun(run.id));
    return absl::OkStatus();
  }));
  if (!result.existed) {
    result.note =
        added == 0 ? absl::StrCat(name, ": nothing to read in that range") : absl::StrCat(name, ": ", added, " chunks");
  } else if (added > 0) {
    result.note = absl::StrCat(name, ": ", added, " chunks of new advertisers added to the backfill made before");
  } else {
    result.note = result.run->state == RunState::kRunning
                      ? absl::StrCat(name, ": already under way")
                      : absl::StrCat(name, ": already done, nothing to do (--again reads it once more)");
  }
  return result;
}

absl::StatusOr<std::vector<StartedRun>> RunService::Sync(const std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(const std::vector<const RegisteredExtract*> extracts, extracts_.Select(names));
  std::vector<StartedRun> started;
  for (const RegisteredExtract* extract : extracts) {
    ASSIGN_OR_RETURN(StartedRun run, StartIncrement(*extract, /*only_due=*/names.empty()));
    started.push_back(std::move(run));
  }
  wake_dispatcher_();
  return started;
}

absl::StatusOr<StartedRun> RunService::StartIncrement(const RegisteredExtract& extract, bool only_due) {
  const std::string& name = extract.spec.name();
  const absl::Time now = clock_.Now();
  ASSIGN_OR_RETURN(const std::vector<Advertiser> advertisers, accounts_.Of(extract.spec, {}));
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
  StartedRun result;
  RETURN_IF_ERROR(store_.Write([&](StoreTransaction& tx) -> absl::Status {
    result = StartedRun{};
    ASSIGN_OR_RETURN(const IncrementPlan plan, PlanIncrements(tx, extract, advertisers, now, only_due));
    result.note = plan.note;
    if (plan.unfinished.has_value()) {
      result.existed = true;
      result.run = plan.unfinished;
      return absl::OkStatus();
    }
    if (plan.pieces.empty()) return absl::OkStatus();
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
    return absl::OkStatus();
  }));
  return result;
}

absl::StatusOr<std::vector<Estimate>> RunService::Plan(const Selection& selection) {
  ASSIGN_OR_RETURN(const std::vector<const RegisteredExtract*> extracts, extracts_.Select(selection.extracts));
  std::vector<Estimate> estimates;
  for (const RegisteredExtract* extract : extracts) {
    ASSIGN_OR_RETURN(Estimate estimate, EstimateOne(*extract, selection));
    estimates.push_back(std::move(estimate));
  }
  return estimates;
}

absl::StatusOr<Estimate> RunService::EstimateOne(const RegisteredExtract& extract, const Selection& selection) {
  ASSIGN_OR_RETURN(const std::vector<Piece> pieces, PlanPieces(extract, selection));
  Estimate estimate{.extract = extract.spec.name(),
                    .advertisers = static_cast<uint32_t>(pieces.size()),
                    .first_day = {},
                    .last_day = {}};
  estimate.rows_known = !pieces.empty();
  Run range;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    for (const Piece& piece : pieces) {
      ASSIGN_OR_RETURN(const double rows_per_day, reader.RowsPerDay(extract.spec.name(), piece.advertiser.id));
      if (rows_per_day <= 0) estimate.rows_known = false;
      // Number and page size of requests do not depend on the window.
      const v1::ReadPlan plan = CompileReadPlan(extract.spec, piece.advertiser.connection, piece.advertiser.id,
                                                piece.windows.empty() ? Window{} : piece.windows.front());
      for (const Window& window : piece.windows) {
        const double rows = rows_per_day * static_cast<double>(window.Days());
        const double pages = plan.paged() ? std::max(1.0, std::ceil(rows / plan.requests(0).page_size())) : 1.0;
        const uint64_t groups = GroupsOf(plan);  // each asks for every page
        estimate.calls += static_cast<uint64_t>(pages - 1) * groups + static_cast<uint64_t>(plan.requests_size());
        estimate.rows += static_cast<uint64_t>(rows);
        ++estimate.chunks;
      }
      SetRange(piece.windows, DayIn(absl::UTCTimeZone(), clock_.Now()), &range);
    }
    return absl::OkStatus();
  }));
  estimate.first_day = range.first_day;
  estimate.last_day = range.last_day;
  return estimate;
}

absl::StatusOr<Run> RunService::Cancel(const std::string& run_id) {
  std::optional<Run> run;
  RETURN_IF_ERROR(store_.Write([&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(run, tx.GetRun(run_id));
    if (!run.has_value())
      return absl::NotFoundError(absl::StrCat("no run \"", run_id, "\"; `tikhaul status` lists them"));
    RETURN_IF_ERROR(tx.CancelChunks(run_id).status());
    RETURN_IF_ERROR(SettleRunState(tx, run_id, clock_.Now()));
    ASSIGN_OR_RETURN(run, tx.GetRun(run_id));
    return absl::OkStatus();
  }));
  return *run;
}

absl::StatusOr<uint64_t> RunService::Retry(const ChunkFilter& filter, const std::vector<ChunkId>& ids) {
  uint64_t retried = 0;
  RETURN_IF_ERROR(store_.Write([&](StoreTransaction& tx) -> absl::Status {
    retried = 0;
    ChunkFilter dead = filter;
    dead.state = ChunkState::kDead;
    ASSIGN_OR_RETURN(std::vector<Chunk> chunks, tx.ListChunks(dead, 0, 0));
    for (const Chunk& chunk : chunks) {
      if (!ids.empty() && std::find(ids.begin(), ids.end(), chunk.id) == ids.end()) continue;
      ASSIGN_OR_RETURN(Chunk ready, DecideRetry(chunk));
      ready.hinted_at = absl::InfinitePast();
      RETURN_IF_ERROR(tx.UpdateChunk(ready));
      RETURN_IF_ERROR(tx.RemoveDeadLetter(chunk.id));
      RETURN_IF_ERROR(SettleRunState(tx, chunk.run_id, clock_.Now()));
      ++retried;
    }
    return absl::OkStatus();
  }));
  wake_dispatcher_();
  return retried;
}

}  // namespace tikhaul
