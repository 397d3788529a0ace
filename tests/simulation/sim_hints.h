// Redis as far as hints are concerned: loses, doubles, reorders, forgets, and comes back with what it once held.
#ifndef TIKHAUL_TESTS_SIMULATION_SIM_HINTS_H_
#define TIKHAUL_TESTS_SIMULATION_SIM_HINTS_H_

#include <optional>
#include <string>
#include <vector>

#include "common/queue/hint_queue.h"
#include "tests/simulation/world.h"

namespace tikhaul {

class SimHints {
 public:
  explicit SimHints(World& world) : world_(world) {}

  struct Entry {
    uint64_t number = 0;
    ChunkId chunk = 0;
    std::string coordinator;  // address; empty: any
    HintOrder order = HintOrder::kUsual;
    std::optional<absl::Duration> popped;  // when somebody took it
  };

  bool away() const { return !world_.calm() && world_.scheduler().now() < away_until_; }
  void StayAway(absl::Duration until) { away_until_ = until; }
  void Push(HintOrder order, ChunkId chunk, const std::string& coordinator);
  void Clear() { entries_.clear(); }
  size_t depth() const;  // of usual hints
  const std::string& generation() const { return generation_; }

  // Any hint that nobody took, or that was taken by somebody who has been silent for long; half of the time one that
  // goes first, if there is one.
  std::optional<Entry> Pop();
  void Spend(uint64_t number);

  void Flush();
  void Remember() { remembered_ = entries_; }
  void Restore() { entries_ = remembered_; }
  void LoseSome();
  void DoubleAll();

 private:
  World& world_;
  std::vector<Entry> entries_, remembered_;
  uint64_t last_number_ = 0;
  uint64_t generations_ = 1;
  std::string generation_ = "1";
  absl::Duration away_until_ = -absl::InfiniteDuration();
};

// What a coordinator sees of it.
class SimHintSink final : public HintSink {
 public:
  SimHintSink(World& world, Process& process, SimHints& hints) : world_(world), process_(process), hints_(hints) {}
  absl::Status Push(HintOrder order, const std::vector<ChunkId>& chunks, const HintAddresses& addresses) override;
  absl::StatusOr<uint64_t> Depth() override;
  absl::StatusOr<std::string> Generation() override;
  absl::Status Clear() override;

 private:
  absl::Status Reach();

  World& world_;
  Process& process_;
  SimHints& hints_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_SIM_HINTS_H_
