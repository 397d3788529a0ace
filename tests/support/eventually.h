// Waiting for what other threads and processes do, with a deadline.
#ifndef TIKHAUL_TESTS_SUPPORT_EVENTUALLY_H_
#define TIKHAUL_TESTS_SUPPORT_EVENTUALLY_H_

#include <functional>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/process.h"

namespace tikhaul {

// Deadlines of tests tell what never happens from what happens slowly on a machine that has much else to do: they are
// long, and cost nothing where all is well.
inline constexpr absl::Duration kPatience = absl::Minutes(3);

// True as soon as `condition` holds; false when it has not within `deadline` of real time.
inline bool Eventually(const std::function<bool()>& condition, absl::Duration deadline = kPatience) {
  const SystemClock clock;
  const absl::Duration end = clock.Monotonic() + deadline;
  while (!condition()) {
    if (clock.Monotonic() >= end) return false;
    tikhaul::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_EVENTUALLY_H_
