#include "common/quota/granting_lua.h"

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

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

// The whole second's limit is not granted at once: what leaves together leaves the window together a second later and
// goes out together again, and 600 requests that leave within a millisecond do not arrive within the guard. In any PACE
// no more than an eighth over the even share is granted, or AT_ONCE where that is more.
//
// The windows that a call counts in, the app's and those of its path, are "sets": limits, what is used of them, and
// granted_at(i), the instant of the i-th call in the second's window from 0 on, oldest first.
constexpr char kAcquire[] = R"lua(
local MOST, RANK, RESERVE, PROCESS = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local HERD = 2000  -- a free place is taken within this time, however far apart the places are
local PACE, AT_ONCE = 100000, 20
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
app.per_pace = math.max(AT_ONCE, math.ceil(app.per_second * 1.12 * PACE / SECOND))
app.in_pace = redis.call('ZCOUNT', LOG, '(' .. text(now - PACE), text(now))
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
  local free = math.min(set.left_today, set.per_second - set.in_second, set.per_minute - set.in_minute)
  return set.per_pace and math.min(free, set.per_pace - set.in_pace) or free
end
-- Until as many calls as `rank` beyond those that must go have left a set that has no free place.
local function wait_in(set, rank)
  local wait = 1
  if set.left_today <= 0 then return set.day_wait end
  local function wait_for_second(most, length)
    local function gone_in(r)
      return set.granted_at(math.min(set.in_second, set.in_second - most + r) - 1) + length - now
    end
    wait = math.max(wait, math.min(gone_in(rank), gone_in(1) + HERD))
  end
  if set.in_second >= set.per_second then wait_for_second(set.per_second, SECOND + GUARD) end
  if set.per_pace and set.in_pace >= set.per_pace then wait_for_second(set.per_pace, PACE) end
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

}  // namespace

std::string GrantingScript() { return absl::StrCat(kShares, kAcquire); }

}  // namespace tikhaul
