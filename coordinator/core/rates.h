// How fast something goes, and when it will be done at that pace. For progress displays.
#ifndef TIKHAUL_COORDINATOR_CORE_RATES_H_
#define TIKHAUL_COORDINATOR_CORE_RATES_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace tikhaul {

// Events per second over the last `window`, in steps of a tenth of it. Times are Clock::Monotonic() and must not go
// back (an earlier time counts as the latest seen). Constant memory. Not thread-safe.
class RateMeter {
 public:
  explicit RateMeter(absl::Duration window = absl::Seconds(10));

  void Add(absl::Duration now, uint64_t events);
  // Younger meters divide by their age, at least one step; 0 before the first event.
  double PerSecond(absl::Duration now);

 private:
  static constexpr int kSteps = 10;
  // Empties the steps that `now` has left behind and returns the step it lies in.
  int64_t Advance(absl::Duration now);

  const absl::Duration step_;
  std::array<uint64_t, kSteps> events_{};
  std::optional<int64_t> newest_;          // number of the newest step seen
  std::optional<absl::Duration> started_;  // first event
};

// Time for `remaining` at `per_second`; nothing when there is no pace to judge by. Zero when nothing remains.
std::optional<absl::Duration> Eta(double remaining, double per_second);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_RATES_H_
