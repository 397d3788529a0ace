// Exponential waiting with full jitter.
#ifndef TIKHAUL_COMMON_BASE_BACKOFF_H_
#define TIKHAUL_COMMON_BASE_BACKOFF_H_

#include "absl/time/time.h"

namespace tikhaul {

struct BackoffPolicy {
  absl::Duration first = absl::Seconds(1);
  absl::Duration cap = absl::Minutes(10);
};

// How long to wait after failure number `failures` (from 1). `random` is uniform in [0, 1): the wait lies between half
// and the whole of first * 2^(failures - 1), cut at the cap.
absl::Duration BackoffDelay(const BackoffPolicy& policy, int failures, double random);

// A uniform random number in [0, 1). Thread-safe.
double RandomUnit();

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_BACKOFF_H_
