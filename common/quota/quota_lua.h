// The scripts of the limiter. Each runs as one step in Redis.
#ifndef TIKHAUL_COMMON_QUOTA_QUOTA_LUA_H_
#define TIKHAUL_COMMON_QUOTA_QUOTA_LUA_H_

#include <string>

namespace tikhaul {

// All take the keys LOG, MINUTE, STATE, ENDPOINT_LOG, ENDPOINTS, DEMAND and SHARES (see quota_lua.cc) and begin with
// the arguments: calls per second, per minute, per day, guard in microseconds. Their own arguments follow from ARGV[5]
// on. Times in answers are microseconds. "Limits" are calls per second, minute and day of a path; without a path they
// are unused.
struct QuotaLua {
  // most, rank, reserve in permille, process, then per class: wanted, connection, weight, increment (0, 1), path,
  // limits
  // -> {outcome, wait, (class, member)...}; with tokens, not 0 in place of `wait`: answers are to be reported
  std::string acquire;
  std::string refund;     // member... -> number given back
  std::string throttled;  // age, jitter -> {frozen for, 1 when this was a new one}
  std::string answered;   // age -> 1
  // keep until, keeper -> {open, frozen for, used today, in the second's window, in the minute's, limit in permille,
  // added
  //     to the guard, whole, now, alone, (path, used today)...}
  std::string state;
  // generation, used today, used in the last minute, anyway (0, 1), keep for, keeper, then per path: path, calls per
  // second, per minute, used today
  // -> 1 seeded, 0 was open
  std::string seed;
};
const QuotaLua& QuotaScriptTexts();

enum class QuotaOutcome { kGranted = 0, kWait = 1, kClosed = 2, kFrozen = 3, kDayUsedUp = 4, kEndpointUsedUp = 5 };

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_QUOTA_QUOTA_LUA_H_
