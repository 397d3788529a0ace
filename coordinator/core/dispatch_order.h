// Which chunks are hinted next, so that no connection and no advertiser starves behind a larger one.
#ifndef TIKHAUL_COORDINATOR_CORE_DISPATCH_ORDER_H_
#define TIKHAUL_COORDINATOR_CORE_DISPATCH_ORDER_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "common/model/chunk.h"

namespace tikhaul {

// What is already on its way (hinted or running), in chunks or in expected API calls, as long as it is always the same.
struct DispatchLoad {
  std::map<std::string, uint64_t> by_connection;
  std::map<std::pair<std::string, std::string>, uint64_t> by_advertiser;  // (connection, advertiser)
};

// At most `n` of `candidates`, in the order in which they should be hinted. Lower priority figures come first, always.
// Within one priority each next chunk goes to the connection with the least load, there to the advertiser with the
// least load, and of that advertiser it is the first candidate; every pick adds `cost_per_chunk` to both loads. Ties go
// to the candidate that stands first. `candidates` as StoreReader::ListDispatchable gives them: newest window first.
// Pure.
std::vector<ChunkId> PickFair(absl::Span<const Chunk> candidates, DispatchLoad load, size_t n,
                              uint64_t cost_per_chunk = 1);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_DISPATCH_ORDER_H_
