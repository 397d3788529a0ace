#include "simulator/virtual_clock.h"

namespace tikhaul::simulator {

absl::Time VirtualClock::Now() const {
  const absl::Duration passed = real_.Monotonic() - began_;
  MutexLock lock(mu_);
  return start_ + passed + advanced_;
}

void VirtualClock::Advance(absl::Duration by) {
  MutexLock lock(mu_);
  advanced_ += by;
}

}  // namespace tikhaul::simulator
