// One quota for the whole fleet, kept in Redis: window log with guard and use-by (queue-notes.md 3.3), per second,
// minute and day, all of one app, and of the paths that have limits of their own. Fails closed: when Redis does not
// know the generation, nothing is granted until the coordinator's keeper has seeded the windows again. Why it is built
// like this: queue-notes.md 3.1 and 3.2; the scripts and what they keep in Redis: quota_lua.cc.
#ifndef TIKHAUL_COMMON_QUOTA_LIMITER_H_
#define TIKHAUL_COMMON_QUOTA_LIMITER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/redis/redis.h"

namespace tikhaul {

struct EndpointLimits {
  uint32_t per_second = 0;
  uint32_t per_minute = 0;
  uint64_t per_day = 0;
};

struct QuotaLimits {
  uint32_t per_second = 10;
  uint32_t per_minute = 600;
  uint64_t per_day = 864000;
  // Grants are counted over window + guard; a token may be used for `use_by` after the question was sent to Redis.
  // guard >= use_by + the variation of the way to the API. Best use of a 1 s window: 1 / (1 + guard). The minute is
  // counted in steps of one second, which is its guard: best use 60 / 61.
  absl::Duration guard = absl::Milliseconds(15);
  absl::Duration use_by = absl::Milliseconds(5);
  // Paths whose calls count in windows of their own as well, with the same guard (tiktok-api.md 3.3 and 2.4).
  std::map<std::string, EndpointLimits> endpoints = {};
  // Who gets how much of what is short: connections by weight (1 where none stands here), and first of all increments,
  // up to this part of the second's limit. What one does not want is the others'.
  std::map<std::string, uint32_t> weights = {};
  double increment_reserve = 0.1;
};

// A third of `guard` is a token's time of use, the rest is for the variation of the way to the API
// (queue-notes.md 3.1).
inline QuotaLimits LimitsWithGuard(uint32_t per_second, uint32_t per_minute, uint64_t per_day, absl::Duration guard) {
  QuotaLimits limits;
  limits.per_second = per_second;
  limits.per_minute = per_minute;
  limits.per_day = per_day;
  limits.guard = guard;
  limits.use_by = guard / 3;
  return limits;
}

// What the quota wants to know of a call.
struct TokenClass {
  std::string connection = {};  // empty: the coordinator's own calls, a share of their own
  bool increment = false;
  std::string path = {};  // below the base URL: "report/task/create/"

  auto operator<=>(const TokenClass&) const = default;
};

// Right to send one request of that class until `use_by` on the monotonic clock of this process.
struct Token {
  TokenClass token_class;
  std::string member;     // entry in the window log, for refunds
  absl::Duration use_by;  // Clock::Monotonic() by which the request must leave
};

struct QuotaState {
  bool open = false;   // tokens are granted
  bool whole = false;  // Redis knows what was granted; closed all the same when no coordinator keeps it open
  absl::Time now = absl::InfinitePast();  // Redis's clock
  bool alone = false;                     // no other coordinator has kept it open since this one last did
  absl::Duration frozen_for = absl::ZeroDuration();
  uint64_t used_today = 0;  // of the UTC day by Redis's clock; 0 when closed, as are the next two
  uint64_t used_last_second = 0, used_last_minute = 0;  // entries that count now, those of a seed included
  // Part of the second's and minute's limits that is granted now: 1, less after "too many requests".
  double limit_factor = 1;
  absl::Duration guard_added = absl::ZeroDuration();  // after "too many requests"; goes back within an hour
  // Calls of the day on paths with limits of their own, where there were any; empty when closed.
  std::map<std::string, uint64_t> endpoints_today = {};
};

// The most that can have been used before a quota is opened.
struct QuotaUse {
  uint64_t today = 0;        // of the UTC day
  uint64_t last_minute = 0;  // the minute's limit is a safe value for the second
  std::map<std::string, uint64_t> endpoints_today = {};
};

// The Redis side: scripts only, no waiting. Used by one thread at a time. Time is Redis's own. All calls: UNAVAILABLE
// when Redis cannot be reached (what the call did is then unknown; grants that nobody took age out), INTERNAL when a
// script fails.
class QuotaScripts {
 public:
  // Keys begin with "tikhaul:quota:{<app>}:": shared by all installations that use the app. Limits of 0 mean 1.
  QuotaScripts(RedisOptions redis, std::string app, QuotaLimits limits);

  struct Wanted {
    TokenClass token_class;
    uint32_t count = 0;
  };
  struct Granted {
    size_t wanted = 0;  // index of the class in the question
    std::string member;
  };
  struct Grant {
    std::vector<Granted> tokens;  // empty: wait, closed or frozen
    size_t count() const { return tokens.size(); }
    // When there are none: ask again after this time, counted from the instant at which Redis answered. Never 0 then.
    absl::Duration wait = absl::ZeroDuration();
    bool closed = false;
    absl::Duration frozen_for = absl::ZeroDuration();
    bool day_is_used_up = false;
    bool endpoint_is_used_up = false;  // there are calls left, but not on the paths that were named
    // The API said "too many requests" a short while ago: good answers are to be reported with Answered().
    bool on_probation = false;
  };
  // Up to `most` tokens for `wanted`, fewer when fewer are left. With none, `wait` is the time until as many as `rank`
  // of them are free, or until 2 ms after the first (rank >= 1; a random rank keeps many waiters from coming back at
  // one instant).
  absl::StatusOr<Grant> Acquire(const std::vector<Wanted>& wanted, uint32_t most, uint32_t rank = 1);
  // Gives back what was provably not sent. Tokens that have aged out of the second's window are not given back.
  absl::Status Refund(const std::vector<std::string>& members);
  // The API refused, as one too many, a request that left `age` ago: nothing is granted for 1 to 2 s; when the first
  // calls after that are refused, for 5 minutes; when those after that are, until 00:00 UTC. Each time 10 % come off
  // the limits of second and minute, down to half (they recover by 1 % a minute), and 5 ms are added to the guard, up
  // to 50 ms in all. Gives how long the quota is frozen now. A request that left before a freeze changes nothing.
  absl::StatusOr<absl::Duration> Throttled(absl::Duration age);
  // A request that left `age` ago was answered well: what was refused before it is no penalty that lasts.
  absl::Status Answered(absl::Duration age);
  // `keep_until`: by Redis's clock, until when the caller wants it to stay open; the past: no wish. Somebody must do so
  // all the time, so that a coordinator that cannot reach Redis knows from when on nothing is granted there.
  absl::StatusOr<QuotaState> State(absl::Time keep_until = absl::InfinitePast());
  // Opens a closed quota: a new generation, the second's windows as if full, the minute's with `used.last_minute` calls
  // laid as late as the second's limit lets them be, the UTC day with `used.today`. Nothing happens when the quota is
  // open.
  // `anyway`: also when it is open. `keep`: for how long it stays open unless State() says longer.
  absl::Status Seed(const QuotaUse& used, bool anyway = false, absl::Duration keep = absl::InfiniteDuration());

 private:
  absl::StatusOr<RedisReply> Run(const std::string& script, std::vector<std::string> arguments);

  RedisConnection redis_;
  const std::string process_;  // names this object to the others
  const std::vector<std::string> keys_;
  const QuotaLimits limits_;
};

// Where an agent asks while Redis cannot be reached: the coordinator. Thread-safe.
class QuotaLender {
 public:
  virtual ~QuotaLender() = default;
  // As QuotaScripts::Acquire; members are empty, and what is not used is lost. Any error: no coordinator.
  virtual absl::StatusOr<QuotaScripts::Grant> Acquire(const std::vector<QuotaScripts::Wanted>& wanted,
                                                      uint32_t most) = 0;
  // As QuotaScripts::Throttled, without an answer.
  virtual absl::Status Throttled(absl::Duration age) = 0;
};

// A process's source of tokens: one thread asks Redis for those who wait, within a class first come first served.
// Thread-safe. While
// Redis is away, the quota closed or frozen, or the day used up, waiters simply wait (fail closed).
class TokenAgent {
 public:
  // `clock` is borrowed and must outlive the agent. Time-outs of `redis` are cut to 1 s: later answers are of no use.
  // `lender`, borrowed as well, is asked when Redis has granted nothing for 3 s because it cannot be reached or is
  // closed.
  TokenAgent(RedisOptions redis, std::string app, QuotaLimits limits, const Clock& clock,
             QuotaLender* lender = nullptr);
  ~TokenAgent();  // waits that are left get CANCELLED

  // Calls `ready` from the agent's thread with a token as soon as there is one, or with CANCELLED. `ready` must not
  // block. The id is for CancelWait.
  using Ready = std::function<void(absl::StatusOr<Token>)>;
  uint64_t RequestToken(TokenClass token_class, Ready ready);
  // `ready` of that wait is not called after this returns (unless it was called before). Waits for a call of that
  // `ready` that is under way, so hold no lock that it takes; from within `ready` it returns at once.
  void CancelWait(uint64_t id);
  // For a token whose request provably did not leave. Done by the agent's thread; lost when Redis is away.
  void Refund(Token token);
  // A request that left at `sent` (monotonic) was refused as one too many. Stops this process at once, and the fleet as
  // soon as Redis has it (QuotaScripts::Throttled). False: it left before the pause that is under way, so that has been
  // told.
  bool Throttled(absl::Duration sent);
  // A request that left at `sent` was answered otherwise.
  void Answered(absl::Duration sent);
  // Why nothing is granted now ("Redis cannot be reached: ...", "closed until the coordinator has opened it", "frozen
  // for 4 min 10 s", "day's quota is used up"); empty while tokens flow.
  std::string Obstacle() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_QUOTA_LIMITER_H_
