#include "coordinator/dispatch/dispatcher.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "coordinator/core/access.h"

namespace tikhaul {
namespace {

// Hints beyond the chunks that run now: enough that no slot waits, few enough that pause and priority act at once.
constexpr uint64_t kLeastDepth = 32;
constexpr uint64_t kDepthPerRunning = 2;
// A hint that nobody claimed for this long is taken for lost.
constexpr absl::Duration kHintPatience = absl::Seconds(30);
constexpr absl::Duration kOrphanCheck = absl::Seconds(5);
// Fairness is judged over this many candidates for each hint.
constexpr size_t kCandidatesPerHint = 8;

// What the store says of accesses that are not open.
struct NotOpen {
  std::set<AccessKey> keys;
  std::map<std::string, std::string> endpoints;  // by extract

  AccessKey KeyOf(const Chunk& chunk) const {
    const auto found = endpoints.find(chunk.extract);
    return {chunk.advertiser, found == endpoints.end() ? "" : found->second};
  }
};

absl::StatusOr<NotOpen> ReadNotOpen(StoreReader& reader) {
  NotOpen not_open;
  ASSIGN_OR_RETURN(const std::vector<Access> list, reader.ListAccess(/*open_too=*/false));
  for (const Access& access : list) not_open.keys.emplace(access.advertiser, access.endpoint);
  if (list.empty()) return not_open;
  ASSIGN_OR_RETURN(const std::vector<StoredExtract> extracts, reader.ListExtracts());
  for (const StoredExtract& extract : extracts) not_open.endpoints[extract.name] = extract.endpoint;
  return not_open;
}

}  // namespace

Dispatcher::Dispatcher(HintPublisher& hints, Store& store, ClaimTable& claims, ChunkService& chunks, const Clock& clock,
                       FaultBoard& faults)
    : hints_(hints), store_(store), claims_(claims), chunks_(chunks), clock_(clock), faults_(faults) {}

void Dispatcher::Wake() {
  MutexLock lock(mu_);
  work_ = true;
  woken_.Signal();
}

void Dispatcher::WaitForWork(absl::Duration timeout) {
  MutexLock lock(mu_);
  if (!work_) woken_.WaitFor(mu_, timeout);
  work_ = false;
}

void Dispatcher::Tick() {
  claims_.Watch();
  absl::Status orphans = ReturnOrphans();
  if (!orphans.ok()) faults_.Set("store", orphans.message());
  absl::Status queue = NoticeLostHints();
  if (queue.ok()) queue = Push();
  faults_.Set("queue", queue.message());
}

absl::Status Dispatcher::NoticeLostHints() {
  if (!cleared_) {
    // Hints of an earlier coordinator: whatever is worth one gets a new one.
    RETURN_IF_ERROR(hints_.Clear());
    cleared_ = true;
  }
  ASSIGN_OR_RETURN(std::string generation, hints_.Generation());
  if (generation == generation_) return absl::OkStatus();
  if (!generation_.empty()) LogWarning("Redis has lost the hints; they are pushed again");
  RETURN_IF_ERROR(store_.Write([](StoreTransaction& tx) { return tx.ForgetHints(); }));
  generation_ = std::move(generation);
  return absl::OkStatus();
}

absl::Status Dispatcher::Push() {
  const std::vector<LiveClaim> live = claims_.List();
  ASSIGN_OR_RETURN(const uint64_t depth, hints_.Depth());
  const uint64_t wanted = std::max(kLeastDepth, kDepthPerRunning * live.size());
  if (depth >= wanted) return absl::OkStatus();
  const absl::Time now = clock_.Now();
  std::vector<Chunk> candidates;
  NotOpen not_open;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(candidates,
                     reader.ListDispatchable(now, now - kHintPatience, (wanted - depth) * kCandidatesPerHint));
    ASSIGN_OR_RETURN(not_open, ReadNotOpen(reader));
    return absl::OkStatus();
  }));
  candidates =
      KeepScouts(std::move(candidates), not_open.keys, [&](const Chunk& chunk) { return not_open.KeyOf(chunk); });
  if (candidates.empty()) return absl::OkStatus();
  DispatchLoad load;
  for (const LiveClaim& claim : live) {
    ++load.by_connection[claim.connection];
    ++load.by_advertiser[{claim.connection, claim.advertiser}];
  }
  const std::vector<ChunkId> picked = PickFair(candidates, std::move(load), wanted - depth);
  RETURN_IF_ERROR(hints_.Push(picked));  // before the store: a hint too many is harmless, one too few is not
  std::map<ChunkId, AccessKey> scouts;
  for (const Chunk& chunk : candidates) {
    const AccessKey key = not_open.KeyOf(chunk);
    if (not_open.keys.contains(key)) scouts[chunk.id] = key;
  }
  return store_.Write([&](StoreTransaction& tx) -> absl::Status {
    for (const ChunkId chunk : picked) {
      const auto scout = scouts.find(chunk);
      if (scout != scouts.end()) RETURN_IF_ERROR(tx.SetScout(scout->second.second, scout->second.first, chunk));
    }
    return tx.MarkHinted(picked, now);
  });
}

absl::Status Dispatcher::ReturnOrphans() {
  if (clock_.Monotonic() - orphans_checked_at_ < kOrphanCheck) return absl::OkStatus();
  orphans_checked_at_ = clock_.Monotonic();
  std::vector<Chunk> running;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(
        running,
        reader.ListChunks(
            {.run_id = {}, .extract = {}, .advertiser = {}, .state = ChunkState::kRunning, .last_failure = {}}, 0, 0));
    return absl::OkStatus();
  }));
  std::set<std::pair<ChunkId, uint64_t>> suspects;
  for (const Chunk& chunk : running) {
    if (claims_.Holds(chunk.id)) continue;
    const std::pair<ChunkId, uint64_t> suspect(chunk.id, chunk.epoch);
    // Twice in a row: between a grant and its stream's entry, or a stream's end and its record, there is a moment.
    if (suspects_.contains(suspect)) {
      chunks_.Fail(chunk.id, chunk.epoch,
                   {.failure_class = FailureClass::kStore, .message = "the end of its stream was not recorded"});
    } else {
      suspects.insert(suspect);
    }
  }
  suspects_ = std::move(suspects);
  return absl::OkStatus();
}

}  // namespace tikhaul
