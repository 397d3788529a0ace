#include "coordinator/ingest/chunk_service.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/civil.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/catalog/catalog.h"
#include "common/model/chunk_log.h"
#include "common/model/names.h"
#include "common/tiktok/error_rules.h"
#include "coordinator/accounts/access_book.h"
#include "coordinator/accounts/token_pause.h"
#include "coordinator/committed_days.h"
#include "coordinator/core/membership.h"
#include "coordinator/core/planner.h"
#include "coordinator/finality_rule.h"
#include "coordinator/ingest/fill_chunk.h"
#include "coordinator/ingest/restated_days.h"
#include "coordinator/ingest/stamped_rows.h"
#include "coordinator/runs/increment_plan.h"

namespace tikhaul {
namespace {

// Ledger entries keep the first and last of many requests.
constexpr size_t kLedgerRequestIds = 100;

// Halves of its window add up to it.
bool MaySplitByDays(const RegisteredExtract& extract) { return extract.granularity != Granularity::kNone; }

std::string EndpointOf(const RegisteredExtract* extract) { return extract == nullptr ? "" : extract->endpoint; }

// Objects are asked for all at once, and by windows of creation time where that is too much.
absl::StatusOr<std::vector<Window>> AdvisedWindowsOf(StoreReader& reader, const RegisteredExtract& extract,
                                                     const Chunk& chunk, absl::Time now) {
  if (extract.granularity != Granularity::kEntity) return std::vector<Window>();
  ASSIGN_OR_RETURN(const Advertiser advertiser, FindAdvertiser(reader, chunk.advertiser));
  ASSIGN_OR_RETURN(Calendar calendar, CalendarFor(extract, advertiser, now));
  calendar.kind = WindowKind::kCreated;
  calendar.longest_days = kLongestCreatedWindow;
  return AdvisedWindows(calendar, chunk.window);
}

v1::ReadPlan PlanFor(const RegisteredExtract& extract, const Chunk& chunk) {
  return CompileReadPlan(SpecFor(extract, chunk.only_metrics), chunk.connection, chunk.advertiser, chunk.window);
}

FailurePolicy PolicyFor(const RegisteredExtract* extract, const Chunk& chunk, uint32_t slice_ids,
                        std::optional<Road> learnt) {
  FailurePolicy policy;
  if (extract == nullptr) {
    policy.may_split = false;
    return policy;
  }
  const v1::ReadPlan plan = PlanFor(*extract, chunk);
  policy.may_split = MaySplitByDays(*extract);
  policy.may_slice = plan.listings_size() > 0;
  policy.slice_ids = slice_ids;
  if (policy.may_slice) policy.first_slice = plan.listings(0).advised_ids();
  // A road that was left once because it leads nowhere is not taken again.
  const bool both = extract->roads == RoadsOpen::kBoth;
  policy.may_task = both && learnt != Road::kPages;
  policy.may_pages = both && learnt != Road::kTask;
  return policy;
}

// What a chunk of the extract owns alone (store.h, RowScope).
SettleRequest SettleRequestFor(const RegisteredExtract& extract, const Chunk& chunk, bool at_reach,
                               std::vector<ConstantCell> constants) {
  SettleRequest request{
      .table = extract.table, .scope = {.advertiser = chunk.advertiser}, .constants = std::move(constants)};
  if (chunk.window.kind != WindowKind::kWhole) {
    request.scope.day_column = extract.day_column;
    request.scope.first = chunk.window.first;
    request.scope.last = chunk.window.last;
  }
  const bool entity = extract.granularity == Granularity::kEntity;
  request.vanished = entity && extract.table.mode == WriteMode::kMerge ? Vanished::kMarkGone : Vanished::kRemove;
  if (at_reach) request.vanished = Vanished::kKeep;  // what is not shown may be there all the same
  return request;
}

// The list shows as many objects as it can: there may be older ones (tiktok-api.md 8).
bool AtReach(const RegisteredExtract& extract, const FinishFacts& facts) {
  return extract.reach > 0 && facts.promised_rows >= extract.reach;
}

}  // namespace

absl::StatusOr<std::string> PauseReason(StoreReader& reader, const Chunk& chunk) {
  ASSIGN_OR_RETURN(const std::vector<Pause> pauses, reader.ListPauses());
  for (const Pause& pause : pauses) {
    const bool holds = pause.scope == "all" || (pause.scope == "connection" && pause.name == chunk.connection) ||
                       (pause.scope == "extract" && pause.name == chunk.extract) ||
                       (pause.scope == "run" && pause.name == chunk.run_id) ||
                       (pause.scope == "advertiser" && pause.name == chunk.advertiser);
    if (holds) return absl::StrCat(pause.scope, " ", pause.name, " is paused: ", pause.reason);
  }
  return std::string();
}

absl::StatusOr<Advertiser> FindAdvertiser(StoreReader& reader, const std::string& id) {
  ASSIGN_OR_RETURN(std::optional<Advertiser> advertiser, reader.GetAdvertiser(id));
  if (advertiser.has_value()) return *std::move(advertiser);
  return absl::NotFoundError(absl::StrCat("advertiser ", id, " is not known to the store"));
}

absl::Status SettleRunState(StoreTransaction& tx, const std::string& run_id, absl::Time now) {
  ASSIGN_OR_RETURN(std::optional<Run> run, tx.GetRun(run_id));
  if (!run.has_value()) return absl::NotFoundError(absl::StrCat("run ", run_id, " is not in the store"));
  ASSIGN_OR_RETURN(const ChunkCounts counts, tx.CountChunks(run_id, /*waiting_at=*/std::nullopt));
  const RunState state = RunStateAfter(counts);
  if (state == run->state) return absl::OkStatus();
  run->state = state;
  run->finished = state == RunState::kRunning ? std::nullopt : std::optional<absl::Time>(now);
  return tx.UpdateRun(*run);
}

ChunkService::ChunkService(const ExtractRegistry& extracts, Store& store, const Clock& clock, FaultBoard& faults,
                           CoordinatorMetrics& metrics, Hooks hooks)
    : extracts_(extracts), store_(store), clock_(clock), faults_(faults), metrics_(metrics), hooks_(std::move(hooks)) {}

absl::StatusOr<ChunkService::Claimed> ChunkService::Claim(ChunkId id, const std::string& worker, bool live) {
  const absl::Duration asked_at = clock_.Monotonic();
  const auto answered = absl::MakeCleanup([&] { metrics_.claim_seconds.Observe(clock_.Monotonic() - asked_at); });
  Claimed claimed;
  uint32_t slice_ids = 0;
  Road road = Road::kPages;
  RETURN_IF_ERROR(store_.Write([&](StoreTransaction& tx) -> absl::Status {
    claimed = Claimed{};
    claimed.at = clock_.Now();
    ASSIGN_OR_RETURN(const std::optional<Chunk> chunk, tx.GetChunk(id));
    if (!chunk.has_value()) {
      claimed.detail = "no such chunk";
      return absl::OkStatus();
    }
    const int shard = ShardOf(*chunk);
    ASSIGN_OR_RETURN(const Seat seat, tx.GetSeat(shard));
    if (seat.member != store_.Self() || !hooks_.keeps(shard)) {
      claimed.answer = seat.member == store_.Self() ? ClaimAnswer::kLater : ClaimAnswer::kElsewhere;
      claimed.detail = absl::StrCat("shard ", shard, " is another coordinator's, or about to be");
      claimed.chunk = *chunk;
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const std::string pause, PauseReason(tx, *chunk));
    ClaimDecision decision = DecideClaim(*chunk, worker, clock_.Now(),
                                         pause.empty() ? std::nullopt : std::optional<std::string>(pause), live);
    claimed.answer = decision.answer;
    claimed.detail = decision.detail;
    claimed.chunk = decision.chunk;
    if (decision.answer != ClaimAnswer::kGranted) return absl::OkStatus();
    ASSIGN_OR_RETURN(slice_ids, tx.GetSliceIds(chunk->extract, chunk->advertiser));
    const RegisteredExtract* const extract = extracts_.Find(chunk->extract);
    ASSIGN_OR_RETURN(const Access access, AccessOf(tx, EndpointOf(extract), chunk->advertiser));
    claimed.access_open = access.state == AccessState::kOpen;
    if (extract != nullptr) {
      ASSIGN_OR_RETURN(road, RoadFor(tx, *extract, *chunk));
    }
    return tx.UpdateChunk(decision.chunk);
  }));
  if (claimed.answer != ClaimAnswer::kGranted) return claimed;
  faults_.Set("store", "");
  const RegisteredExtract* const extract = extracts_.Find(claimed.chunk.extract);
  const std::string missing = extract == nullptr ? "" : MissingMetric(*extract, claimed.chunk);
  if (extract == nullptr || !missing.empty()) {
    Failure failure{.failure_class = FailureClass::kPermanent,
                    .message = absl::StrCat(missing.empty() ? "" : absl::StrCat("metric ", missing, " of "),
                                            "extract \"", claimed.chunk.extract,
                                            "\" is no longer in the configuration; put it back, or cancel the run")};
    Fail(id, claimed.chunk.epoch, failure);
    claimed.answer = ClaimAnswer::kGone;
    claimed.detail = failure.message;
    return claimed;
  }
  claimed.plan = PlanFor(*extract, claimed.chunk);
  if (road == Road::kTask) {
    UseTask(claimed.plan);
    CountTask();
  }
  claimed.plan.set_slice_ids(slice_ids);
  claimed.plan.set_slice_too_big(!MaySplitByDays(*extract) || SplitWindow(claimed.chunk.window).empty());
  return claimed;
}

absl::StatusOr<Road> ChunkService::RoadFor(StoreReader& reader, const RegisteredExtract& extract, const Chunk& chunk) {
  RoadInput input{.open = extract.roads, .learnt = {}, .failures = chunk.attempts.transient};
  if (input.open == RoadsOpen::kBoth) {
    ASSIGN_OR_RETURN(input.learnt, reader.GetRoad(chunk.extract, chunk.advertiser, extract.version));
    ASSIGN_OR_RETURN(const std::optional<double> rows_per_day, reader.RowsPerDay(chunk.extract, chunk.advertiser));
    input.rows = rows_per_day.value_or(0) * static_cast<double>(chunk.window.Days());
    input.page_size = FindStream(extract.spec.stream())->page_size;
    input.tasks_today = TasksToday();
  }
  return ChooseRoad(input);
}

uint64_t ChunkService::TasksToday() {
  const absl::CivilDay today = DayIn(absl::UTCTimeZone(), clock_.Now());
  MutexLock lock(tasks_mu_);
  return tasks_day_ == today ? tasks_ : 0;
}

void ChunkService::CountTask() {
  const absl::CivilDay today = DayIn(absl::UTCTimeZone(), clock_.Now());
  MutexLock lock(tasks_mu_);
  if (tasks_day_ != today) tasks_ = 0;
  tasks_day_ = today;
  ++tasks_;
}

absl::Status ChunkService::FailOnce(ChunkId id, uint64_t epoch, const Failure& failure, FailureOutcome* outcome) {
  return store_.Write([&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::optional<Chunk> chunk, tx.GetChunk(id));
    if (!chunk.has_value()) return absl::AbortedError("the chunk is gone");
    ASSIGN_OR_RETURN(const uint32_t slice_ids, tx.GetSliceIds(chunk->extract, chunk->advertiser));
    const RegisteredExtract* const extract = extracts_.Find(chunk->extract);
    std::optional<Road> learnt;
    if (extract != nullptr) {
      ASSIGN_OR_RETURN(learnt, tx.GetRoad(chunk->extract, chunk->advertiser, extract->version));
    }
    FailurePolicy policy = PolicyFor(extract, *chunk, slice_ids, learnt);
    ASSIGN_OR_RETURN(policy.access, AccessOf(tx, EndpointOf(extract), chunk->advertiser));
    policy.closed_as = ClosedAs(failure.code, failure.message);
    const absl::Time now = clock_.Now();
    if (extract != nullptr) {
      ASSIGN_OR_RETURN(policy.advised_windows, AdvisedWindowsOf(tx, *extract, *chunk, now));
    }
    ASSIGN_OR_RETURN(*outcome, DecideFailure(*chunk, epoch, failure, now, hooks_.random(), policy));
    outcome->chunk.hinted_at = absl::InfinitePast();  // its hint is spent: push another as soon as it may run
    RETURN_IF_ERROR(tx.UpdateChunk(outcome->chunk));
    if (outcome->dead_letter.has_value()) RETURN_IF_ERROR(tx.PutDeadLetter(*outcome->dead_letter));
    if (!outcome->split_into.empty())
      RETURN_IF_ERROR(tx.InsertChunks(ChildrenOf(outcome->chunk, outcome->split_into)).status());
    if (outcome->slice_ids.has_value())
      RETURN_IF_ERROR(tx.PutSliceIds(chunk->extract, chunk->advertiser, *outcome->slice_ids));
    if (outcome->road.has_value() && extract != nullptr)
      RETURN_IF_ERROR(tx.PutRoad(chunk->extract, chunk->advertiser, extract->version, *outcome->road));
    if (outcome->access.has_value()) RETURN_IF_ERROR(NoteClosed(tx, *outcome->access));
    return SettleRunState(tx, chunk->run_id, now);
  });
}

void ChunkService::Fail(ChunkId id, uint64_t epoch, const Failure& failure) {
  FailureOutcome outcome;
  absl::Status status = absl::UnavailableError("the store was out of order a moment ago");
  for (int tries = 1; tries <= 60 && !gave_up_; ++tries) {
    status = FailOnce(id, epoch, failure, &outcome);
    if (status.ok() || absl::IsAborted(status)) break;
    faults_.Set("store", status.message());
    if (draining_) gave_up_ = true;
    if (!gave_up_) Sleep(absl::Seconds(1));
  }
  if (absl::IsAborted(status)) return metrics_.stale_epochs.Add();
  if (!status.ok()) {
    // The chunk stays "running" in the store without a live stream: the dispatcher gives such chunks back later.
    LogChunk(LogLevel::kError, "a failed chunk could not be recorded",
             {.chunk = id, .epoch = epoch, .request_id = failure.request_id}, {{"error", status.message()}});
    return;
  }
  faults_.Set("store", "");
  ChunkLabel label = LabelOf(outcome.chunk, failure.request_id);
  label.epoch = epoch;  // under which it was lost; it has another by now
  metrics_.chunks_returned.With({std::string(Name(failure.failure_class))}).Add();
  if (failure.failure_class == FailureClass::kDrift) metrics_.drift.With({outcome.chunk.extract, "moved"}).Add();
  if (failure.failure_class == FailureClass::kUnreachable) faults_.Set("api", failure.message);
  if (outcome.road.has_value()) {
    LogChunk(LogLevel::kInfo, "from now on chunks are read by another road", label,
             {{"road", Name(*outcome.road)}, {"reason", failure.message}});
  }
  LogChunk(LogLevel::kInfo, "chunk given back", label,
           {{"class", Name(failure.failure_class)},
            {"state", Name(outcome.chunk.state)},
            {"code", failure.code},
            {"message", failure.message}});
  if (outcome.pause_connection) {
    const absl::Status paused = PauseForToken(store_, outcome.chunk.connection, failure.message, clock_.Now());
    if (!paused.ok())
      LogError("a connection could not be paused",
               {{"connection", outcome.chunk.connection}, {"error", paused.message()}});
  }
  hooks_.wake_dispatcher();
}

void ChunkService::NoteOpen(const Chunk& chunk) {
  const std::string endpoint = EndpointOf(extracts_.Find(chunk.extract));
  const absl::Status noted = store_.Write(
      [&](StoreTransaction& tx) { return tikhaul::NoteOpen(tx, endpoint, chunk.advertiser, clock_.Now()); });
  // When the store is out of order the chunk's publication will tell it.
  if (noted.ok()) hooks_.wake_dispatcher();
}

absl::StatusOr<SettleCounts> ChunkService::Publish(ChunkId id, uint64_t epoch, const ChunkRows& chunk_rows,
                                                   const FinishFacts& facts) {
  const absl::Duration began_at = clock_.Monotonic();
  SettleCounts counts;
  std::string extract_name;
  absl::Status status = store_.WriteRows([&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::optional<Chunk> chunk, tx.GetChunk(id));
    if (!chunk.has_value()) return absl::AbortedError("the chunk is gone");
    extract_name = chunk->extract;
    ASSIGN_OR_RETURN(const Chunk done, DecidePublish(*chunk, epoch, facts.calls));
    const RegisteredExtract* const extract = extracts_.Find(chunk->extract);
    if (extract == nullptr) return absl::AbortedError("the extract is no longer in the configuration");
    ASSIGN_OR_RETURN(const Advertiser advertiser, FindAdvertiser(tx, chunk->advertiser));
    ASSIGN_OR_RETURN(const absl::TimeZone zone, LoadZone(advertiser.timezone));
    const absl::Time now = clock_.Now(), read_at = std::min(facts.claimed, now);
    const StampInput stamp{.extract = extract,
                           .chunk = *chunk,
                           .advertiser = advertiser,
                           .zone = zone,
                           .read_at = read_at,
                           .extracted_at = now};
    ASSIGN_OR_RETURN(const std::unique_ptr<RowSource> whole_rows, chunk_rows.Read());
    StampedRows rows(stamp, *whole_rows);
    EarlierReads earlier;  // of whole rows: what is filled is no restatement
    SettleRequest request =
        SettleRequestFor(*extract, *chunk, AtReach(*extract, facts), ConstantCells(stamp, whole_rows->columns()));
    if (chunk->only_metrics.empty()) {
      ASSIGN_OR_RETURN(earlier, FindEarlierReads(tx, *extract, zone, *chunk));
      request.read_before = earlier.days;
      ASSIGN_OR_RETURN(counts, tx.SettleRows(request, rows));
    } else {
      ASSIGN_OR_RETURN(counts, FillChunk(tx, *extract, *chunk, request, facts.claimed, rows));
    }
    if (counts.rows != facts.promised_rows || counts.distinct_keys != facts.promised_rows) {
      return absl::FailedPreconditionError(absl::StrCat("the API promised ", facts.promised_rows, " rows and sent ",
                                                        counts.rows, " with ", counts.distinct_keys,
                                                        " different keys: pages moved while they were read"));
    }
    const absl::Time settled = clock_.Now();
    RETURN_IF_ERROR(RecordRestatements(tx, *extract, zone, done, earlier, counts.changes, read_at, settled));
    return Record(tx, *extract, zone, done, facts, counts, rows.digest(), settled);
  });
  if (!status.ok()) {
    CountCommitFailure(status);
    return status;
  }
  metrics_.commit_seconds.Observe(clock_.Monotonic() - began_at);
  CountCommit(extract_name, counts, facts);
  faults_.Set("store", "");
  faults_.Set("api", "");
  return counts;
}

void ChunkService::CountCommit(const std::string& extract, const SettleCounts& counts, const FinishFacts& facts) {
  const auto count = [](CounterFamily& family, const std::vector<std::string>& labels, uint64_t n) {
    if (n > 0) family.With(labels).Add(static_cast<double>(n));
  };
  count(metrics_.chunks_committed, {extract}, 1);
  count(metrics_.rows_committed, {extract}, counts.rows);
  count(metrics_.row_changes, {extract, "inserted"}, counts.inserted);
  count(metrics_.row_changes, {extract, "updated"}, counts.updated);
  count(metrics_.row_changes, {extract, "removed"}, counts.removed);
  count(metrics_.row_changes, {extract, "unchanged"}, counts.unchanged);
  for (const Drift& drift : facts.drift)
    count(metrics_.drift, {extract, absl::StrReplaceAll(drift.kind, {{" ", "_"}})}, drift.count);
  const RegisteredExtract* const registered = extracts_.Find(extract);
  if (registered != nullptr && AtReach(*registered, facts)) count(metrics_.drift, {extract, "out_of_reach"}, 1);
}

void ChunkService::CountCommitFailure(const absl::Status& status) {
  if (absl::IsAborted(status)) return metrics_.stale_epochs.Add();
  metrics_.commit_failures.With({absl::IsFailedPrecondition(status) ? "moved" : "store"}).Add();
}

absl::Status ChunkService::Record(StoreTransaction& tx, const RegisteredExtract& extract, absl::TimeZone zone,
                                  Chunk chunk, const FinishFacts& facts, const SettleCounts& counts, uint64_t digest,
                                  absl::Time now) {
  LedgerEntry entry{.chunk = chunk.id,
                    .run_id = chunk.run_id,
                    .extract = chunk.extract,
                    .advertiser = chunk.advertiser,
                    .window = chunk.window,
                    .epoch = chunk.epoch,
                    .promised_rows = facts.promised_rows,
                    .rows = counts.rows,
                    .distinct_keys = counts.distinct_keys,
                    .pages = facts.pages,
                    .calls = chunk.calls,
                    .digest = digest};
  entry.request_ids.assign(facts.request_ids.begin(),
                           facts.request_ids.begin() + std::min(facts.request_ids.size(), kLedgerRequestIds));
  entry.road = facts.road;
  entry.attempts = chunk.attempts.deliveries;
  entry.worker = facts.worker;
  entry.claimed = std::min(facts.claimed, now);
  entry.finality = chunk.window.kind == WindowKind::kDays
                       ? FinalityOf(RuleFor(extract, zone), chunk.window.last, entry.claimed)
                       : Finality::kFinal;
  for (const DayChange& change : counts.changes) {
    if (change.day == chunk.window.last) entry.finality = FinalityAfter(entry.finality, change);
  }
  entry.committed = now;
  entry.inserted = counts.inserted;
  entry.updated = counts.updated;
  entry.removed = counts.removed;
  entry.unchanged = counts.unchanged;
  entry.only_metrics = chunk.only_metrics;
  RETURN_IF_ERROR(tx.UpdateChunk(chunk));
  RETURN_IF_ERROR(tx.AddLedger(entry));
  if (chunk.window.kind == WindowKind::kDays && chunk.only_metrics.empty()) {
    RETURN_IF_ERROR(CommitDays(tx, extract, zone, chunk.advertiser, {chunk.window.first, chunk.window.last}, now));
  }
  std::vector<Drift> drifts = facts.drift;
  if (AtReach(extract, facts)) {
    drifts.push_back(
        {.extract = {}, .kind = "out of reach", .name = absl::StrCat("beyond ", extract.reach), .count = 1});
  }
  for (Drift& drift : drifts) {
    drift.extract = chunk.extract;
    drift.first_seen = drift.last_seen = now;
    RETURN_IF_ERROR(tx.AddDrift(drift));
  }
  RETURN_IF_ERROR(tikhaul::NoteOpen(tx, extract.endpoint, chunk.advertiser, now));
  if (facts.slice_ids > 0) RETURN_IF_ERROR(tx.PutSliceIds(chunk.extract, chunk.advertiser, facts.slice_ids));
  return SettleRunState(tx, chunk.run_id, now);
}

}  // namespace tikhaul
