// How many workers are wanted: no more than the backlog can use, and no more than the quota can feed. Pure.
#ifndef TIKHAUL_COORDINATOR_CORE_SCALING_H_
#define TIKHAUL_COORDINATOR_CORE_SCALING_H_

#include <array>
#include <cstdint>

#include "absl/time/time.h"

namespace tikhaul {

// Of one worker, and of all.
struct ScalingLimits {
  uint32_t slots = 1;            // chunks at once, of one
  uint32_t calls_in_flight = 1;  // at once, of one, at most
  uint32_t most = 1;             // workers
};

struct ScalingFacts {
  uint64_t runnable = 0;        // chunks that run, or may run now
  double calls_allowed = 0;     // by the quota, per second
  absl::Duration latency = {};  // of a call, on average
  double calls_under_way = 1;   // at once, on average, of a worker whose slots are all busy and that no quota holds up
};

struct WorkerNeeds {
  uint32_t by_backlog = 0;  // that can be kept busy
  uint32_t by_quota = 0;    // that use all of it, and one more
  uint32_t wanted = 0;      // the smaller of both, and no more than the limit
};

WorkerNeeds DecideWorkers(const ScalingFacts& facts, const ScalingLimits& limits);

// What the fleet did lately.
struct FleetPace {
  double calls_per_second = 0;
  double calls_under_way = 0;  // on average
  uint64_t running = 0;        // chunks
};

// Learns what calls are like, and gives the figure to scale by: it rises at once and falls only when less was wanted
// for kHold, so that a short pause sends nobody away. Times are Clock::Monotonic(). Not thread-safe.
class WorkerDemand {
 public:
  static constexpr absl::Duration kHold = absl::Minutes(1);

  explicit WorkerDemand(ScalingLimits limits);

  // `pace` is of a time in which the quota allowed `calls_allowed` per second.
  void Learn(const FleetPace& pace, double calls_allowed);
  // Chunks beyond which a longer backlog changes nothing: no more need be counted.
  uint64_t MostOfInterest(double calls_allowed) const;
  uint32_t Wanted(absl::Duration now, uint64_t runnable, double calls_allowed);
  const ScalingFacts& facts() const { return facts_; }  // that the last figure came from

 private:
  static constexpr int kSteps = 12;

  const ScalingLimits limits_;
  ScalingFacts facts_;
  std::array<uint32_t, kSteps> wanted_{};  // the most, of each step of the time that is held
  int64_t newest_ = 0;                     // number of the newest step
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_SCALING_H_
