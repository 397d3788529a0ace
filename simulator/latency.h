// How long answers take.
#ifndef TIKHAUL_SIMULATOR_LATENCY_H_
#define TIKHAUL_SIMULATOR_LATENCY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tikhaul::simulator {

// Immutable. The n-th call's latency is a function of n and the seed.
class Latency {
 public:
  Latency() = default;
  // "50" (milliseconds) or "lognormal:MEDIAN_MS:SIGMA". INVALID_ARGUMENT for other forms.
  static absl::StatusOr<Latency> Parse(absl::string_view text);
  absl::Duration OfCall(uint64_t number) const;

 private:
  double median_ms_ = 0;
  double sigma_ = 0;
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_LATENCY_H_
