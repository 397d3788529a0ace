// Keeps the fleet's quota open: seeds it after Redis forgot, remembers in the store what was used, measures the rate.
#ifndef TIKHAUL_COORDINATOR_DISPATCH_QUOTA_KEEPER_H_
#define TIKHAUL_COORDINATOR_DISPATCH_QUOTA_KEEPER_H_

#include <map>
#include <string>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/quota/limiter.h"
#include "coordinator/core/rates.h"
#include "coordinator/dispatch/quota_lease.h"
#include "coordinator/fault_board.h"
#include "coordinator/store/store.h"

namespace tikhaul {

struct QuotaReport {
  bool known = false;  // false until Redis has answered once
  bool frozen = false;
  std::string state;  // "open", "frozen for 12 s", "closed: ..."
  uint64_t used_today = 0;
  uint64_t used_last_second = 0, used_last_minute = 0;
  absl::Duration frozen_for = absl::ZeroDuration();
  double limit_factor = 1;      // as in QuotaState
  bool open = false;            // Redis grants calls, or will when the freeze is over
  double calls_per_second = 0;  // over the last 10 s
};

// Tick() belongs to one thread; the others are thread-safe. Borrows what it is given. Quota days are UTC days of the
// real clock, whatever the offset of the coordinator's calendar: pass a clock without offset.
class QuotaKeeper {
 public:
  QuotaKeeper(RedisOptions redis, std::string app, QuotaLimits limits, Store& store, const Clock& real_clock,
              FaultBoard& faults);

  // Several times a second.
  void Tick() ABSL_LOCKS_EXCLUDED(mu_);
  QuotaReport Report() const ABSL_LOCKS_EXCLUDED(mu_);
  // For workers that cannot reach Redis.
  QuotaLender& lender() { return lease_; }

 private:
  // Asks Redis, and keeps the quota open there for a while, unless it was away: then only a state that is looked at
  // first may be kept open.
  absl::StatusOr<QuotaState> AskRedis();
  // Redis is back: what was leased meanwhile is counted there before anybody is granted something.
  absl::Status Settle(const QuotaState& state);
  void RedisIsAway(const absl::Status& status);
  absl::Status Seed();
  void Remember(const QuotaState& state);
  // Under which name the store keeps a path's calls.
  std::string RecordOf(const std::string& path) const;

  QuotaScripts scripts_;
  QuotaLease lease_;
  const std::string app_;
  const QuotaLimits limits_;
  Store& store_;
  const Clock& clock_;
  FaultBoard& faults_;
  bool reachable_ = false;       // Redis answered the last time
  absl::Duration closes_at_;     // Redis grants nothing after this (monotonic), as far as we keep it open
  absl::Duration not_alone_at_;  // when another coordinator was last seen to keep it open
  QuotaState last_;              // what Redis last said, and when
  absl::Duration last_at_ = -absl::InfiniteDuration();
  absl::Duration saved_at_ = absl::ZeroDuration();
  uint64_t saved_calls_ = 0;
  std::map<std::string, uint64_t> saved_endpoints_;
  uint64_t seen_calls_ = 0;

  mutable Mutex mu_;
  QuotaReport report_ ABSL_GUARDED_BY(mu_);
  RateMeter rate_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_DISPATCH_QUOTA_KEEPER_H_
