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
//                 thawed (when the freeze before that one ended), began (when the last one did), step (see kThrottled),
//                 factor and factored (limits in permille, and when they were last cut), widened and widened_at (what
//                 was added to the guard, and when)
//   ENDPOINT_LOG  as LOG, of the calls on paths that have limits of their own; the mark, too
//   ENDPOINTS     hash: "<path>" -> calls on it on the UTC day, "<path> <second>" -> as MINUTE; and the mark "open"
//   DEMAND        zset: "c <process> <connection>" and "i <process>" (an increment) -> when the process that waits for
//                 such calls comes back
//   SHARES        hash: "c <connection>" -> virtual time, front, credit and credited (see kShares)
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

local function is_open()
  if redis.call('EXISTS', LOG, MINUTE, STATE, ENDPOINT_LOG, ENDPOINTS) ~= 5 then return false end
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

// Who goes first when calls are short. Each connection has a virtual time, which a call moves on by 1 / weight; among
// those that wait the one furthest behind goes first, and nobody is more than SLACK ahead of one that waits in another
// process, as DEMAND shows. One that comes back after a while starts little behind the front, so it cannot make up for
// the time in which it wanted nothing. Increments have a credit beside that, RESERVE permille of the limit each second
// and as much at once: with it they go before everybody, and while one waits nobody else takes those places.
constexpr char kShares[] = R"lua(
local UNIT, GRACE = 10000, 20000  -- virtual time of a call of weight 1; how late one may come back
local SLACK = UNIT * math.max(4, PER_SECOND / 50)

-- Takes this process's old marks off and reads the others': connection -> due, and when a waiting increment is due.
local function read_demand(process, wanted)
  local own = {'i ' .. process}
  for _, class in ipairs(wanted) do own[#own + 1] = 'c ' .. process .. ' ' .. class.connection end
  redis.call('ZREM', DEMAND, unpack(own))
  redis.call('ZREMRANGEBYSCORE', DEMAND, '-inf', text(now - GRACE))
  local due, increment_due = {}, nil
  local marks = redis.call('ZRANGE', DEMAND, 0, -1, 'WITHSCORES')
  for i = 1, #marks, 2 do
    local at = tonumber(marks[i + 1])
    local connection = string.match(marks[i], '^c %S+ (.*)$')
    if connection then
      due[connection] = math.max(due[connection] or 0, at)
    else
      increment_due = math.max(increment_due or 0, at)
    end
  end
  return due, increment_due
end

local function mark_demand(process, class, at)
  redis.call('ZADD', DEMAND, text(at), 'c ' .. process .. ' ' .. class.connection)
  if class.increment then redis.call('ZADD', DEMAND, text(at), 'i ' .. process) end
end

local function share_field(field) return tonumber(redis.call('HGET', SHARES, field) or 0) end
local front = share_field('front')
local served = {}
local function served_to(connection)
  if not served[connection] then
    served[connection] = math.max(share_field('c ' .. connection), front - 2 * SLACK)
  end
  return served[connection]
end

local function reserve_credit(per_second)
  if per_second <= 0 then return 0 end
  local since = redis.call('HMGET', SHARES, 'credit', 'credited')
  local most = math.max(1, per_second)
  if not since[1] then return most end
  return math.min(most, since[1] + per_second * (now - since[2]) / SECOND)
end

-- One that waits elsewhere is so far behind that it is his turn: when he is due.
local function overtaken(connection, due)
  local latest = nil
  for other, at in pairs(due) do
    if other ~= connection and served_to(other) + SLACK < served_to(connection) then latest = math.max(latest or 0, at) end
  end
  return latest
end

local function charge(class, by_reserve)
  local start = served_to(class.connection)
  served[class.connection] = start + math.floor(UNIT / class.weight)
  if not by_reserve then front = math.max(front, start) end
end

local function save_shares(wanted, credit)
  local fields = {'front', text(front), 'credit', string.format('%.4f', credit), 'credited', text(now)}
  for _, class in ipairs(wanted) do
    fields[#fields + 1] = 'c ' .. class.connection
    fields[#fields + 1] = text(served_to(class.connection))
  end
  redis.call('HSET', SHARES, unpack(fields))
end
)lua";

// The windows that a call counts in, the app's and those of its path, are "sets": limits, what is used of them, and
// granted_at(i), the instant of the i-th call in the second's window from 0 on, oldest first.
constexpr char kAcquire[] = R"lua(
local MOST, RANK, RESERVE, PROCESS = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local HERD = 2000  -- a free place is taken within this time, however far apart the places are
local GRANTED, WAIT, CLOSED, FROZEN, DAY_USED_UP, ENDPOINT_USED_UP = 0, 1, 2, 3, 4, 5

if not is_open() then return {CLOSED, 0} end
keep()
local frozen = get('frozen')
if frozen > now then return {FROZEN, frozen - now} end

local wanted, on_endpoints = {}, false
for i = 9, #ARGV, 8 do
  local class = {number = #wanted + 1, left = tonumber(ARGV[i]), connection = ARGV[i + 1], weight = tonumber(ARGV[i + 2])}
  class.increment, class.path = ARGV[i + 3] == '1', ARGV[i + 4]
  class.per_second, class.per_minute, class.per_day = tonumber(ARGV[i + 5]), tonumber(ARGV[i + 6]), tonumber(ARGV[i + 7])
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

-- Classes of which the path's own limits let calls through.
local open_classes, endpoint_wait = {}, nil
for _, class in ipairs(wanted) do
  class.free = class.left
  if class.path ~= '' then
    local set = endpoint_set(class)
    class.free = math.min(class.left, free_in(set))
    if class.free < 1 then endpoint_wait = math.min(endpoint_wait or DAY, wait_in(set, 1)) end
  end
  if class.free > 0 then open_classes[#open_classes + 1] = class end
end
if #open_classes == 0 then return {ENDPOINT_USED_UP, math.max(1, endpoint_wait or 1)} end

local due, increment_due = read_demand(PROCESS, wanted)
-- Those that are left over come back after `wait`; one whose path is used up does not wait for us.
local function mark_rest(wait)
  for _, class in ipairs(open_classes) do
    if class.free > 0 then mark_demand(PROCESS, class, now + wait) end
  end
end

local free = free_in(app)
if free < 1 then
  local wait = wait_in(app, RANK)
  mark_rest(wait)
  return {WAIT, wait}
end

local credit = reserve_credit(limit(PER_SECOND) * RESERVE / 1000)
local function goes_before(a, b)
  local by_reserve_a, by_reserve_b = a.increment and credit >= 1, b.increment and credit >= 1
  if by_reserve_a ~= by_reserve_b then return by_reserve_a end
  local at_a, at_b = served_to(a.connection), served_to(b.connection)
  if at_a ~= at_b then return at_a < at_b end
  if a.increment ~= b.increment then return a.increment end
  return a.number < b.number
end
local function next_class()
  local first = nil
  for _, class in ipairs(open_classes) do
    if class.free > 0 and (not first or goes_before(class, first)) then first = class end
  end
  return first
end

local generation = redis.call('HGET', STATE, 'generation')
local second = text(math.floor(now / SECOND))
local granted, answer = 0, {GRANTED, get('step')}
local function grant(class)
  local member = generation .. ':' .. text(redis.call('HINCRBY', STATE, 'seq', 1)) .. ':' .. class.path
  redis.call('ZADD', LOG, text(now), member)
  if class.path ~= '' then
    redis.call('ZADD', ENDPOINT_LOG, text(now), member)
    redis.call('HINCRBY', ENDPOINTS, class.path, 1)
    redis.call('HINCRBY', ENDPOINTS, class.path .. ' ' .. second, 1)
  end
  class.free = class.free - 1
  granted = granted + 1
  answer[#answer + 1] = class.number
  answer[#answer + 1] = member
end

local turn = nil  -- when he is due whose turn it is
while granted < math.min(MOST, free) do
  local class = next_class()
  if not class then break end
  local by_reserve = class.increment and credit >= 1
  if not by_reserve then
    if increment_due and credit >= 1 and free - granted <= credit then
      turn = increment_due
    else
      turn = overtaken(class.connection, due)
    end
    if turn then break end
  end
  charge(class, by_reserve)
  if by_reserve then credit = credit - 1 end
  grant(class)
end

local wait = turn and math.max(HERD, turn + HERD / 2 - now) or 1
mark_rest(granted > 0 and 0 or wait)
if granted == 0 then return {WAIT, wait} end

save_shares(wanted, credit)
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
local frozen_for = math.max(0, get('frozen') - now)
if not is_open() then return {0, frozen_for, 0, 0, 0, factor(), widened()} end
local used_today = today > get('day') and 0 or get('used')
local _, in_minute = minute_used()
local answer = {1, frozen_for, used_today, second_used(), in_minute, factor(), widened()}
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
  static const QuotaLua& texts = *new QuotaLua{
      absl::StrCat(kPrelude, kShares, kAcquire), absl::StrCat(kPrelude, kRefund), absl::StrCat(kPrelude, kThrottled),
      absl::StrCat(kPrelude, kAnswered),         absl::StrCat(kPrelude, kState),  absl::StrCat(kPrelude, kSeed)};
  return texts;
}

}  // namespace tikhaul
