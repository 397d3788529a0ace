#include "coordinator/dispatch/quota_lease.h"

#include <algorithm>
#include <utility>

#include "common/base/civil.h"

namespace tikhaul {
namespace {

// A second's window, the widest guard, and what clocks may differ by in their pace.
constexpr absl::Duration kSilence = absl::Seconds(2);
constexpr absl::Duration kLongestWait = absl::Seconds(1);
// Without Redis the steps of penalties are not kept: what follows an over-limit answer is the minute's.
constexpr absl::Duration kPenalty = absl::Minutes(5);

}  // namespace

QuotaLease::QuotaLease(RedisOptions redis, std::string app, QuotaLimits limits, const Clock& clock)
    : limits_(limits), clock_(clock), scripts_(std::move(redis), std::move(app), std::move(limits)) {}

LeaseWindow QuotaLease::WindowOf(const LeaseLimits& limits, absl::Duration closed_at, uint64_t today) const {
  return LeaseWindow(limits, closed_at, limits.per_minute, DayIn(absl::UTCTimeZone(), clock_.Now()), today);
}

void QuotaLease::Allow(absl::Duration closed_at, const QuotaUse& used) {
  MutexLock lock(mu_);
  if (lease_.has_value()) return;
  const LeaseLimits app{limits_.per_second, limits_.per_minute, limits_.per_day, limits_.guard};
  Lease lease{.from = closed_at + kSilence, .app = WindowOf(app, closed_at, used.today), .endpoints = {}};
  for (const auto& [path, endpoint] : limits_.endpoints) {
    const auto today = used.endpoints_today.find(path);
    const LeaseLimits limits{endpoint.per_second, endpoint.per_minute, endpoint.per_day, limits_.guard};
    lease.endpoints.emplace(path, WindowOf(limits, closed_at, today == used.endpoints_today.end() ? 0 : today->second));
  }
  lease_.emplace(std::move(lease));
}

QuotaUse QuotaLease::UseOf(const Lease& lease) {
  QuotaUse use{.today = lease.app.today(), .last_minute = lease.app.last_minute(), .endpoints_today = {}};
  for (const auto& [path, window] : lease.endpoints) use.endpoints_today[path] = window.today();
  return use;
}

QuotaUse QuotaLease::End() {
  MutexLock lock(mu_);
  const QuotaUse use = lease_.has_value() ? UseOf(*lease_) : QuotaUse();
  lease_.reset();
  return use;
}

std::optional<QuotaUse> QuotaLease::Leased() const {
  MutexLock lock(mu_);
  if (!lease_.has_value() || clock_.Monotonic() < lease_->from) return std::nullopt;
  return UseOf(*lease_);
}

absl::StatusOr<QuotaScripts::Grant> QuotaLease::Acquire(const std::vector<QuotaScripts::Wanted>& wanted,
                                                        uint32_t most) {
  {
    MutexLock lock(mu_);
    if (lease_.has_value()) return Take(*lease_, wanted, most);
  }
  MutexLock lock(redis_mu_);
  return scripts_.Acquire(wanted, most);
}

QuotaScripts::Grant QuotaLease::Take(Lease& lease, const std::vector<QuotaScripts::Wanted>& wanted,
                                     uint32_t most) const {
  QuotaScripts::Grant grant;
  const absl::Duration now = clock_.Monotonic(), blocked_until = std::max(lease.from, lease.frozen_until);
  if (now < blocked_until) {
    grant.wait = std::min(blocked_until - now, kLongestWait);
    return grant;
  }
  const absl::CivilDay day = DayIn(absl::UTCTimeZone(), clock_.Now());
  absl::Duration wait = kLongestWait;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto endpoint = lease.endpoints.find(wanted[i].token_class.path);
    const bool limited = endpoint != lease.endpoints.end();
    uint64_t count = std::min<uint64_t>({wanted[i].count, most - grant.count(), lease.app.Free(now, day)});
    if (limited) count = std::min(count, endpoint->second.Free(now, day));
    if (count == 0) wait = std::min(wait, limited ? endpoint->second.Wait(now) : lease.app.Wait(now));
    lease.app.Take(now, count);
    if (limited) endpoint->second.Take(now, count);
    for (uint64_t token = 0; token < count; ++token) grant.tokens.push_back({i, ""});
  }
  grant.wait = wait;
  return grant;
}

absl::Status QuotaLease::Throttled(absl::Duration age) {
  {
    MutexLock lock(mu_);
    if (lease_.has_value()) {
      const absl::Duration now = clock_.Monotonic();
      if (now - age > lease_->frozen_until) lease_->frozen_until = now + kPenalty;
      return absl::OkStatus();
    }
  }
  MutexLock lock(redis_mu_);
  return scripts_.Throttled(age).status();
}

}  // namespace tikhaul
