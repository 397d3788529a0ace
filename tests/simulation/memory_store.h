// A store in memory that lives as long as its object: fast, and ready to fail at any point. For tests; it keeps the
// contract of the real ones (tests/contract/store).
#ifndef TIKHAUL_TESTS_SIMULATION_MEMORY_STORE_H_
#define TIKHAUL_TESTS_SIMULATION_MEMORY_STORE_H_

#include <functional>
#include <memory>
#include <string>

#include "common/base/mutex.h"
#include "tests/simulation/memory_state.h"
#include "tests/simulation/memory_transaction.h"

namespace tikhaul {

// States one after the other, each made by a transaction. Thread-safe.
class MemoryDatabase {
 public:
  // What befalls one transaction. Either may throw, which is how a process dies in a simulation.
  struct Fate {
    // Not OK: the commit fails, nothing of it is left.
    std::function<absl::Status(const MemoryState& before, MemoryState& after)> before_commit;
    // The commit took place; what is returned here is what the caller hears of it.
    std::function<absl::Status(const MemoryState& before, const MemoryState& after)> after_commit;
    // Makes the transaction that the work sees, where it is not to be as it should.
    std::function<std::unique_ptr<MemoryTransaction>(MemoryState& state)> make;
  };

  absl::Status Write(const std::function<absl::Status(MemoryTransaction&, const MemoryState&)>& work,
                     const Fate& fate = {}) ABSL_LOCKS_EXCLUDED(writer_, mu_);
  std::shared_ptr<const MemoryState> state() const ABSL_LOCKS_EXCLUDED(mu_);
  void set_state(MemoryState state) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Mutex writer_;  // held by the transaction that is open
  mutable Mutex mu_;
  std::shared_ptr<const MemoryState> state_ ABSL_GUARDED_BY(mu_) = std::make_shared<const MemoryState>();
};

// For one coordinator: opening it ends the membership of the one before, as with a SQLite file. Thread-safe.
class MemoryStore : public Store {
 public:
  explicit MemoryStore(MemoryState state = {});

  absl::Status Write(const std::function<absl::Status(StoreTransaction&)>& work) override;
  absl::Status Read(const std::function<absl::Status(StoreReader&)>& work) override;
  std::string Self() const override { return self_; }
  absl::StatusOr<Roll> Renew() override;
  absl::StatusOr<bool> Evict(const std::string&) override { return false; }
  absl::Status Resign() override;
  std::string InstanceId() const override { return "memory"; }
  std::string Describe() const override { return "memory"; }

  MemoryDatabase& database() { return database_; }

 private:
  MemoryDatabase database_;
  std::string self_;
  int64_t term_ = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_MEMORY_STORE_H_
