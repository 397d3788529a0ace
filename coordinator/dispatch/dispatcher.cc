#include "coordinator/dispatch/dispatcher.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/model/chunk_log.h"
#include "coordinator/core/access.h"
#include "coordinator/core/lifecycle.h"
#include "coordinator/core/membership.h"

namespace tikhaul {
namespace {

// Hints beyond the chunks that run now: enough that no slot waits, few enough that pause and priority act at once.
constexpr uint64_t kLeastDepth = 32;
constexpr uint64_t kDepthPerRunning = 2;
// A hint that nobody claimed for this long is taken for lost.
constexpr absl::Duration kHintPatience = absl::Seconds(30);
constexpr absl::Duration kCountEvery = absl::Seconds(1);
// Fairness is judged over this many candidates for each hint.
constexpr size_t kCandidatesPerHint = 8;
constexpr size_t kMostLost = 64;  // hinted in one round

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

struct Dispatcher::Candidates {
  std::vector<Chunk> chunks;
  HintAddresses addresses;  // empty where there is one coordinator
  std::map<ChunkId, AccessKey> scouts;
};

Dispatcher::Dispatcher(HintSink& hints, Store& store, const Membership& membership, const Clock& clock,
                       FaultBoard& faults, CoordinatorMetrics& metrics)
    : hints_(hints), store_(store), membership_(membership), clock_(clock), faults_(faults), metrics_(metrics) {}

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
  absl::Status queue = NoticeMovedShards();
  if (queue.ok()) queue = NoticeLostHints();
  if (queue.ok()) queue = PushLost();
  if (queue.ok()) queue = Push();
  faults_.Set("queue", queue.message());
}

absl::Status Dispatcher::NoticeMovedShards() {
  std::vector<int64_t> terms;
  for (const Seat& seat : membership_.roll().seats) terms.push_back(seat.term);
  if (terms == terms_) return absl::OkStatus();
  // At the start as well: hints of an earlier lead. Whatever is worth one gets a new one.
  RETURN_IF_ERROR(hints_.Clear());
  RETURN_IF_ERROR(store_.Write([](StoreTransaction& tx) { return tx.ForgetHints(); }));
  terms_ = std::move(terms);
  return absl::OkStatus();
}

absl::Status Dispatcher::NoticeLostHints() {
  ASSIGN_OR_RETURN(std::string generation, hints_.Generation());
  if (generation == generation_) return absl::OkStatus();
  if (!generation_.empty()) {
    LogWarning("Redis has lost the hints; they are pushed again");
    metrics_.hint_losses.Add();
    RETURN_IF_ERROR(store_.Write([](StoreTransaction& tx) { return tx.ForgetHints(); }));
  }
  generation_ = std::move(generation);
  return absl::OkStatus();
}

absl::Status Dispatcher::CountRunning() {
  if (clock_.Monotonic() - counted_at_ < kCountEvery) return absl::OkStatus();
  ChunkFilter filter;
  filter.state = ChunkState::kRunning;
  std::vector<Chunk> running;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(running, reader.ListChunks(filter, 0, 0));
    return absl::OkStatus();
  }));
  counted_at_ = clock_.Monotonic();
  running_ = running.size();
  load_ = {};
  for (const Chunk& chunk : running) {
    ++load_.by_connection[chunk.connection];
    ++load_.by_advertiser[{chunk.connection, chunk.advertiser}];
  }
  return absl::OkStatus();
}

absl::Status Dispatcher::Push() {
  RETURN_IF_ERROR(CountRunning());
  ASSIGN_OR_RETURN(const uint64_t depth, hints_.Depth());
  metrics_.hints.With({}).Set(static_cast<double>(depth));
  const uint64_t wanted = std::max(kLeastDepth, kDepthPerRunning * running_);
  if (depth >= wanted) return absl::OkStatus();
  const absl::Time now = clock_.Now();
  ASSIGN_OR_RETURN(const Candidates candidates,
                   FindCandidates(Dispatchable::kAll, (wanted - depth) * kCandidatesPerHint, now));
  if (candidates.chunks.empty()) return absl::OkStatus();
  return Hint(HintOrder::kUsual, candidates, PickFair(candidates.chunks, load_, wanted - depth), now);
}

absl::Status Dispatcher::PushLost() {
  const absl::Time now = clock_.Now();
  ASSIGN_OR_RETURN(const Candidates candidates, FindCandidates(Dispatchable::kLost, kMostLost, now));
  if (candidates.chunks.empty()) return absl::OkStatus();
  std::vector<ChunkId> all;
  for (const Chunk& chunk : candidates.chunks) all.push_back(chunk.id);
  return Hint(HintOrder::kFirst, candidates, all, now);
}

absl::Status Dispatcher::KeepQuarantine(StoreReader& reader, absl::Time now, std::vector<Chunk>& candidates) {
  if (std::none_of(candidates.begin(), candidates.end(), InQuarantine)) return absl::OkStatus();
  bool taken = false;
  if (quarantined_.has_value()) {
    ASSIGN_OR_RETURN(const std::optional<Chunk> last, reader.GetChunk(*quarantined_));
    taken = last.has_value() && (last->state == ChunkState::kRunning ||
                                 (last->state == ChunkState::kReady && last->hinted_at >= now - kHintPatience));
  }
  std::erase_if(candidates, [&](const Chunk& chunk) { return InQuarantine(chunk) && std::exchange(taken, true); });
  return absl::OkStatus();
}

absl::StatusOr<Dispatcher::Candidates> Dispatcher::FindCandidates(Dispatchable which, size_t limit, absl::Time now) {
  Candidates found;
  NotOpen not_open;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(found.chunks, reader.ListDispatchable(which, now, now - kHintPatience, limit));
    RETURN_IF_ERROR(KeepQuarantine(reader, now, found.chunks));
    ASSIGN_OR_RETURN(not_open, ReadNotOpen(reader));
    return absl::OkStatus();
  }));
  found.chunks =
      KeepScouts(std::move(found.chunks), not_open.keys, [&](const Chunk& chunk) { return not_open.KeyOf(chunk); });
  // Lost a moment ago: not behind the others, but first in the next round; no other chunk shall be scout before it.
  if (which == Dispatchable::kAll) std::erase_if(found.chunks, IsLost);
  const Roll roll = membership_.roll();
  std::erase_if(found.chunks, [&](const Chunk& chunk) {
    return HolderOf(roll, ShardOf(chunk)) == nullptr || IsMoving(roll, ShardOf(chunk));
  });
  for (const Chunk& chunk : found.chunks) {
    const AccessKey key = not_open.KeyOf(chunk);
    if (not_open.keys.contains(key)) found.scouts[chunk.id] = key;
    if (roll.members.size() > 1) found.addresses[chunk.id] = HolderOf(roll, ShardOf(chunk))->address;
  }
  return found;
}

void Dispatcher::NotePushed(const Candidates& candidates, const std::vector<ChunkId>& picked) {
  const std::set<ChunkId> pushed(picked.begin(), picked.end());
  for (const Chunk& chunk : candidates.chunks) {
    if (!pushed.contains(chunk.id)) continue;
    const char* const granted_before = chunk.attempts.deliveries > 0 ? "returned" : "first";
    const char* const reason = chunk.hinted_at > absl::InfinitePast() ? "unclaimed" : granted_before;
    metrics_.hints_pushed.With({reason}).Add();
    LogChunk(LogLevel::kDebug, "chunk hinted", LabelOf(chunk), {{"run", chunk.run_id}, {"reason", reason}});
  }
}

absl::Status Dispatcher::Hint(HintOrder order, const Candidates& candidates, const std::vector<ChunkId>& picked,
                              absl::Time now) {
  const std::set<ChunkId> hinted(picked.begin(), picked.end());
  for (const Chunk& chunk : candidates.chunks) {
    if (InQuarantine(chunk) && hinted.contains(chunk.id)) quarantined_ = chunk.id;
  }
  // Before the store: a hint too many is harmless, one too few is not.
  RETURN_IF_ERROR(hints_.Push(order, picked, candidates.addresses));
  NotePushed(candidates, picked);
  return store_.Write([&](StoreTransaction& tx) -> absl::Status {
    for (const ChunkId chunk : picked) {
      const auto scout = candidates.scouts.find(chunk);
      if (scout != candidates.scouts.end())
        RETURN_IF_ERROR(tx.SetScout(scout->second.second, scout->second.first, chunk));
    }
    return tx.MarkHinted(picked, now);
  });
}

}  // namespace tikhaul
