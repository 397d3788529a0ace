#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/backoff.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"
#include "common/quota/limiter.h"
#include "common/quota/quota_lua.h"

namespace tikhaul {
namespace {

// A closed quota opens when somebody else has seeded it: how often to look.
constexpr absl::Duration kClosedWait = absl::Milliseconds(100);
constexpr absl::Duration kLongestKeep = absl::Hours(24 * 365);
constexpr absl::Duration kLongestJitter = absl::Seconds(1);
constexpr uint64_t kLargestCount = 1'000'000'000'000;  // what Lua's doubles and int64 hold with room to spare

std::vector<std::string> KeysOf(const std::string& app) {
  const std::string prefix = absl::StrCat("tikhaul:quota:{", app, "}:");
  return {prefix + "log",       prefix + "minute", prefix + "state", prefix + "endpoint_log",
          prefix + "endpoints", prefix + "demand", prefix + "shares"};
}

QuotaLimits AtLeastOne(QuotaLimits limits) {
  limits.per_second = std::max<uint32_t>(limits.per_second, 1);
  limits.per_minute = std::max<uint32_t>(limits.per_minute, 1);
  limits.per_day = std::clamp<uint64_t>(limits.per_day, 1, kLargestCount);
  for (auto& [path, endpoint] : limits.endpoints) {
    endpoint.per_second = std::max<uint32_t>(endpoint.per_second, 1);
    endpoint.per_minute = std::max<uint32_t>(endpoint.per_minute, 1);
    endpoint.per_day = std::clamp<uint64_t>(endpoint.per_day, 1, kLargestCount);
  }
  return limits;
}

std::string Microseconds(absl::Duration duration) {
  return std::to_string(absl::ToInt64Microseconds(std::max(duration, absl::ZeroDuration())));
}

absl::Status Garbled() { return absl::InternalError("a quota script in Redis answered in a form that we do not know"); }

}  // namespace

QuotaScripts::QuotaScripts(RedisOptions redis, std::string app, QuotaLimits limits)
    : redis_(std::move(redis)), process_(RandomId()), keys_(KeysOf(app)), limits_(AtLeastOne(limits)) {}

absl::StatusOr<RedisReply> QuotaScripts::Run(const std::string& script, std::vector<std::string> arguments) {
  std::vector<std::string> all = {std::to_string(limits_.per_second), std::to_string(limits_.per_minute),
                                  std::to_string(limits_.per_day), Microseconds(limits_.guard)};
  std::move(arguments.begin(), arguments.end(), std::back_inserter(all));
  return NoError(redis_.Eval(script, keys_, all));
}

absl::StatusOr<QuotaScripts::Grant> QuotaScripts::Acquire(const std::vector<Wanted>& wanted, uint32_t most,
                                                          uint32_t rank) {
  std::vector<std::string> arguments = {std::to_string(std::max<uint32_t>(most, 1)),
                                        std::to_string(std::max<uint32_t>(rank, 1)),
                                        std::to_string(static_cast<int>(limits_.increment_reserve * 1000)), process_};
  for (const Wanted& one : wanted) {
    const auto found = limits_.endpoints.find(one.token_class.path);
    const bool limited = found != limits_.endpoints.end();
    const EndpointLimits endpoint = limited ? found->second : EndpointLimits();
    const auto weight = limits_.weights.find(one.token_class.connection);
    arguments.push_back(std::to_string(std::max<uint32_t>(one.count, 1)));
    arguments.push_back(one.token_class.connection);
    arguments.push_back(std::to_string(weight == limits_.weights.end() ? 1 : std::max<uint32_t>(weight->second, 1)));
    arguments.push_back(one.token_class.increment ? "1" : "0");
    arguments.push_back(limited ? one.token_class.path : "");
    arguments.push_back(std::to_string(endpoint.per_second));
    arguments.push_back(std::to_string(endpoint.per_minute));
    arguments.push_back(std::to_string(endpoint.per_day));
  }
  ASSIGN_OR_RETURN(RedisReply reply, Run(QuotaScriptTexts().acquire, std::move(arguments)));
  if (reply.elements.size() < 2) return Garbled();
  Grant grant;
  grant.wait = absl::Microseconds(reply.elements[1].integer);
  switch (static_cast<QuotaOutcome>(reply.elements[0].integer)) {
    case QuotaOutcome::kGranted:
      grant.on_probation = reply.elements[1].integer > 0;
      for (size_t i = 2; i + 1 < reply.elements.size(); i += 2) {
        const int64_t number = reply.elements[i].integer;  // from 1
        if (number < 1 || static_cast<size_t>(number) > wanted.size()) return Garbled();
        grant.tokens.push_back({static_cast<size_t>(number - 1), std::move(reply.elements[i + 1].text)});
      }
      return grant;
    case QuotaOutcome::kWait:
      return grant;
    case QuotaOutcome::kClosed:
      grant.closed = true;
      grant.wait = kClosedWait;
      return grant;
    case QuotaOutcome::kFrozen:
      grant.frozen_for = grant.wait;
      return grant;
    case QuotaOutcome::kDayUsedUp:
      grant.day_is_used_up = true;
      return grant;
    case QuotaOutcome::kEndpointUsedUp:
      grant.endpoint_is_used_up = true;
      return grant;
  }
  return Garbled();
}

absl::Status QuotaScripts::Refund(const std::vector<std::string>& members) {
  if (members.empty()) return absl::OkStatus();
  return Run(QuotaScriptTexts().refund, members).status();
}

absl::StatusOr<absl::Duration> QuotaScripts::Throttled(absl::Duration age) {
  const absl::Duration jitter = RandomUnit() * kLongestJitter;  // so that fleets of several apps do not come in step
  ASSIGN_OR_RETURN(const RedisReply reply,
                   Run(QuotaScriptTexts().throttled, {Microseconds(age), Microseconds(jitter)}));
  if (reply.elements.size() != 2) return Garbled();
  return absl::Microseconds(reply.elements[0].integer);
}

absl::Status QuotaScripts::Answered(absl::Duration age) {
  return Run(QuotaScriptTexts().answered, {Microseconds(age)}).status();
}

absl::StatusOr<QuotaState> QuotaScripts::State(absl::Time keep_until) {
  const int64_t keep = std::max<int64_t>(0, absl::ToUnixMicros(keep_until));
  ASSIGN_OR_RETURN(const RedisReply reply, Run(QuotaScriptTexts().state, {std::to_string(keep), process_}));
  if (reply.elements.size() < 10) return Garbled();
  const auto number = [&reply](size_t i) { return reply.elements[i].integer; };
  QuotaState state;
  state.open = number(0) == 1;
  state.frozen_for = absl::Microseconds(number(1));
  state.used_today = static_cast<uint64_t>(number(2));
  state.used_last_second = static_cast<uint64_t>(number(3));
  state.used_last_minute = static_cast<uint64_t>(number(4));
  state.limit_factor = static_cast<double>(number(5)) / 1000;
  state.guard_added = absl::Microseconds(number(6));
  state.whole = number(7) == 1;
  state.now = absl::FromUnixMicros(number(8));
  state.alone = number(9) == 1;
  for (size_t i = 10; i + 1 < reply.elements.size(); i += 2) {
    state.endpoints_today[reply.elements[i].text] = static_cast<uint64_t>(number(i + 1));
  }
  return state;
}

absl::Status QuotaScripts::Seed(const QuotaUse& used, bool anyway, absl::Duration keep) {
  const auto figure = [](uint64_t count) { return std::to_string(std::min(count, kLargestCount)); };
  std::vector<std::string> arguments = {RandomId(),
                                        figure(used.today),
                                        figure(used.last_minute),
                                        anyway ? "1" : "0",
                                        Microseconds(std::min(keep, kLongestKeep)),
                                        process_};
  for (const auto& [path, endpoint] : limits_.endpoints) {
    const auto today = used.endpoints_today.find(path);
    arguments.push_back(path);
    arguments.push_back(std::to_string(endpoint.per_second));
    arguments.push_back(std::to_string(endpoint.per_minute));
    arguments.push_back(figure(today == used.endpoints_today.end() ? 0 : today->second));
  }
  return Run(QuotaScriptTexts().seed, std::move(arguments)).status();
}

}  // namespace tikhaul
