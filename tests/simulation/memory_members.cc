#include "tests/simulation/memory_members.h"

#include <utility>

#include "tests/simulation/memory_transaction.h"

namespace tikhaul {

int64_t JoinMember(Member member, absl::Duration expires_at, MemoryState& state) {
  member.term = ++state.last_term;
  const std::string id = member.id;
  state.members.Edit()[id] = {std::move(member), expires_at};
  return state.last_term;
}

void RemoveMember(const std::string& id, MemoryState& state) {
  state.members.Edit().erase(id);
  for (Seat& seat : state.seats.Edit()) {
    if (seat.member != id) continue;
    seat.member.clear();
    ++seat.term;
  }
}

bool IsMember(const MemoryState& state, const std::string& id, int64_t term) {
  const auto found = state.members->find(id);
  return found != state.members->end() && found->second.member.term == term;
}

Roll RollOf(const MemoryState& state, absl::Duration now) {
  Roll roll{.members = {}, .seats = *state.seats};
  for (const auto& [id, one] : *state.members) {
    roll.members.push_back(one.member);
    roll.members.back().expired = one.expires_at < now;
  }
  return roll;
}

absl::StatusOr<Seat> MemoryReader::GetSeat(int number) { return (*state_.seats)[static_cast<size_t>(number)]; }

absl::Status MemoryTransaction::PutSeat(int number, const Seat& seat) {
  state_.seats.Edit()[static_cast<size_t>(number)] = seat;
  return absl::OkStatus();
}

}  // namespace tikhaul
