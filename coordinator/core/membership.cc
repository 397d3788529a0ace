#include "coordinator/core/membership.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/base/digest.h"

namespace tikhaul {
namespace {

// Those between whom the seats are shared.
std::vector<const Member*> Candidates(const Roll& roll) {
  std::vector<const Member*> active, passive;
  for (const Member& member : roll.members) {
    if (!member.expired) (member.passive ? passive : active).push_back(&member);
  }
  return active.empty() ? passive : active;
}

// Rendezvous hashing: the candidate with the highest figure for this seat. Empty when there is none.
std::string WantedHolder(const std::vector<const Member*>& candidates, int seat) {
  const auto figure = [seat](const Member* member) { return StableHash(member->id, static_cast<uint64_t>(seat) + 1); };
  const auto best = std::max_element(candidates.begin(), candidates.end(),
                                     [&](const Member* a, const Member* b) { return figure(a) < figure(b); });
  return best == candidates.end() ? "" : (*best)->id;
}

// The lead stays where it is, unless that is a passive member.
bool MayMove(const Roll& roll, int seat, absl::string_view holder) {
  if (seat != kLeadSeat) return true;
  const Member* const member = FindMember(roll, holder);
  return member != nullptr && member->passive;
}

}  // namespace

int ShardOf(absl::string_view connection, absl::string_view advertiser) {
  return static_cast<int>(StableHash(absl::StrCat(connection, "\n", advertiser)) % kShards);
}

const Member* FindMember(const Roll& roll, absl::string_view id) {
  const auto found =
      std::find_if(roll.members.begin(), roll.members.end(), [&](const Member& member) { return member.id == id; });
  return found == roll.members.end() ? nullptr : &*found;
}

const Member* HolderOf(const Roll& roll, int seat) {
  return roll.seats.empty() ? nullptr : FindMember(roll, roll.seats[static_cast<size_t>(seat)].member);
}

bool IsMoving(const Roll& roll, int seat) {
  const Member* const holder = HolderOf(roll, seat);
  return holder != nullptr && WantedHolder(Candidates(roll), seat) != holder->id && MayMove(roll, seat, holder->id);
}

SeatMoves DecideSeats(const Roll& roll, absl::string_view self) {
  SeatMoves moves;
  for (const Member& member : roll.members) {
    if (member.expired && member.id != self) moves.evict.push_back(member.id);
  }
  const std::vector<const Member*> candidates = Candidates(roll);
  for (int number = 0; number < static_cast<int>(roll.seats.size()); ++number) {
    const std::string& holder = roll.seats[static_cast<size_t>(number)].member;
    const bool free = FindMember(roll, holder) == nullptr;
    if (!free && holder != self) continue;
    const std::string wanted = WantedHolder(candidates, number);
    if (free && wanted == self) moves.take.push_back(number);
    if (!free && !wanted.empty() && wanted != self && MayMove(roll, number, self)) moves.hand_over[number] = wanted;
  }
  return moves;
}

Chunk AfterMove(const Chunk& chunk) {
  Chunk moved = chunk;
  moved.state = ChunkState::kReady;
  ++moved.epoch;
  moved.owner.clear();
  moved.hinted_at = absl::InfinitePast();
  return moved;
}

}  // namespace tikhaul
