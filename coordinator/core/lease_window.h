// What the coordinator may lease of the quota by itself, while Redis, which keeps the fleet's windows, is away.
#ifndef TIKHAUL_COORDINATOR_CORE_LEASE_WINDOW_H_
#define TIKHAUL_COORDINATOR_CORE_LEASE_WINDOW_H_

#include <cstdint>
#include <deque>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tikhaul {

// Of the app, or of one path.
struct LeaseLimits {
  uint32_t per_second = 1;
  uint32_t per_minute = 1;
  uint64_t per_day = 1;
  absl::Duration guard;  // added to second and minute, as in common/quota
};

// 80 % of the second's limit, at least 1; the minute and the day as they are, with what Redis granted before counted
// in. Exact sliding windows. Instants are Clock::Monotonic() and must not go back. Not thread-safe.
class LeaseWindow {
 public:
  // At most `last_minute` calls were granted up to `closed_at`, and `today` on that UTC day.
  LeaseWindow(const LeaseLimits& limits, absl::Duration closed_at, uint64_t last_minute, absl::CivilDay day,
              uint64_t today);

  // Calls that may be granted now.
  uint64_t Free(absl::Duration now, absl::CivilDay day);
  // When Free() is 0: how long until it may be more. Not past the end of the day.
  absl::Duration Wait(absl::Duration now) const;
  void Take(absl::Duration now, uint64_t calls);
  // What was taken from this object on the day of the last question, and what of the minute still counts.
  uint64_t today() const { return leased_today_; }
  uint64_t last_minute() const { return granted_.size(); }

 private:
  size_t InSecond(absl::Duration now) const;

  const LeaseLimits limits_;
  const uint64_t per_second_;
  std::deque<absl::Duration> granted_;  // within the last minute and guard, oldest first
  absl::CivilDay day_;
  uint64_t used_today_;
  uint64_t leased_today_ = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_LEASE_WINDOW_H_
