// Time as a parameter: nothing outside this folder reads a clock by itself.
#ifndef TIKHAUL_COMMON_BASE_CLOCK_H_
#define TIKHAUL_COMMON_BASE_CLOCK_H_

#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace tikhaul {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock: for calendars, records and people. May jump.
  virtual absl::Time Now() const = 0;
  // Time since an arbitrary start; never goes back. For time-outs and rates.
  virtual absl::Duration Monotonic() const = 0;
};

// The machine's clocks. `offset` shifts the wall clock only (trials against a simulated API of another date).
class SystemClock : public Clock {
 public:
  explicit SystemClock(absl::Duration offset = absl::ZeroDuration()) : offset_(offset) {}
  absl::Time Now() const override;
  absl::Duration Monotonic() const override;

 private:
  const absl::Duration offset_;
};

// Stands still until told to move. For tests and simulations.
class ManualClock : public Clock {
 public:
  explicit ManualClock(absl::Time now = absl::FromUnixSeconds(1'700'000'000)) : now_(now) {}
  absl::Time Now() const override;
  absl::Duration Monotonic() const override;
  void Advance(absl::Duration by);

 private:
  mutable Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
  absl::Duration monotonic_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_CLOCK_H_
