// One world from its first backfill to its last: days of life with faults, then calm, then a look at everything.
#ifndef TIKHAUL_TESTS_SIMULATION_SIMULATION_H_
#define TIKHAUL_TESTS_SIMULATION_SIMULATION_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/auditor.h"
#include "tests/simulation/environment.h"
#include "tests/simulation/sim_coordinator.h"
#include "tests/simulation/sim_worker.h"

namespace tikhaul {

class Simulation {
 public:
  // Counts in `met` what happens. `trace`, when not null, is told everything.
  Simulation(Environment& environment, uint64_t seed, Broken broken, MetCounts& met,
             std::vector<std::string>* trace = nullptr);

  // What does not hold; empty when all does.
  std::string Run();
  uint64_t events() { return world_.scheduler().events_run(); }

 private:
  absl::Time TrueTime() { return began_ + world_.scheduler().now(); }
  SimCoordinator& AnyCoordinator();
  // The one that leads, as far as somebody does.
  SimCoordinator& Lead();

  void MakeActors();
  // --- phases.cc ---
  void Live();
  void CalmDown();
  void WaitForEnd(const std::string& what);
  void ReadEverythingAgain();
  void Backfill();
  void Sync();
  void KeepAsking(std::function<absl::Status(RunService&, Store&, const Clock&)> call);
  bool AllEnded();
  bool DeadWaitForRetry();

  // --- misfortunes.cc ---
  void Misfortune();
  void BeUnlucky();
  void Freeze(Process& process, Met met);
  void StoreTrouble();
  void RedisTrouble();
  void ApiTrouble();
  void OperatorActs();
  void JumpClock();

  World world_;
  Environment& environment_;
  const absl::Time began_;
  const absl::TimeZone zone_;
  const int history_days_;
  SimDatabase database_;
  ApiWeather api_;
  Auditor auditor_;
  SimHints hints_;
  std::vector<std::unique_ptr<SimCoordinator>> coordinators_;
  std::vector<std::unique_ptr<SimWorker>> workers_;
  absl::CivilDay first_;  // of the history that is wanted
  std::shared_ptr<const MemoryState> seen_;
  int backfills_ = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_SIMULATION_H_
