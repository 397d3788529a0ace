// One quota for the whole fleet, kept in Redis: window log with guard and use-by (queue-notes.md 3.3), per second, minute
// and day, all of one app. Fails closed: when Redis does not know the generation, nothing is granted until the
// coordinator's keeper has seeded the windows again.
#ifndef TIKHAUL_COMMON_QUOTA_LIMITER_H_
#define TIKHAUL_COMMON_QUOTA_LIMITER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/redis/redis.h"

namespace tikhaul {

struct QuotaLimits {
  uint32_t per_second = 10;
  uint32_t per_minute = 600;
  uint64_t per_day = 864000;
  // Grants are counted over window + guard; a token may be used for `use_by` after the question was sent to Redis.
  // guard >= use_by + the variation of the way to the API. Best use of a 1 s window: 1 / (1 + guard).
  absl::Duration guard = absl::Milliseconds(15);
  absl::Duration use_by = absl::Milliseconds(5);
};

// Right to send one request until `use_by` on the monotonic clock of this process.
struct Token {
  std::string member;              // entry in the window log, for refunds
  absl::Duration use_by;           // Clock::Monotonic() by which the request must leave
};

struct QuotaState {
  bool open = false;               // false: closed (no generation, or Redis unreachable: then a status instead)
  absl::Duration frozen_for = absl::ZeroDuration();
  uint64_t used_today = 0;
  uint64_t used_last_second = 0, used_last_minute = 0;
};

// The Redis side: scripts only, no waiting. Used by one thread at a time. Time is Redis's own.
class QuotaScripts {
 public:
  // Keys begin with "tikhaul:quota:{<app>}:": shared by all installations that use the app.
  QuotaScripts(RedisOptions redis, std::string app, QuotaLimits limits);

  struct Grant {
    uint32_t count = 0;            // 0: wait, closed or frozen
    std::vector<std::string> members;
    absl::Duration wait = absl::ZeroDuration();  // when count is 0: ask again after
    bool closed = false;
    absl::Duration frozen_for = absl::ZeroDuration();
    bool day_is_used_up = false;
  };
  absl::StatusOr<Grant> Acquire(uint32_t wanted);
  // Gives back what was provably not sent.
  absl::Status Refund(const std::vector<std::string>& members);
  // No grants for `duration`; a longer freeze stays. Called when the API says "too many requests".
  absl::Status Freeze(absl::Duration duration);
  absl::StatusOr<QuotaState> State();
  // Opens a closed quota: a new generation, short windows seeded as if full, the UTC day with `used_today`. Nothing
  // happens when it is open.
  absl::Status Seed(uint64_t used_today);

 private:
  RedisConnection redis_;
  std::string app_;
  QuotaLimits limits_;
};

// A process's source of tokens: one thread asks Redis for those who wait, first come first served. Thread-safe.
class TokenAgent {
 public:
  TokenAgent(RedisOptions redis, std::string app, QuotaLimits limits, const Clock& clock);
  ~TokenAgent();  // waits that are left get CANCELLED

  // Calls `ready` from the agent's thread with a token as soon as there is one, or with CANCELLED. `ready` must not
  // block. The id is for CancelWait.
  using Ready = std::function<void(absl::StatusOr<Token>)>;
  uint64_t RequestToken(Ready ready);
  // `ready` of that wait is not called after this returns (unless it was called before).
  void CancelWait(uint64_t id);
  void Refund(Token token);
  // Tell everyone to stop for a while: the API said "too many requests".
  void Freeze(absl::Duration duration);
  // Why nothing is granted now ("Redis cannot be reached: ...", "closed until the coordinator has opened it", "frozen
  // for 4 min 10 s", "day's quota is used up"); empty while tokens flow.
  std::string Obstacle() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_QUOTA_LIMITER_H_
