#include "common/quota/quota_lua.h"

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

// What Redis keeps, all with the app's hash tag, so that the scripts run on one server of a cluster:
//   LOG           zset: one member per call granted in the last 1 s + guard, score = instant of the grant; and one mark
//                 at +inf, so that the key is there even when nothing was granted
//   MINUTE        hash: second -> calls granted in it, for the last 61 s + guard; and the mark "open"
//   STATE         hash: generation, run (run_id of the server that was seeded), seq, last (instant of the last grant),
//                 day and used (calls of that UTC day), before (calls of the day before), frozen (until),
//                 factor and factored (limits in permille, and when they were last cut)
//   ENDPOINT_LOG  as LOG, of the calls on paths that have limits of their own; the mark, too
//   ENDPOINTS     hash: "<path>" -> calls on it on the UTC day, "<path> <second>" -> as MINUTE; and the mark "open"
// Members are "<generation>:<seq>:<path>", the path empty when it has no limits of its own.
// The quota is open only when all of them are there and the server is the one that was seeded: after a flush, an
// eviction, a restart (with or without data) or a failover the windows may not hold what was granted, so nothing is
// granted until the coordinator has seeded them. A clock that went back by more than a second closes it too.
//
// Midnight: our clock and the API's may disagree about the day for a moment. What was granted in the second before
// midnight counts for both days, and so does what is granted in the second after it; on paths with limits of their own
// nothing is granted in that second.
//
// Lua's numbers are doubles: microseconds since 1970 fit exactly until the year 2255, but must be printed with text().
constexpr char kPrelude[] = R"lua(
local LOG, MINUTE, STATE, ENDPOINT_LOG, ENDPOINTS = unpack(KEYS)
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
  if redis.call('EXISTS', unpack(KEYS)) ~= 5 then return false end
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
local function older(a, b) return a.second < b.second end
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
  table.sort(seconds, older)
  return seconds, used
end

local function path_of(member) return string.match(member, '^[^:]*:[^:]*:(.*)$') end

-- path -> calls on it that count now: `at` (instants in the second's window), `seconds` and `in_minute`, `used` today.
local function endpoint_use()
  redis.call('ZREMRANGEBYSCORE', ENDPOINT_LOG, '-inf', text(now - SECOND - GUARD))
  local use = {}
  local function of(path)
    use[path] = use[path] or {at = {}, seconds = {}, in_minute = 0, used = 0}
    return use[path]
  end
  local log = redis.call('ZRANGE', ENDPOINT_LOG, 0, -2, 'WITHSCORES')
  for i = 1, #log, 2 do table.insert(of(path_of(log[i])).at, tonumber(log[i + 1])) end
  local all = redis.call('HGETALL', ENDPOINTS)
  for i = 1, #all, 2 do
    local path, second = string.match(all[i], '^(%S+) (%d+)$')
    local count = tonumber(all[i + 1])
    if not path then
      if all[i] ~= 'open' then of(all[i]).used = count end
    elseif leaves_at(tonumber(second)) <= now then
      redis.call('HDEL', ENDPOINTS, all[i])
    else
      local one = of(path)
      table.insert(one.seconds, {second = tonumber(second), count = count})
      one.in_minute = one.in_minute + count
    end
  end
  for _, one in pairs(use) do table.sort(one.seconds, older) end
  return use
end
)lua";

// The windows that a call counts in, the app's and those of its path, are "sets": limits, what is used of them, and
// granted_at(i), the instant of the i-th call in the second's window from 0 on, oldest first.
constexpr char kAcquire[] = R"lua(
local MOST, RANK = tonumber(ARGV[5]), tonumber(ARGV[6])
local HERD = 2000  -- a free place is taken within this time, however far apart the places are
local GRANTED, WAIT, CLOSED, FROZEN, DAY_USED_UP, ENDPOINT_USED_UP = 0, 1, 2, 3, 4, 5

if not is_open() then return {CLOSED, 0} end
keep()
local frozen = get('frozen')
if frozen > now then return {FROZEN, frozen - now} end

local wanted, on_endpoints = {}, false
for i = 7, #ARGV, 5 do
  local class = {number = #wanted + 1, count = tonumber(ARGV[i]), path = ARGV[i + 1]}
  class.per_second, class.per_minute, class.per_day = tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
  on_endpoints = on_endpoints or class.path ~= ''
  wanted[#wanted + 1] = class
end

local in_second = second_used()
if today > get('day') then
  local before = today == get('day') + 1 and get('used') or 0
  redis.call('HSET', STATE, 'day', today, 'before', text(before), 'used', in_second)
  for path, one in pairs(endpoint_use()) do redis.call('HSET', ENDPOINTS, path, #one.at) end
end
local since_midnight = now - today * DAY
local until_tomorrow = DAY + SECOND - since_midnight
local left_today = PER_DAY - get('used')
if left_today <= 0 then return {DAY_USED_UP, until_tomorrow} end
if since_midnight < SECOND then left_today = math.min(left_today, PER_DAY - get('before')) end
if left_today <= 0 then return {DAY_USED_UP, SECOND - since_midnight} end

local app = {per_second = limit(PER_SECOND), per_minute = limit(PER_MINUTE), in_second = in_second}
app.left_today = left_today
app.seconds, app.in_minute = minute_used()
app.granted_at = function(i) return redis.call('ZRANGE', LOG, i, i, 'WITHSCORES')[2] end

local use = on_endpoints and endpoint_use() or {}
local function endpoint_set(class)
  local one = use[class.path] or {at = {}, seconds = {}, in_minute = 0, used = 0}
  local set = {per_second = class.per_second, per_minute = class.per_minute, in_second = #one.at}
  set.seconds, set.in_minute, set.left_today = one.seconds, one.in_minute, class.per_day - one.used
  set.day_wait = until_tomorrow
  if since_midnight < SECOND then set.left_today, set.day_wait = 0, SECOND - since_midnight end
  set.granted_at = function(i) return one.at[i + 1] end
  return set
end

local function free_in(set)
  return math.min(set.left_today, set.per_second - set.in_second, set.per_minute - set.in_minute)
end
-- Until as many calls as `rank` beyond those that must go have left a set that has no free place.
local function wait_in(set, rank)
  local wait = 1
  if set.left_today <= 0 then return set.day_wait end
  if set.in_second >= set.per_second then
    local function gone_in(r)
      return set.granted_at(math.min(set.in_second, set.in_second - set.per_second + r) - 1) + SECOND + GUARD - now
    end
    wait = math.max(wait, math.min(gone_in(rank), gone_in(1) + HERD))
  end
  if set.in_minute >= set.per_minute then
    local must_go = math.min(set.in_minute, set.in_minute - set.per_minute + rank)
    for _, bucket in ipairs(set.seconds) do
      must_go = must_go - bucket.count
      if must_go <= 0 then
        wait = math.max(wait, leaves_at(bucket.second) - now)
        break
      end
    end
  end
  return wait
end

local free = math.min(MOST, free_in(app))
if free < 1 then return {WAIT, wait_in(app, RANK)} end

local generation = redis.call('HGET', STATE, 'generation')
local second = text(math.floor(now / SECOND))
local answer, endpoint_wait = {GRANTED, 0}, nil
local function grant(class)
  local member = generation .. ':' .. text(redis.call('HINCRBY', STATE, 'seq', 1)) .. ':' .. class.path
  redis.call('ZADD', LOG, text(now), member)
  if class.path ~= '' then
    redis.call('ZADD', ENDPOINT_LOG, text(now), member)
    redis.call('HINCRBY', ENDPOINTS, class.path, 1)
    redis.call('HINCRBY', ENDPOINTS, class.path .. ' ' .. second, 1)
  end
  answer[#answer + 1] = class.number
  answer[#answer + 1] = member
end

local granted = 0
for _, class in ipairs(wanted) do
  local count = math.min(class.count, free - granted)
  if class.path ~= '' then
    local set = endpoint_set(class)
    local there = free_in(set)
    if there < class.count then endpoint_wait = math.min(endpoint_wait or DAY, wait_in(set, 1)) end
    count = math.min(count, there)
  end
  for _ = 1, count do grant(class) end
  granted = granted + math.max(0, count)
end
if granted == 0 then return {ENDPOINT_USED_UP, math.max(1, endpoint_wait or 1)} end

redis.call('HINCRBY', MINUTE, second, granted)
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
    local path = path_of(ARGV[i])
    if redis.call('ZREM', ENDPOINT_LOG, ARGV[i]) == 1 then
      for _, field in ipairs({path, path .. ' ' .. second}) do
        if tonumber(redis.call('HGET', ENDPOINTS, field) or 0) > 0 then redis.call('HINCRBY', ENDPOINTS, field, -1) end
      end
    end
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
local answer = {1, frozen_for, used_today, second_used(), in_minute, factor()}
for path, one in pairs(endpoint_use()) do
  answer[#answer + 1] = path
  answer[#answer + 1] = today > get('day') and 0 or one.used
end
return answer
)lua";

// The worst that can have been granted before is: the second's limit just now and in every second before it, up to the
// minute's limit. `before` of the day before need not be known: by the time of the first grant it no longer counts.
constexpr char kSeed[] = R"lua(
if is_open() then return 0 end
redis.call('DEL', LOG, MINUTE, ENDPOINT_LOG, ENDPOINTS)
redis.call('ZADD', LOG, '+inf', 'mark')
redis.call('ZADD', ENDPOINT_LOG, '+inf', 'mark')
redis.call('HSET', MINUTE, 'open', 1)
redis.call('HSET', ENDPOINTS, 'open', 1)

-- `prefix` goes before the seconds' fields in `hash`.
local function fill(log, hash, path, prefix, per_second, left)
  for i = 1, per_second do redis.call('ZADD', log, text(now), 'seed:' .. i .. ':' .. path) end
  local second = math.floor(now / SECOND)
  while left > 0 and leaves_at(second) > now do
    redis.call('HSET', hash, prefix .. text(second), text(math.min(left, per_second)))
    left = left - per_second
    second = second - 1
  end
end
local last_minute = tonumber(ARGV[7])
fill(LOG, MINUTE, '', '', PER_SECOND, math.min(PER_MINUTE, last_minute))
for i = 8, #ARGV, 4 do
  local path, per_second, per_minute = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  fill(ENDPOINT_LOG, ENDPOINTS, path, path .. ' ', per_second, math.min(per_minute, last_minute))
  redis.call('HSET', ENDPOINTS, path, ARGV[i + 3])
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
