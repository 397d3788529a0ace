#include "tests/simulation/sim_store.h"

#include "common/base/status_macros.h"
#include "tests/simulation/memory_members.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kMembership = absl::Seconds(8);  // as StoreOptions

// Believes that the session still owns its chunk.
class Credulous final : public MemoryTransaction {
 public:
  Credulous(MemoryState& state, std::pair<ChunkId, uint64_t> session) : MemoryTransaction(state), session_(session) {}
  absl::StatusOr<std::optional<Chunk>> GetChunk(ChunkId id) override {
    absl::StatusOr<std::optional<Chunk>> chunk = MemoryTransaction::GetChunk(id);
    if (id != session_.first || !chunk.ok() || !chunk->has_value()) return chunk;
    (*chunk)->state = ChunkState::kRunning;
    (*chunk)->epoch = session_.second;
    return chunk;
  }

 private:
  const std::pair<ChunkId, uint64_t> session_;
};

// Sees no pauses.
class Restless final : public MemoryTransaction {
 public:
  using MemoryTransaction::MemoryTransaction;
  absl::StatusOr<std::vector<Pause>> ListPauses() override { return std::vector<Pause>(); }
};

// Sees itself on every seat.
class Greedy final : public MemoryTransaction {
 public:
  Greedy(MemoryState& state, std::string self) : MemoryTransaction(state), self_(std::move(self)) {}
  absl::StatusOr<Seat> GetSeat(int number) override {
    absl::StatusOr<Seat> seat = MemoryTransaction::GetSeat(number);
    seat->member = self_;
    return seat;
  }

 private:
  const std::string self_;
};

// Takes every hint that was ever pushed for one that will be claimed.
class Trusting final : public MemoryReader {
 public:
  using MemoryReader::MemoryReader;
  absl::StatusOr<std::vector<Chunk>> ListDispatchable(Dispatchable which, absl::Time now, absl::Time,
                                                      size_t limit) override {
    return MemoryReader::ListDispatchable(which, now, absl::FromUnixSeconds(1), limit);
  }
};

// Does not see that chunks run.
class Careless final : public MemoryReader {
 public:
  using MemoryReader::MemoryReader;
  absl::StatusOr<std::vector<Chunk>> ListChunks(const ChunkFilter& filter, ChunkId after, size_t limit) override {
    if (filter.state == ChunkState::kRunning && filter.run_id.empty() && filter.extract.empty())
      return std::vector<Chunk>();
    return MemoryReader::ListChunks(filter, after, limit);
  }
};

}  // namespace

absl::Status SimStore::Reach(bool write) {
  world_.Effect(process_);
  if (world_.calm()) return absl::OkStatus();
  const absl::Duration now = world_.scheduler().now();
  if (now < database_.away_until) return absl::UnavailableError("the database is away");
  if (write && now < database_.full_until) return absl::ResourceExhaustedError("the disk is full");
  return absl::OkStatus();
}

absl::Status SimStore::Read(const std::function<absl::Status(StoreReader&)>& work) {
  RETURN_IF_ERROR(Reach(/*write=*/false));
  const auto state = database_.memory.state();
  if (world_.broken() == Broken::kLostHints) {
    Trusting reader(*state);
    return work(reader);
  }
  if (world_.broken() == Broken::kOrphans) {
    Careless reader(*state);
    return work(reader);
  }
  MemoryReader reader(*state);
  return work(reader);
}

std::function<std::unique_ptr<MemoryTransaction>(MemoryState&)> SimStore::BrokenTransaction(bool rows) const {
  const Broken fence = rows ? Broken::kEpochAtPublish : Broken::kEpochAtFailure;
  if (world_.broken() == fence && session_.has_value())
    return [this](MemoryState& state) { return std::make_unique<Credulous>(state, *session_); };
  if (world_.broken() == Broken::kPauses) return [](MemoryState& state) { return std::make_unique<Restless>(state); };
  if (world_.broken() == Broken::kSeats)
    return [this](MemoryState& state) { return std::make_unique<Greedy>(state, self_); };
  return nullptr;
}

absl::Status SimStore::WriteTo(const std::function<absl::Status(StoreTransaction&)>& work, bool rows) {
  RETURN_IF_ERROR(Reach(/*write=*/true));
  MemoryDatabase::Fate fate;
  const auto audit = [this](const MemoryState& before, const MemoryState& after) {
    auditor_.Committed(before, after, process_, {.id = self_, .term = term_});
  };
  fate.before_commit = [&](const MemoryState& before, MemoryState& after) -> absl::Status {
    if (world_.Fault(world_.weather().kill_inside, Met::kKilledBeforeCommit)) world_.DieHere(process_);
    if (!world_.Fault(world_.weather().commit_fails, Met::kCommitFailed)) return absl::OkStatus();
    if (world_.broken() == Broken::kHalfTransactions) {
      MemoryState half = before;
      half.tables = after.tables;
      database_.memory.set_state(half);
      audit(before, half);
    }
    return absl::UnavailableError("the commit failed");
  };
  fate.after_commit = [&](const MemoryState& before, const MemoryState& after) -> absl::Status {
    audit(before, after);
    if (world_.Fault(world_.weather().kill_inside, Met::kKilledAfterCommit)) world_.DieHere(process_);
    if (world_.Fault(world_.weather().commit_unheard, Met::kCommitUnheard))
      return absl::UnavailableError("the connection broke at the commit");
    return absl::OkStatus();
  };
  fate.make = BrokenTransaction(rows);
  const absl::Status status = database_.memory.Write(
      [&](MemoryTransaction& tx, const MemoryState& before) -> absl::Status {
        if (!IsMember(before, self_, term_)) {
          world_.Note(Met::kEvictedWrite);
          if (world_.broken() != Broken::kMembers) return absl::UnavailableError("this coordinator was evicted");
        }
        return work(tx);
      },
      fate);
  world_.Effect(process_);
  return status;
}

absl::Duration SimStore::Expiry() const {
  return database_.shared ? world_.scheduler().now() + kMembership : absl::InfiniteDuration();
}

absl::Status SimStore::Open() {
  self_ = absl::StrCat(process_.name, "-", process_.incarnation);
  RETURN_IF_ERROR(Reach(/*write=*/true));
  MemoryState state = *database_.memory.state();
  if (!database_.shared) {
    while (!state.members->empty()) RemoveMember(std::string(state.members->begin()->first), state);
  }
  term_ = JoinMember({.id = self_, .address = process_.name}, Expiry(), state);
  database_.memory.set_state(std::move(state));
  return absl::OkStatus();
}

absl::StatusOr<Roll> SimStore::Renew() {
  RETURN_IF_ERROR(Reach(/*write=*/true));
  if (database_.shared) {
    MemoryState state = *database_.memory.state();
    if (IsMember(state, self_, term_)) {
      state.members.Edit()[self_].expires_at = Expiry();
    } else {
      world_.Note(Met::kEvicted);
      term_ = JoinMember({.id = self_, .address = process_.name}, Expiry(), state);
    }
    database_.memory.set_state(std::move(state));
  }
  return RollOf(*database_.memory.state(), world_.scheduler().now());
}

absl::StatusOr<bool> SimStore::Evict(const std::string& member) {
  RETURN_IF_ERROR(Reach(/*write=*/true));
  MemoryState state = *database_.memory.state();
  const auto found = state.members->find(member);
  if (found == state.members->end() || found->second.expires_at >= world_.scheduler().now()) return false;
  world_.Trace(process_.name, " evicts ", member);
  RemoveMember(member, state);
  database_.memory.set_state(std::move(state));
  return true;
}

absl::Status SimStore::Resign() {
  RETURN_IF_ERROR(Reach(/*write=*/true));
  MemoryState state = *database_.memory.state();
  RemoveMember(self_, state);
  database_.memory.set_state(std::move(state));
  return absl::OkStatus();
}

}  // namespace tikhaul
