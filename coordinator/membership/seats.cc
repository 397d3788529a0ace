#include "coordinator/membership/seats.h"

#include <set>

#include "common/base/status_macros.h"
#include "coordinator/core/membership.h"

namespace tikhaul {
namespace {

absl::Status ReadyRunning(StoreTransaction& tx, const std::set<int>& shards) {
  ChunkFilter filter;
  filter.state = ChunkState::kRunning;
  ASSIGN_OR_RETURN(const std::vector<Chunk> running, tx.ListChunks(filter, 0, 0));
  for (const Chunk& chunk : running) {
    if (shards.contains(ShardOf(chunk))) RETURN_IF_ERROR(tx.UpdateChunk(AfterMove(chunk)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MoveSeats(Store& store, const Roll& roll, const std::vector<int>& seats, const std::string& member) {
  return store.Write([&](StoreTransaction& tx) -> absl::Status {
    std::set<int> moved;
    for (const int number : seats) {
      ASSIGN_OR_RETURN(Seat seat, tx.GetSeat(number));
      if (seat.term != roll.seats[static_cast<size_t>(number)].term) continue;
      ++seat.term;
      seat.member = member;
      RETURN_IF_ERROR(tx.PutSeat(number, seat));
      moved.insert(number);
    }
    return moved.empty() ? absl::OkStatus() : ReadyRunning(tx, moved);
  });
}

}  // namespace tikhaul
