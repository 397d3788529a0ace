// A coordinator process: the shipped services over a simulated store, queue and network. What Coordinator (coordinator/
// coordinator.cc) does in threads are events here.
#ifndef TIKHAUL_TESTS_SIMULATION_SIM_COORDINATOR_H_
#define TIKHAUL_TESTS_SIMULATION_SIM_COORDINATOR_H_

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "coordinator/runs/run_service.h"
#include "tests/simulation/environment.h"
#include "tests/simulation/sim_hints.h"
#include "tests/simulation/sim_store.h"
#include "tests/simulation/sim_stream.h"

namespace tikhaul {

class SimCoordinator final : public Process {
 public:
  struct Surroundings {
    World& world;
    Environment& environment;
    SimDatabase& database;
    SimHints& hints;
    Auditor& auditor;
    absl::Time began;      // wall time at the beginning of the world
    bool learned = false;  // see Environment::config
  };

  SimCoordinator(std::string name, const Surroundings& around);
  ~SimCoordinator() override;

  void Start();
  // As SIGTERM: streams are ended without blame, then the process goes.
  void Stop();
  void Bury() override;
  bool serving() const { return alive && !doomed && ready_; }
  bool leads() const;

  // An operator's call; the answer may not come. Nothing happens while another one is under way.
  void Call(
      const std::function<absl::Status(RunService& runs, Store& store, const Clock& clock)>& call,
      std::function<void(const absl::Status&)> answer = [](const absl::Status&) {});

  ProcessClock& clock() { return clock_; }
  // A publication is under way.
  bool publishing() const;

  // --- for streams ---
  void Accept(const std::shared_ptr<SimStream>& stream) { streams_.push_back(stream); }
  std::unique_ptr<ExtractSession> NewSession(SimStream& stream);
  // Gives the one before.
  std::optional<std::pair<ChunkId, uint64_t>> SetSession(std::optional<std::pair<ChunkId, uint64_t>> session);

 private:
  struct Parts;
  struct LeadParts;

  void Begin();
  void BeginTicks();
  // Runs `tick` now and then, `next` later each time.
  void Repeat(std::function<void()> tick, std::function<absl::Duration()> next);
  void MoveSeats();
  void FollowLead();
  void Dispatch();
  void Wake();

  const Surroundings around_;
  ProcessClock clock_;
  SimStore store_;
  std::unique_ptr<Parts> parts_;
  std::unique_ptr<LeadParts> lead_;  // while this one leads
  std::vector<std::weak_ptr<SimStream>> streams_;
  bool ready_ = false, woken_ = false;
  bool calling_ = false, dispatching_ = false;  // the lead's threads are inside it
  absl::Duration pause_;                        // between rounds of dispatch, longer while nothing happens
  uint64_t rounds_ = 0;                         // of them, the one that is scheduled
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_SIM_COORDINATOR_H_
