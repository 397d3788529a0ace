#include "tests/simulation/memory_store.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tests/simulation/memory_members.h"

namespace tikhaul {

std::shared_ptr<const MemoryState> MemoryDatabase::state() const {
  MutexLock lock(mu_);
  return state_;
}

void MemoryDatabase::set_state(MemoryState state) {
  auto next = std::make_shared<const MemoryState>(std::move(state));
  MutexLock lock(mu_);
  state_.swap(next);
}

absl::Status MemoryDatabase::Write(const std::function<absl::Status(MemoryTransaction&, const MemoryState&)>& work,
                                   const Fate& fate) {
  MutexLock lock(writer_);
  const std::shared_ptr<const MemoryState> before = state();
  MemoryState after = *before;
  const std::unique_ptr<MemoryTransaction> transaction =
      fate.make ? fate.make(after) : std::make_unique<MemoryTransaction>(after);
  RETURN_IF_ERROR(work(*transaction, *before));
  if (fate.before_commit) RETURN_IF_ERROR(fate.before_commit(*before, after));
  set_state(std::move(after));
  return fate.after_commit ? fate.after_commit(*before, *state()) : absl::OkStatus();
}

MemoryStore::MemoryStore(MemoryState state) {
  std::vector<std::string> earlier;
  for (const auto& [id, member] : *state.members) earlier.push_back(id);
  for (const std::string& id : earlier) RemoveMember(id, state);
  self_ = absl::StrCat("memory-", state.last_term + 1);
  Member self;
  self.id = self_;
  term_ = JoinMember(std::move(self), absl::InfiniteDuration(), state);
  database_.set_state(std::move(state));
}

absl::Status MemoryStore::Write(const std::function<absl::Status(StoreTransaction&)>& work) {
  return database_.Write([&](MemoryTransaction& tx, const MemoryState& before) -> absl::Status {
    if (!IsMember(before, self_, term_)) return absl::FailedPreconditionError("this store was given up");
    return work(tx);
  });
}

absl::Status MemoryStore::Read(const std::function<absl::Status(StoreReader&)>& work) {
  const std::shared_ptr<const MemoryState> now = database_.state();
  MemoryReader reader(*now);
  return work(reader);
}

absl::StatusOr<Roll> MemoryStore::Renew() { return RollOf(*database_.state(), absl::ZeroDuration()); }

absl::Status MemoryStore::Resign() {
  MemoryState state = *database_.state();
  RemoveMember(self_, state);
  database_.set_state(std::move(state));
  return absl::OkStatus();
}

}  // namespace tikhaul
