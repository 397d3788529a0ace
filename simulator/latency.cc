#include "simulator/latency.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "simulator/hash.h"

namespace tikhaul::simulator {
namespace {

// In (0, 1).
double Uniform(uint64_t hash) { return (static_cast<double>(hash >> 11) + 0.5) / 9007199254740992.0; }

}  // namespace

absl::StatusOr<Latency> Latency::Parse(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  Latency latency;
  const bool constant = parts.size() == 1 && absl::SimpleAtod(parts[0], &latency.median_ms_);
  const bool spread = parts.size() == 3 && parts[0] == "lognormal" && absl::SimpleAtod(parts[1], &latency.median_ms_) &&
                      absl::SimpleAtod(parts[2], &latency.sigma_);
  if ((!constant && !spread) || !(latency.median_ms_ >= 0) || !(latency.sigma_ >= 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("latency \"", text, "\": write milliseconds (50) or lognormal:MEDIAN_MS:SIGMA"));
  }
  return latency;
}

absl::Duration Latency::OfCall(uint64_t number) const {
  if (sigma_ == 0) return absl::Milliseconds(median_ms_);
  constexpr double kTwoPi = 6.283185307179586;
  const double normal = std::sqrt(-2 * std::log(Uniform(Mix(number, 1)))) * std::cos(kTwoPi * Uniform(Mix(number, 2)));
  return absl::Milliseconds(median_ms_ * std::exp(sigma_ * normal));
}

}  // namespace tikhaul::simulator
