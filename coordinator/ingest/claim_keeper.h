// Holds streams and store against each other: a stream whose chunk is no longer its own ends, a running chunk whose
// stream is gone is given back.
#ifndef TIKHAUL_COORDINATOR_INGEST_CLAIM_KEEPER_H_
#define TIKHAUL_COORDINATOR_INGEST_CLAIM_KEEPER_H_

#include <functional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "coordinator/fault_board.h"
#include "coordinator/ingest/chunk_service.h"
#include "coordinator/ingest/claim_table.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Used by one thread. Borrows what it is given.
class ClaimKeeper {
 public:
  // `has`: whether this coordinator has the shard.
  ClaimKeeper(Store& store, ClaimTable& claims, ChunkService& chunks, FaultBoard& faults,
              std::function<bool(int shard)> has)
      : store_(store), claims_(claims), chunks_(chunks), faults_(faults), has_(std::move(has)) {}

  // One round. About once a second.
  void Tick();

 private:
  using Running = std::set<std::pair<ChunkId, uint64_t>>;  // chunk and epoch

  void EndStrays(const Running& running);
  void ReturnOrphans(const Running& running);

  Store& store_;
  ClaimTable& claims_;
  ChunkService& chunks_;
  FaultBoard& faults_;
  const std::function<bool(int)> has_;
  // What did not fit at the last look. Between a grant and its stream's entry, or a stream's end and its record, there
  // is a moment: only what is seen twice is so.
  Running strays_, orphans_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_CLAIM_KEEPER_H_
