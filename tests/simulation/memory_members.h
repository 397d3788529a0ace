// The members and seats of a MemoryState (store.h). Instants are of the store's own clock.
#ifndef TIKHAUL_TESTS_SIMULATION_MEMORY_MEMBERS_H_
#define TIKHAUL_TESTS_SIMULATION_MEMORY_MEMBERS_H_

#include <string>

#include "tests/simulation/memory_state.h"

namespace tikhaul {

// Under a term that no member had before, which is returned.
int64_t JoinMember(Member member, absl::Duration expires_at, MemoryState& state);
// Frees its seats, too.
void RemoveMember(const std::string& id, MemoryState& state);
bool IsMember(const MemoryState& state, const std::string& id, int64_t term);
Roll RollOf(const MemoryState& state, absl::Duration now);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_MEMORY_MEMBERS_H_
