#include "coordinator/ingest/claim_keeper.h"

#include "common/base/status_macros.h"
#include "coordinator/core/membership.h"

namespace tikhaul {

void ClaimKeeper::Tick() {
  claims_.Watch();
  claims_.Revoke(
      [&](const LiveClaim& claim) { return claim.granted() && !has_(ShardOf(claim.connection, claim.advertiser)); },
      "the shard has moved to another coordinator");
  Running running;
  const absl::Status read = store_.Read([&](StoreReader& reader) -> absl::Status {
    ChunkFilter filter;
    filter.state = ChunkState::kRunning;
    ASSIGN_OR_RETURN(const std::vector<Chunk> chunks, reader.ListChunks(filter, 0, 0));
    for (const Chunk& chunk : chunks) {
      if (has_(ShardOf(chunk))) running.emplace(chunk.id, chunk.epoch);
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return faults_.Set("store", read.message());
  EndStrays(running);
  ReturnOrphans(running);
}

void ClaimKeeper::EndStrays(const Running& running) {
  Running strays;
  for (const LiveClaim& claim : claims_.List()) {
    if (claim.granted() && !running.contains({claim.chunk, claim.epoch})) strays.emplace(claim.chunk, claim.epoch);
  }
  claims_.Revoke(
      [&](const LiveClaim& claim) {
        const std::pair<ChunkId, uint64_t> held(claim.chunk, claim.epoch);
        return strays.contains(held) && strays_.contains(held);
      },
      "the chunk was cancelled or given to another");
  strays_ = std::move(strays);
}

void ClaimKeeper::ReturnOrphans(const Running& running) {
  Running orphans;
  for (const auto& orphan : running) {
    if (claims_.Holds(orphan.first)) continue;
    if (orphans_.contains(orphan)) {
      chunks_.Fail(orphan.first, orphan.second,
                   {.failure_class = FailureClass::kStore, .message = "the end of its stream was not recorded"});
    } else {
      orphans.insert(orphan);
    }
  }
  orphans_ = std::move(orphans);
}

}  // namespace tikhaul
