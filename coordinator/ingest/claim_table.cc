#include "coordinator/ingest/claim_table.h"

#include <utility>

namespace tikhaul {

bool ClaimTable::Add(const LiveClaim& claim, std::function<void()> end) {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(mu_);
  workers_[claim.incarnation] =
      SeenWorker{.name = claim.worker, .incarnation = claim.incarnation, .last_seen = clock_.Now()};
  Entry entry;
  entry.claim = claim;
  entry.end = std::move(end);
  entry.heard_at = entry.moved_at = now;
  return claims_.emplace(claim.chunk, std::move(entry)).second;
}

std::optional<StreamEnd> ClaimTable::Remove(ChunkId chunk) {
  MutexLock lock(mu_);
  const auto found = claims_.find(chunk);
  if (found == claims_.end()) return std::nullopt;
  std::optional<StreamEnd> ended = std::move(found->second.ended);
  claims_.erase(found);
  return ended;
}

bool ClaimTable::Holds(ChunkId chunk) const {
  MutexLock lock(mu_);
  return claims_.contains(chunk);
}

void ClaimTable::Describe(const Chunk& chunk) {
  MutexLock lock(mu_);
  const auto found = claims_.find(chunk.id);
  if (found == claims_.end()) return;
  LiveClaim& claim = found->second.claim;
  claim.epoch = chunk.epoch;
  claim.run_id = chunk.run_id;
  claim.extract = chunk.extract;
  claim.connection = chunk.connection;
  claim.advertiser = chunk.advertiser;
}

void ClaimTable::Heard(ChunkId chunk, uint64_t pages, uint64_t calls, bool waiting_for_quota,
                       absl::Duration call_time) {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(mu_);
  const auto found = claims_.find(chunk);
  if (found == claims_.end()) return;
  Entry& entry = found->second;
  entry.heard_at = now;
  if (waiting_for_quota || pages > entry.claim.pages || calls > entry.claim.calls) entry.moved_at = now;
  if (calls > entry.claim.calls) calls_.Add(now, calls - entry.claim.calls);
  if (call_time > entry.claim.call_time) {
    call_micros_.Add(now, static_cast<uint64_t>(absl::ToInt64Microseconds(call_time - entry.claim.call_time)));
  }
  entry.claim.pages = pages;
  entry.claim.calls = calls;
  entry.claim.call_time = call_time;
  workers_[entry.claim.incarnation].last_seen = clock_.Now();
}

void ClaimTable::RowsArrived(ChunkId chunk, uint64_t rows) {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(mu_);
  const auto found = claims_.find(chunk);
  if (found == claims_.end()) return;
  found->second.heard_at = found->second.moved_at = now;
  found->second.claim.rows += rows;
}

void ClaimTable::SetPublishing(ChunkId chunk, bool publishing) {
  MutexLock lock(mu_);
  const auto found = claims_.find(chunk);
  if (found == claims_.end()) return;
  found->second.publishing = publishing;
  found->second.heard_at = found->second.moved_at = clock_.Monotonic();
}

void ClaimTable::End(Entry& entry, StreamEnd why) {
  if (entry.ended.has_value()) return;
  entry.ended = std::move(why);
  entry.end();
}

void ClaimTable::Revoke(const std::function<bool(const LiveClaim&)>& which, const std::string& reason) {
  // `end` is called under the lock: that is what lets Remove() promise that it is not called afterwards.
  MutexLock lock(mu_);
  for (auto& [chunk, entry] : claims_) {
    if (which(entry.claim)) End(entry, {.blame = false, .reason = reason});
  }
}

void ClaimTable::Watch() {
  const absl::Duration now = clock_.Monotonic();
  const absl::Time wall = clock_.Now();
  MutexLock lock(mu_);
  for (auto& [chunk, entry] : claims_) {
    if (entry.publishing) continue;
    if (now - entry.heard_at > limits_.silence) {
      End(entry, {.blame = true, .reason = "the worker was silent for too long"});
    } else if (now - entry.moved_at > limits_.standstill) {
      End(entry, {.blame = true, .reason = "the chunk made no progress for too long"});
    }
  }
  std::erase_if(workers_, [wall](const auto& worker) { return wall - worker.second.last_seen > absl::Hours(1); });
}

std::vector<LiveClaim> ClaimTable::List() const {
  std::vector<LiveClaim> list;
  MutexLock lock(mu_);
  for (const auto& [chunk, entry] : claims_) list.push_back(entry.claim);
  return list;
}

CallPace ClaimTable::Pace() const {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(mu_);
  return {calls_.PerSecond(now), call_micros_.PerSecond(now) / 1e6};
}

void ClaimTable::SawWorker(const std::string& name, const std::string& incarnation) {
  MutexLock lock(mu_);
  workers_[incarnation] = SeenWorker{.name = name, .incarnation = incarnation, .last_seen = clock_.Now()};
}

std::vector<SeenWorker> ClaimTable::Workers() const {
  const absl::Time now = clock_.Now();
  std::vector<SeenWorker> list;
  MutexLock lock(mu_);
  for (const auto& [incarnation, worker] : workers_) {
    SeenWorker seen = worker;
    for (const auto& [chunk, entry] : claims_) seen.chunks += entry.claim.incarnation == incarnation ? 1 : 0;
    if (seen.chunks > 0 || now - seen.last_seen < absl::Minutes(1)) list.push_back(seen);
  }
  return list;
}

}  // namespace tikhaul
