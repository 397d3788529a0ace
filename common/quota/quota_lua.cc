#include "common/quota/quota_lua.h"

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

// What Redis keeps, all with the app's hash tag, so that the scripts run on one server of a cluster:
//   LOG     zset: one member per call granted in the last 1 s + guard, score = instant of the grant; and one mark at
//   +inf,
//           so that the key is there even when nothing was granted
//   MINUTE  hash: second -> calls granted in it, for the last 61 s + guard; and the mark "open"
//   STATE   hash: generation, run (run_id of the server that was seeded), seq, last (instant of the last grant),
//           day and used (calls of that UTC day), before (calls of the day before), frozen (until),
//           factor and factored (limits in permille, and when they were last cut)
// The quota is open only when all three are there and the server is the one that was seeded: after a flush, an
// eviction, a restart (with or without data) or a failover the windows may not hold what was granted, so nothing is
// granted until the coordinator has seeded them. A clock that went back by more than a second closes it too.
//
// Midnight: our clock and the API's may disagree about the day for a moment. What was granted in the second before
// midnight counts for both days, and so does what is granted in the second after it.
//
// Lua's numbers are doubles: microseconds since 1970 fit exactly until the year 2255, but must be printed with text().
constexpr char kPrelude[] = R"lua(
local LOG, MINUTE, STATE = KEYS[1], KEYS[2], KEYS[3]
local PER_SECOND, PER_MINUTE = tonumber(ARGV[1]), tonumber(ARGV[2])
local PER_DAY, GUARD = tonumber(ARGV[3]), tonumber(ARGV[4])
local SECOND, DAY = 1000000, 86400000000
local KEEP_MS = 172800000

local time = redis.call('TIME')
local now = time[1] * SECOND + time[2]
local today = math.floor(now / DAY)

local function text(number) return string.format('%.0f', number) end
local function get(field) return tonumber(redis.call('HGET', STATE, field) or 0) or 0 end
local function run_id() return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') end

local function is_open()
  if redis.call('EXISTS', LOG, MINUTE, STATE) ~= 3 then return false end
  local seeded = redis.call('HMGET', STATE, 'generation', 'run')
  if not seeded[1] or seeded[2] ~= run_id() then return false end
  return get('last') - now <= SECOND
end

local function keep()
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, KEEP_MS) end
end

-- Permille of the limits that is granted: cut by freezes, plus one per cent for each minute since the last cut.
local function factor()
  local cut = redis.call('HMGET', STATE, 'factor', 'factored')
  if not cut[1] then return 1000 end
  return math.min(1000, cut[1] + 10 * math.floor((now - cut[2]) / (60 * SECOND)))
end
local function limit(full) return math.max(1, math.floor(full * factor() / 1000)) end

-- Calls in LOG that still count. The mark is not one of them.
local function second_used()
  redis.call('ZREMRANGEBYSCORE', LOG, '-inf', text(now - SECOND - GUARD))
  return redis.call('ZCARD', LOG) - 1
end

-- Seconds of MINUTE that still count, oldest first, and their sum. A second leaves as a whole, one minute and the guard
-- after its end.
local function leaves_at(second) return (second + 61) * SECOND + GUARD end
local function minute_used()
  local seconds, used = {}, 0
  local all = redis.call('HGETALL', MINUTE)
  for i = 1, #all, 2 do
    local second, count = tonumber(all[i]), tonumber(all[i + 1])
    if second and leaves_at(second) <= now then
      redis.call('HDEL', MINUTE, all[i])
    elseif second then
      seconds[#seconds + 1] = {second = second, count = count}
      used = used + count
    end
  end
  table.sort(seconds, function(a, b) return a.second < b.second end)
  return seconds, used
end
)lua";

constexpr char kAcquire[] = R"lua(
local WANTED, RANK = tonumber(ARGV[5]), tonumber(ARGV[6])
local HERD = 2000  -- a free place is taken within this time, however far apart the places are
local GRANTED, WAIT, CLOSED, FROZEN, DAY_USED_UP = 0, 1, 2, 3, 4

if not is_open() then return {CLOSED, 0} end
keep()
local frozen = get('frozen')
if frozen > now then return {FROZEN, frozen - now} end

local in_second = second_used()
if today > get('day') then
  local before = today == get('day') + 1 and get('used') or 0
  redis.call('HSET', STATE, 'day', today, 'before', text(before), 'used', in_second)
end
local since_midnight = now - today * DAY
local free_today = PER_DAY - get('used')
if free_today <= 0 then return {DAY_USED_UP, DAY + SECOND - since_midnight} end
if since_midnight < SECOND then free_today = math.min(free_today, PER_DAY - get('before')) end
if free_today <= 0 then return {DAY_USED_UP, SECOND - since_midnight} end

local seconds, in_minute = minute_used()
local second_limit, minute_limit = limit(PER_SECOND), limit(PER_MINUTE)
local granted = math.min(WANTED, free_today, second_limit - in_second, minute_limit - in_minute)

if granted < 1 then
  local wait = 1
  if in_second >= second_limit then  -- until the RANK-th of those that must go has gone, or HERD after the first
    local function gone_in(rank)
      local index = math.min(in_second, in_second - second_limit + rank) - 1
      return redis.call('ZRANGE', LOG, index, index, 'WITHSCORES')[2] + SECOND + GUARD - now
    end
    wait = math.max(wait, math.min(gone_in(RANK), gone_in(1) + HERD))
  end
  if in_minute >= minute_limit then
    local must_go = math.min(in_minute, in_minute - minute_limit + RANK)
    for _, bucket in ipairs(seconds) do
      must_go = must_go - bucket.count
      if must_go <= 0 then
        wait = math.max(wait, leaves_at(bucket.second) - now)
        break
      end
    end
  end
  return {WAIT, wait}
end

local last = redis.call('HINCRBY', STATE, 'seq', granted)
local generation = redis.call('HGET', STATE, 'generation')
local answer = {GRANTED, 0}
for seq = last - granted + 1, last do
  local member = generation .. ':' .. text(seq)
  redis.call('ZADD', LOG, text(now), member)
  answer[#answer + 1] = member
end
redis.call('HINCRBY', MINUTE, text(math.floor(now / SECOND)), granted)
redis.call('HINCRBY', STATE, 'used', granted)
if since_midnight < SECOND then redis.call('HINCRBY', STATE, 'before', granted) end
redis.call('HSET', STATE, 'last', text(now))
return answer
)lua";

// Members of another generation are not in LOG, so they change nothing.
constexpr char kRefund[] = R"lua(
local refunded = 0
for i = 5, #ARGV do
  local granted_at = redis.call('ZSCORE', LOG, ARGV[i])
  if granted_at and tonumber(granted_at) > now - SECOND - GUARD then
    redis.call('ZREM', LOG, ARGV[i])
    local second = text(math.floor(granted_at / SECOND))
    if tonumber(redis.call('HGET', MINUTE, second) or 0) > 0 then redis.call('HINCRBY', MINUTE, second, -1) end
    if get('used') > 0 then redis.call('HINCRBY', STATE, 'used', -1) end
    refunded = refunded + 1
  end
end
return refunded
)lua";

// Answers that are already on their way when the first "too many requests" comes are cut once, together.
constexpr char kFreeze[] = R"lua(
local SMALLEST_FACTOR = 500
local until_then = now + tonumber(ARGV[5])
if until_then > get('frozen') then redis.call('HSET', STATE, 'frozen', text(until_then)) end
if now - get('factored') > SECOND then
  local cut = math.max(SMALLEST_FACTOR, math.floor(factor() * 0.9))
  redis.call('HSET', STATE, 'factor', cut, 'factored', text(now))
end
keep()
return 1
)lua";

constexpr char kState[] = R"lua(
local frozen_for = math.max(0, get('frozen') - now)
if not is_open() then return {0, frozen_for, 0, 0, 0, factor()} end
local used_today = today > get('day') and 0 or get('used')
local _, in_minute = minute_used()
return {1, frozen_for, used_today, second_used(), in_minute, factor()}
)lua";

// The worst that can have been granted before is: the second's limit just now and in every second before it, up to the
// minute's limit. `before` of the day before need not be known: by the time of the first grant it no longer counts.
constexpr char kSeed[] = R"lua(
if is_open() then return 0 end
redis.call('DEL', LOG, MINUTE)
redis.call('ZADD', LOG, '+inf', 'mark')
for i = 1, PER_SECOND do redis.call('ZADD', LOG, text(now), 'seed:' .. i) end
redis.call('HSET', MINUTE, 'open', 1)
local left = math.min(PER_MINUTE, tonumber(ARGV[7]))
local second = math.floor(now / SECOND)
while left > 0 and leaves_at(second) > now do
  redis.call('HSET', MINUTE, text(second), text(math.min(left, PER_SECOND)))
  left = left - PER_SECOND
  second = second - 1
end
redis.call('HSET', STATE, 'generation', ARGV[5], 'run', run_id(), 'seq', 0, 'last', text(now), 'day', today,
           'used', ARGV[6], 'before', 0)
keep()
return 1
)lua";

}  // namespace

const QuotaLua& QuotaScriptTexts() {
  static const QuotaLua& texts =
      *new QuotaLua{absl::StrCat(kPrelude, kAcquire), absl::StrCat(kPrelude, kRefund), absl::StrCat(kPrelude, kFreeze),
                    absl::StrCat(kPrelude, kState), absl::StrCat(kPrelude, kSeed)};
  return texts;
}

}  // namespace tikhaul
