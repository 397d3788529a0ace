// Joins the column groups of a chunk to whole rows, in bounded memory.
#ifndef TIKHAUL_COORDINATOR_INGEST_GROUP_JOIN_H_
#define TIKHAUL_COORDINATOR_INGEST_GROUP_JOIN_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/ingest/chunk_rows.h"
#include "coordinator/spool/spool.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// What a join holds in memory at a time, roughly.
inline constexpr uint64_t kJoinBytes = 16 << 20;

// Borrowed while the join is read.
struct JoinInput {
  const GroupColumns* columns = nullptr;
  const ChunkSpool* spool = nullptr;
};

// Rows of at least two groups, joined by their key columns, which all have in the same order. What does not fit into
// `join_bytes` is first parted by keys into spools of `pool`, each of which fits. RESOURCE_EXHAUSTED, UNAVAILABLE:
// there is no room for that. Next: FAILED_PRECONDITION when a group lacks a row of another or holds a key twice.
absl::StatusOr<std::unique_ptr<RowSource>> JoinGroups(std::vector<JoinInput> inputs, SpoolPool& pool,
                                                      uint64_t join_bytes);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_GROUP_JOIN_H_
