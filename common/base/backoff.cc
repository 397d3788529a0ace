#include "common/base/backoff.h"

#include <algorithm>

#include "absl/random/random.h"

namespace tikhaul {

absl::Duration BackoffDelay(const BackoffPolicy& policy, int failures, double random) {
  const int doublings = std::clamp(failures - 1, 0, 30);
  const absl::Duration whole = std::min(policy.cap, policy.first * static_cast<double>(int64_t{1} << doublings));
  return whole * (0.5 + random / 2);
}

double RandomUnit() {
  thread_local absl::BitGen generator;
  return absl::Uniform(generator, 0.0, 1.0);
}

}  // namespace tikhaul
