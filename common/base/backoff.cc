#include "common/base/backoff.h"

#include <algorithm>
#include <random>

namespace tikhaul {

absl::Duration BackoffDelay(const BackoffPolicy& policy, int failures, double random) {
  const int doublings = std::clamp(failures - 1, 0, 30);
  const absl::Duration whole = std::min(policy.cap, policy.first * static_cast<double>(int64_t{1} << doublings));
  return whole * (0.5 + random / 2);
}

// The standard generator and not abseil's, whose shared seed pool thread sanitizer cannot see into (docs/adr/0003).
double RandomUnit() {
  thread_local std::mt19937_64 generator(std::random_device{}());
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace tikhaul
