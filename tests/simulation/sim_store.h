// The store as one coordinator reaches it: with an unreliable way to it, and with the auditor looking at every commit.
#ifndef TIKHAUL_TESTS_SIMULATION_SIM_STORE_H_
#define TIKHAUL_TESTS_SIMULATION_SIM_STORE_H_

#include <optional>
#include <string>
#include <utility>

#include "tests/simulation/auditor.h"
#include "tests/simulation/memory_store.h"
#include "tests/simulation/world.h"

namespace tikhaul {

// The database itself.
struct SimDatabase {
  MemoryDatabase memory;
  bool shared = false;  // by several coordinators; else whoever opens it ends the membership of the one before
  absl::Duration away_until = -absl::InfiniteDuration(), full_until = -absl::InfiniteDuration();
};

class SimStore final : public Store {
 public:
  SimStore(World& world, Process& process, SimDatabase& database, Auditor& auditor)
      : world_(world), process_(process), database_(database), auditor_(auditor) {}

  // A new start of the process; its name is its address.
  absl::Status Open();

  absl::Status Write(const std::function<absl::Status(StoreTransaction&)>& work) override {
    return WriteTo(work, /*rows=*/false);
  }
  absl::Status WriteRows(const std::function<absl::Status(StoreTransaction&)>& work) override {
    return WriteTo(work, /*rows=*/true);
  }
  absl::Status Read(const std::function<absl::Status(StoreReader&)>& work) override;
  std::string Self() const override { return self_; }
  absl::StatusOr<Roll> Renew() override;
  absl::StatusOr<bool> Evict(const std::string& member) override;
  absl::Status Resign() override;
  std::string InstanceId() const override { return "simulated"; }
  std::string Describe() const override { return "the simulated store"; }

  // The chunk and epoch of the session whose message is being handled: for broken fences.
  void set_session(std::optional<std::pair<ChunkId, uint64_t>> session) { session_ = session; }
  const std::optional<std::pair<ChunkId, uint64_t>>& session() const { return session_; }

 private:
  absl::Status WriteTo(const std::function<absl::Status(StoreTransaction&)>& work, bool rows);
  std::function<std::unique_ptr<MemoryTransaction>(MemoryState&)> BrokenTransaction(bool rows) const;
  absl::Status Reach(bool write);
  absl::Duration Expiry() const;

  World& world_;
  Process& process_;
  SimDatabase& database_;
  Auditor& auditor_;
  std::string self_;
  int64_t term_ = 0;
  std::optional<std::pair<ChunkId, uint64_t>> session_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_SIM_STORE_H_
