#include "common/quota/quota_lua.h"

#include "absl/strings/str_cat.h"
#include "common/quota/granting_lua.h"

namespace tikhaul {
namespace {

// What Redis keeps, all with the app's hash tag, so that the scripts run on one server of a cluster:
//   LOG           zset: one member per call granted in the last 1 s + guard, score = instant of the grant; and one mark
//                 at +inf, so that the key is there even when nothing was granted
//   MINUTE        hash: second -> calls granted in it, for the last 61 s + guard; and the mark "open"
//   STATE         hash: generation, run (run_id of the server that was seeded), seq, last (instant of the last grant),
//                 day and used (calls of that UTC day), before (calls of the day before), frozen (until),
//                 thawed (when the freeze before that one ended), began (when the last one did), step (see kThrottled),
//                 factor and factored (limits in permille, and when they were last cut), widened and widened_at (what
//                 was added to the guard, and when), kept (until when it is kept open), keeper (by whom)
//   ENDPOINT_LOG  as LOG, of the calls on paths that have limits of their own; the mark, too
//   ENDPOINTS     hash: "<path>" -> calls on it on the UTC day, "<path> <second>" -> as MINUTE; and the mark "open"
//   DEMAND        zset: "c <process> <connection>" and "i <process>" (an increment) -> when the process that waits for
//                 such calls comes back
//   SHARES        hash: "c <connection>" -> virtual time, front, credit and credited (see granting_lua.cc)
// Members are "<generation>:<seq>:<path>", the path empty when it has no limits of its own.
// The quota is open only when all but the last two, which only fairness needs, are there and the server is the one that
// was seeded: after a flush, an eviction, a restart (with or without data) or a failover the windows may not hold what
// was granted, so nothing is granted until the coordinator has seeded them. A clock that went back by more than a
// second closes it too.
//
// Midnight: our clock and the API's may disagree about the day for a moment. What was granted in the second before
// midnight counts for both days, and so does what is granted in the second after it; on paths with limits of their own
// nothing is granted in that second.
//
// Lua's numbers are doubles: microseconds since 1970 fit exactly until the year 2255, but must be printed with text().
constexpr char kPrelude[] = R"lua(
local LOG, MINUTE, STATE, ENDPOINT_LOG, ENDPOINTS, DEMAND, SHARES = unpack(KEYS)
local PER_SECOND, PER_MINUTE = tonumber(ARGV[1]), tonumber(ARGV[2])
local PER_DAY = tonumber(ARGV[3])
local SECOND, DAY = 1000000, 86400000000
local KEEP_MS = 172800000

local time = redis.call('TIME')
local now = time[1] * SECOND + time[2]
local today = math.floor(now / DAY)

local function text(number) return string.format('%.0f', number) end
local function get(field) return tonumber(redis.call('HGET', STATE, field) or 0) or 0 end
-- What was added to the guard goes back within an hour.
local function widened()
  local since = redis.call('HMGET', STATE, 'widened', 'widened_at')
  if not since[1] then return 0 end
  return math.floor(since[1] * math.max(0, 1 - (now - since[2]) / (3600 * SECOND)))
end
local GUARD = tonumber(ARGV[4]) + widened()
local function run_id() return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') end

-- Redis holds what was granted.
local function is_whole()
  if redis.call('EXISTS', LOG, MINUTE, STATE, ENDPOINT_LOG, ENDPOINTS) ~= 5 then return false end
  local seeded = redis.call('HMGET', STATE, 'generation', 'run')
  if not seeded[1] or seeded[2] ~= run_id() then return false end
  return get('last') - now <= SECOND
end
-- And a coordinator keeps it open.
local function is_open() return is_whole() and get('kept') >= now end

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

// The code does not say which window was overrun (tiktok-api.md 3.3), so the steps are: one to two seconds; when the
// first calls after that are refused, five minutes, the minute's penalty; when those after that are, until 00:00 UTC.
// Requests that were granted before a freeze are refused once with it. `age` is how long ago the request left.
constexpr char kThrottled[] = R"lua(
local SMALLEST_FACTOR, SOON = 500, 60 * SECOND
local MINUTE_PENALTY, WIDER, WIDEST = 300 * SECOND, 5000, 50000
local sent, jitter = now - tonumber(ARGV[5]), tonumber(ARGV[6])
local frozen, step = get('frozen'), get('step')
if sent <= frozen then return {math.max(0, frozen - now), 0} end
if sent > frozen + SOON then step = 0 end

local until_then = now + SECOND + jitter
if step == 1 then until_then = now + MINUTE_PENALTY end
if step >= 2 then until_then = (today + 1) * DAY + SECOND end
redis.call('HSET', STATE, 'thawed', text(frozen), 'began', text(now), 'frozen', text(until_then), 'step', step + 1)

local cut = math.max(SMALLEST_FACTOR, math.floor(factor() * 0.9))
local base = tonumber(ARGV[4])
local wider = math.max(widened(), math.min(widened() + WIDER, WIDEST - base))
redis.call('HSET', STATE, 'factor', cut, 'factored', text(now), 'widened', math.max(0, wider), 'widened_at', text(now))
keep()
return {until_then - now, 1}
)lua";

// A good answer shows that no penalty lay on the app when its request left: the next refusal is a first one again, and
// a long freeze that stands against it was no penalty's.
constexpr char kAnswered[] = R"lua(
local sent = now - tonumber(ARGV[5])
local frozen, step = get('frozen'), get('step')
if step > 0 and sent > frozen then
  redis.call('HSET', STATE, 'step', 0)
elseif step > 1 and frozen > now and sent > get('thawed') then
  redis.call('HSET', STATE, 'step', 1, 'frozen', text(math.min(frozen, math.max(now, get('began') + SECOND))))
end
return 1
)lua";

constexpr char kState[] = R"lua(
local keep_until, keeper = tonumber(ARGV[5]), ARGV[6]
local alone = get('kept') < now or redis.call('HGET', STATE, 'keeper') == keeper
if keep_until > now and is_whole() then
  redis.call('HSET', STATE, 'kept', text(math.max(keep_until, get('kept'))), 'keeper', keeper)
end
local frozen_for = math.max(0, get('frozen') - now)
local answer = {is_open() and 1 or 0, frozen_for, 0, 0, 0, factor(), widened(), is_whole() and 1 or 0, now, alone and 1 or 0}
if not is_whole() then return answer end
local used_today = today > get('day') and 0 or get('used')
local _, in_minute = minute_used()
answer[3], answer[4], answer[5] = used_today, second_used(), in_minute
for path, one in pairs(endpoint_use()) do
  answer[#answer + 1] = path
  answer[#answer + 1] = today > get('day') and 0 or one.used
end
return answer
)lua";

// The worst that can have been granted before is: the second's limit just now and in every second before it, up to the
// minute's limit. `before` of the day before need not be known: by the time of the first grant it no longer counts.
constexpr char kSeed[] = R"lua(
local anyway, keep_for, keeper = ARGV[8] == '1', tonumber(ARGV[9]), ARGV[10]
if is_whole() and not anyway then
  if get('kept') < now + keep_for then redis.call('HSET', STATE, 'kept', text(now + keep_for), 'keeper', keeper) end
  return 0
end
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
for i = 11, #ARGV, 4 do
  local path, per_second, per_minute = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  fill(ENDPOINT_LOG, ENDPOINTS, path, path .. ' ', per_second, math.min(per_minute, last_minute))
  redis.call('HSET', ENDPOINTS, path, ARGV[i + 3])
end
redis.call('HSET', STATE, 'generation', ARGV[5], 'run', run_id(), 'seq', 0, 'last', text(now), 'day', today,
           'used', ARGV[6], 'before', 0, 'kept', text(now + keep_for), 'keeper', keeper)
keep()
return 1
)lua";

}  // namespace

const QuotaLua& QuotaScriptTexts() {
  static const QuotaLua& texts = *new QuotaLua{
      absl::StrCat(kPrelude, GrantingScript()), absl::StrCat(kPrelude, kRefund), absl::StrCat(kPrelude, kThrottled),
      absl::StrCat(kPrelude, kAnswered),        absl::StrCat(kPrelude, kState),  absl::StrCat(kPrelude, kSeed)};
  return texts;
}

}  // namespace tikhaul
