#include "coordinator/core/lease_window.h"

#include <algorithm>

namespace tikhaul {
namespace {

constexpr absl::Duration kShortestWait = absl::Milliseconds(1);
constexpr absl::Duration kDayIsUsedUp = absl::Seconds(10);  // then look again

}  // namespace

LeaseWindow::LeaseWindow(const LeaseLimits& limits, absl::Duration closed_at, uint64_t last_minute, absl::CivilDay day,
                         uint64_t today)
    : limits_(limits), per_second_(std::max<uint64_t>(1, limits.per_second * 4ull / 5)), day_(day), used_today_(today) {
  // As late as the second's limit allows: the worst for us.
  const uint64_t before = std::min<uint64_t>(last_minute, limits.per_minute);
  const uint64_t full = std::max<uint64_t>(1, limits.per_second);
  for (uint64_t i = 0; i < before; ++i) {
    granted_.push_front(closed_at - absl::Seconds(static_cast<int64_t>(i / full)));
  }
}

size_t LeaseWindow::InSecond(absl::Duration now) const {
  const absl::Duration oldest = now - absl::Seconds(1) - limits_.guard;
  return static_cast<size_t>(granted_.end() - std::upper_bound(granted_.begin(), granted_.end(), oldest));
}

uint64_t LeaseWindow::Free(absl::Duration now, absl::CivilDay day) {
  if (day != day_) {
    day_ = day;
    // What was granted in the last second may arrive on the new day.
    used_today_ = leased_today_ = InSecond(now);
  }
  while (!granted_.empty() && granted_.front() <= now - absl::Minutes(1) - limits_.guard) granted_.pop_front();
  const uint64_t minute = limits_.per_minute - std::min<uint64_t>(granted_.size(), limits_.per_minute);
  const uint64_t second = per_second_ - std::min<uint64_t>(InSecond(now), per_second_);
  const uint64_t today = limits_.per_day - std::min<uint64_t>(used_today_, limits_.per_day);
  return std::min({minute, second, today});
}

absl::Duration LeaseWindow::Wait(absl::Duration now) const {
  if (used_today_ >= limits_.per_day) return kDayIsUsedUp;
  absl::Duration wait = kShortestWait;
  if (granted_.size() >= limits_.per_minute) {
    wait = std::max(wait, granted_[granted_.size() - limits_.per_minute] + absl::Minutes(1) + limits_.guard - now);
  }
  if (InSecond(now) >= per_second_) {
    wait = std::max(wait, granted_[granted_.size() - per_second_] + absl::Seconds(1) + limits_.guard - now);
  }
  return wait;
}

void LeaseWindow::Take(absl::Duration now, uint64_t calls) {
  granted_.insert(granted_.end(), calls, now);
  used_today_ += calls;
  leased_today_ += calls;
}

}  // namespace tikhaul
