// The simulator's own time: starts where it is told, runs on in real time, and can be moved forward.
#ifndef TIKHAUL_SIMULATOR_VIRTUAL_CLOCK_H_
#define TIKHAUL_SIMULATOR_VIRTUAL_CLOCK_H_

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace tikhaul::simulator {

// Thread-safe. `real` is borrowed and must outlive the clock; only its monotonic side is read.
class VirtualClock : public Clock {
 public:
  VirtualClock(absl::Time start, const Clock& real) : start_(start), real_(real), began_(real.Monotonic()) {}
  absl::Time Now() const override;
  // The monotonic time of `real`: quota windows and latencies are never moved.
  absl::Duration Monotonic() const override { return real_.Monotonic(); }
  // `by` must not be negative.
  void Advance(absl::Duration by);

 private:
  const absl::Time start_;
  const Clock& real_;
  const absl::Duration began_;
  mutable Mutex mu_;
  absl::Duration advanced_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_VIRTUAL_CLOCK_H_
