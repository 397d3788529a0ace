#include "common/base/clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace tikhaul {

absl::Time SystemClock::Now() const { return absl::Now() + offset_; }

absl::Duration SystemClock::Monotonic() const {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

absl::Time ManualClock::Now() const {
  MutexLock lock(mu_);
  return now_;
}

absl::Duration ManualClock::Monotonic() const {
  MutexLock lock(mu_);
  return monotonic_;
}

void ManualClock::Advance(absl::Duration by) {
  MutexLock lock(mu_);
  now_ += by;
  monotonic_ += by;
}

}  // namespace tikhaul
