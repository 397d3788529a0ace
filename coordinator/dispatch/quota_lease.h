// Tokens for workers that cannot reach Redis: out of Redis when this process can, else leased (docs/adr).
#ifndef TIKHAUL_COORDINATOR_DISPATCH_QUOTA_LEASE_H_
#define TIKHAUL_COORDINATOR_DISPATCH_QUOTA_LEASE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/quota/limiter.h"
#include "coordinator/core/lease_window.h"

namespace tikhaul {

// Thread-safe. Borrows the clock, whose wall time names the UTC day.
class QuotaLease final : public QuotaLender {
 public:
  QuotaLease(RedisOptions redis, std::string app, QuotaLimits limits, const Clock& clock);

  // Redis grants nothing after `closed_at` (monotonic), and no more than `used.today` on this day; of the minute the
  // worst is taken. Leases from a full second's window after that on, at 80 % of the limits.
  void Allow(absl::Duration closed_at, const QuotaUse& used) ABSL_LOCKS_EXCLUDED(mu_);
  // Nothing is leased after this. What was since Allow().
  QuotaUse End() ABSL_LOCKS_EXCLUDED(mu_);
  // The same without an end; nothing when nothing may be leased now.
  std::optional<QuotaUse> Leased() const ABSL_LOCKS_EXCLUDED(mu_);

  absl::StatusOr<QuotaScripts::Grant> Acquire(const std::vector<QuotaScripts::Wanted>& wanted, uint32_t most) override
      ABSL_LOCKS_EXCLUDED(mu_, redis_mu_);
  absl::Status Throttled(absl::Duration age) override ABSL_LOCKS_EXCLUDED(mu_, redis_mu_);

 private:
  struct Lease {
    absl::Duration from;  // monotonic, as is the next
    absl::Duration frozen_until = -absl::InfiniteDuration();
    LeaseWindow app;
    std::map<std::string, LeaseWindow> endpoints;
  };
  QuotaScripts::Grant Take(Lease& lease, const std::vector<QuotaScripts::Wanted>& wanted, uint32_t most) const;
  LeaseWindow WindowOf(const LeaseLimits& limits, absl::Duration closed_at, uint64_t today) const;
  static QuotaUse UseOf(const Lease& lease);

  const QuotaLimits limits_;
  const Clock& clock_;
  Mutex redis_mu_;
  QuotaScripts scripts_ ABSL_GUARDED_BY(redis_mu_);
  mutable Mutex mu_;
  std::optional<Lease> lease_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_DISPATCH_QUOTA_LEASE_H_
