// The scripts of the limiter. Each runs as one step in Redis.
#ifndef TIKHAUL_COMMON_QUOTA_QUOTA_LUA_H_
#define TIKHAUL_COMMON_QUOTA_QUOTA_LUA_H_

#include <string>

namespace tikhaul {

// All take the keys LOG, MINUTE and STATE (see quota_lua.cc) and begin with the arguments: calls per second, per
// minute, per day, guard in microseconds. Their own arguments follow from ARGV[5] on. Times in answers are
// microseconds.
struct QuotaLua {
  std::string acquire;  // wanted, rank -> {outcome, wait, member...}; outcomes below
  std::string refund;   // member... -> number given back
  std::string freeze;   // duration -> 1
  std::string state;    // -> {open, frozen for, used today, in the second's window, in the minute's, limit in permille}
  std::string seed;     // generation, used today, used in the last minute -> 1 seeded, 0 was open
};
const QuotaLua& QuotaScriptTexts();

enum class QuotaOutcome { kGranted = 0, kWait = 1, kClosed = 2, kFrozen = 3, kDayUsedUp = 4 };

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_QUOTA_QUOTA_LUA_H_
