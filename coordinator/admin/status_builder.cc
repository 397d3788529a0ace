#include "coordinator/admin/status_builder.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/version.h"
#include "common/model/names.h"
#include "coordinator/admin/convert.h"
#include "coordinator/core/access.h"

namespace tikhaul {
namespace {

// How many ready chunks are looked at to find one that is not blocked.
constexpr size_t kIdleProbe = 512;

void Add(const v1::ChunkCounts& counts, v1::ChunkCounts* sum) {
  sum->set_ready(sum->ready() + counts.ready());
  sum->set_running(sum->running() + counts.running());
  sum->set_done(sum->done() + counts.done());
  sum->set_split(sum->split() + counts.split());
  sum->set_cancelled(sum->cancelled() + counts.cancelled());
  sum->set_dead(sum->dead() + counts.dead());
  sum->set_waiting(sum->waiting() + counts.waiting());
}

v1::ExtractProgress* ProgressOf(const std::string& extract, v1::Status* status) {
  for (v1::ExtractProgress& progress : *status->mutable_extracts()) {
    if (progress.extract() == extract) return &progress;
  }
  v1::ExtractProgress* const added = status->add_extracts();
  added->set_extract(extract);
  return added;
}

// A worker may have streams at several coordinators.
void AddWorker(const v1::WorkerInfo& worker, v1::Status* status) {
  const auto known = std::find_if(status->mutable_workers()->begin(), status->mutable_workers()->end(),
                                  [&](const v1::WorkerInfo& one) { return one.incarnation() == worker.incarnation(); });
  v1::WorkerInfo* const info = known == status->mutable_workers()->end() ? status->add_workers() : &*known;
  info->set_name(worker.name());
  info->set_incarnation(worker.incarnation());
  info->set_chunks(info->chunks() + worker.chunks());
  if (worker.last_seen().seconds() > info->last_seen().seconds()) *info->mutable_last_seen() = worker.last_seen();
}

}  // namespace

StatusBuilder::StatusBuilder(const v1::Config& config, Store& store, const Peers& peers, QuotaKeeper& quota,
                             const Clock& clock)
    : config_(config), store_(store), peers_(peers), quota_(quota), clock_(clock), started_(clock.Now()) {}

absl::Status StatusBuilder::FillRuns(StoreReader& reader, uint32_t recent_runs, absl::Time now, v1::Status* status) {
  ASSIGN_OR_RETURN(const std::vector<Run> runs, reader.ListRuns("", std::max<uint32_t>(recent_runs, 50)));
  ASSIGN_OR_RETURN(const std::vector<Pause> pauses, reader.ListPauses());
  uint32_t finished_shown = 0;
  for (const Run& run : runs) {
    ASSIGN_OR_RETURN(const ChunkCounts counts, reader.CountChunks(run.id, now));
    v1::Run out = ToProto(run, counts);
    out.set_paused(HoldsBack(pauses, run));
    const bool running = run.state == RunState::kRunning;
    if (running || (run.finished.has_value() && *run.finished >= started_)) {
      v1::ExtractProgress* const progress = ProgressOf(run.extract, status);
      Add(out.chunks(), progress->mutable_chunks());
      progress->set_rows(progress->rows() + out.rows());
      progress->set_calls(progress->calls() + out.calls());
    }
    if (running || finished_shown++ < recent_runs) *status->add_runs() = std::move(out);
  }
  for (const Pause& pause : pauses) *status->add_pauses() = ToProto(pause);
  return absl::OkStatus();
}

absl::Status StatusBuilder::PickRuns(StoreReader& reader, const std::vector<std::string>& run_ids, absl::Time now,
                                     v1::Status* status) {
  ASSIGN_OR_RETURN(const std::vector<Pause> pauses, reader.ListPauses());
  status->clear_runs();
  for (const std::string& id : run_ids) {
    ASSIGN_OR_RETURN(const std::optional<Run> run, reader.GetRun(id));
    if (!run.has_value()) return absl::NotFoundError(absl::StrCat("no run \"", id, "\"; `tikhaul runs` lists them"));
    ASSIGN_OR_RETURN(const ChunkCounts counts, reader.CountChunks(id, now));
    v1::Run* const out = status->add_runs();
    *out = ToProto(*run, counts);
    out->set_paused(HoldsBack(pauses, *run));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> StatusBuilder::Idle(StoreReader& reader, absl::Time now, const v1::Status& status) {
  for (const v1::ExtractProgress& progress : status.extracts()) {
    if (progress.chunks().running() > 0) return false;
  }
  // Ready chunks that no pause holds back, whenever they may run; of these, all that wait for access do not count.
  ASSIGN_OR_RETURN(const std::vector<Chunk> ready, reader.ListDispatchable(Dispatchable::kAll, absl::InfiniteFuture(),
                                                                           absl::InfiniteFuture(), kIdleProbe));
  if (ready.empty()) return true;
  ASSIGN_OR_RETURN(const std::vector<StoredExtract> extracts, reader.ListExtracts());
  std::map<std::string, std::string> endpoints;
  for (const StoredExtract& extract : extracts) endpoints[extract.name] = extract.endpoint;
  ASSIGN_OR_RETURN(const std::vector<Access> not_open, reader.ListAccess(/*open_too=*/false));
  std::set<std::pair<std::string, std::string>> blocked;
  for (const Access& access : not_open) {
    if (IsClosed(access.state) && access.retry_at > now) blocked.emplace(access.endpoint, access.advertiser);
  }
  return std::all_of(ready.begin(), ready.end(), [&](const Chunk& chunk) {
    return blocked.contains({endpoints[chunk.extract], chunk.advertiser});
  });
}

void StatusBuilder::AddLive(v1::Status* status) {
  const std::vector<CoordinatorReport> coordinators = peers_.List();
  for (const CoordinatorReport& one : coordinators) {
    for (const v1::PeerReport::Claim& claim : one.report.claims()) {
      v1::ExtractProgress* const progress = ProgressOf(claim.extract(), status);
      progress->set_calls(progress->calls() + claim.calls());
    }
    for (const v1::WorkerInfo& worker : one.report.workers()) AddWorker(worker, status);
    for (const std::string& fault : one.report.faults()) {
      status->add_faults(one.self ? fault : absl::StrCat("coordinator ", one.member.address, ": ", fault));
    }
    v1::CoordinatorInfo* const info = status->add_coordinators();
    info->set_address(one.member.address);
    info->set_leads(one.leads);
    info->set_shards(one.shards);
    info->set_chunks(static_cast<uint32_t>(one.report.claims_size()));
    info->set_answers(one.answers);
    info->set_passive(one.member.passive);
  }
}

void StatusBuilder::AddPaces(v1::Status* status) {
  const absl::Duration moment = clock_.Monotonic();
  MutexLock lock(mu_);
  for (v1::ExtractProgress& progress : *status->mutable_extracts()) {
    const auto [found, first] = paces_.try_emplace(progress.extract());
    Pace& pace = found->second;
    if (!first) {
      if (progress.rows() > pace.rows) pace.row_rate.Add(moment, progress.rows() - pace.rows);
      if (progress.calls() > pace.calls) pace.call_rate.Add(moment, progress.calls() - pace.calls);
    }
    pace.rows = progress.rows();
    pace.calls = std::max(pace.calls, progress.calls());
    progress.set_rows_per_second(pace.row_rate.PerSecond(moment));
    progress.set_calls_per_second(pace.call_rate.PerSecond(moment));
    const v1::ChunkCounts& chunks = progress.chunks();
    const double remaining = static_cast<double>(chunks.ready() + chunks.running());
    const double calls_per_chunk =
        chunks.done() > 0 ? static_cast<double>(progress.calls()) / static_cast<double>(chunks.done()) : 0;
    const std::optional<absl::Duration> eta = Eta(remaining * calls_per_chunk, progress.calls_per_second());
    if (eta.has_value()) progress.set_eta_seconds(absl::ToDoubleSeconds(*eta));
  }
}

void StatusBuilder::FillQuota(v1::Status* status) {
  const QuotaReport report = quota_.Report();
  v1::QuotaInfo* const quota = status->mutable_quota();
  quota->set_per_second(config_.quota().per_second());
  quota->set_per_minute(config_.quota().per_minute());
  quota->set_per_day(config_.quota().per_day());
  quota->set_used_today(report.used_today);
  quota->set_calls_per_second(report.calls_per_second);
  quota->set_share(config_.quota().per_second() > 0 ? report.calls_per_second / config_.quota().per_second() : 0);
  quota->set_frozen(report.frozen);
  quota->set_state(report.state);
  status->set_queue_connected(report.known);
}

absl::StatusOr<v1::Status> StatusBuilder::Build(uint32_t recent_runs, const std::vector<std::string>& run_ids) {
  v1::Status status;
  const absl::Time now = clock_.Now();
  status.set_version(kVersion);
  SetInstant(now, status.mutable_now());
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    RETURN_IF_ERROR(FillRuns(reader, recent_runs, now, &status));
    if (!run_ids.empty()) RETURN_IF_ERROR(PickRuns(reader, run_ids, now, &status));
    ASSIGN_OR_RETURN(const std::vector<Access> access, reader.ListAccess(/*open_too=*/true));
    AddAccess(access, &status);
    ASSIGN_OR_RETURN(const std::vector<Drift> drift, reader.ListDrift());
    for (const Drift& line : drift) *status.add_drift() = ToProto(line);
    ASSIGN_OR_RETURN(const std::vector<Verification> verified, reader.ListVerifications());
    for (const Verification& one : verified) *status.add_verified() = ToProto(one);
    ASSIGN_OR_RETURN(const uint64_t dead, reader.CountDeadLetters());
    status.set_dead_letters(dead);
    ASSIGN_OR_RETURN(const bool idle, Idle(reader, now, status));
    status.set_idle(idle);
    return absl::OkStatus();
  }));
  AddLive(&status);
  AddPaces(&status);
  FillQuota(&status);
  return status;
}

}  // namespace tikhaul
