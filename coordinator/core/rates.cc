#include "coordinator/core/rates.h"

#include <algorithm>

namespace tikhaul {

RateMeter::RateMeter(absl::Duration window) : step_(window / kSteps) {}

int64_t RateMeter::Advance(absl::Duration now) {
  absl::Duration rest;
  const int64_t step = std::max(absl::IDivDuration(now, step_, &rest), newest_.value_or(0));
  const int64_t passed = newest_.has_value() ? step - *newest_ : kSteps;
  if (passed >= kSteps) {
    events_.fill(0);
  } else {
    for (int64_t i = 0; i < passed; ++i) events_[static_cast<size_t>((step - i) % kSteps)] = 0;
  }
  newest_ = step;
  return step;
}

void RateMeter::Add(absl::Duration now, uint64_t events) {
  if (!started_.has_value()) started_ = now;
  events_[static_cast<size_t>(Advance(now) % kSteps)] += events;
}

double RateMeter::PerSecond(absl::Duration now) {
  if (!started_.has_value()) return 0;
  // The newest step is not over yet: the time covered is nine steps and what has passed of the newest.
  const absl::Duration begin = Advance(now) * step_ - (kSteps - 1) * step_;
  const absl::Duration covered = std::max(step_, now - std::max(begin, *started_));
  uint64_t events = 0;
  for (const uint64_t of_step : events_) events += of_step;
  return static_cast<double>(events) / absl::ToDoubleSeconds(covered);
}

std::optional<absl::Duration> Eta(double remaining, double per_second) {
  if (remaining <= 0) return absl::ZeroDuration();
  if (!(per_second > 0)) return std::nullopt;
  return absl::Seconds(remaining / per_second);
}

}  // namespace tikhaul
