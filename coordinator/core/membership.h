// Who holds which seat: decided by each coordinator for itself, from the same roll, by the same rule. Pure decisions.
//
// Wrong views do no harm: a seat changes hands in a transaction of the store, and what a member may write is decided
// there (store.h, Store::Renew).
#ifndef TIKHAUL_COORDINATOR_CORE_MEMBERSHIP_H_
#define TIKHAUL_COORDINATOR_CORE_MEMBERSHIP_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/model/chunk.h"
#include "common/model/member.h"

namespace tikhaul {

// The shard of all chunks of an advertiser of a connection. Never changes.
int ShardOf(absl::string_view connection, absl::string_view advertiser);
inline int ShardOf(const Chunk& chunk) { return ShardOf(chunk.connection, chunk.advertiser); }

// The member with this id; nullptr when there is none.
const Member* FindMember(const Roll& roll, absl::string_view id);

// Who has the seat; nullptr while nobody has.
const Member* HolderOf(const Roll& roll, int seat);

// The seat is about to go from its holder to another member.
bool IsMoving(const Roll& roll, int seat);

struct SeatMoves {
  std::vector<std::string> evict;        // members whose time is over
  std::vector<int> take;                 // free seats that are this member's
  std::map<int, std::string> hand_over;  // seats of this member that are another's, and whose
};

// What `self` does next. Each seat belongs to one of the members that are not expired, chosen by hashing, so that few
// seats move when members come and go; the lead stays where it is as long as its holder is there.
SeatMoves DecideSeats(const Roll& roll, absl::string_view self);

// A running chunk whose shard has changed hands: ready again, under a new epoch, without blame.
Chunk AfterMove(const Chunk& chunk);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_MEMBERSHIP_H_
