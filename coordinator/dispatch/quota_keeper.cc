#include "coordinator/dispatch/quota_keeper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kSaveEvery = absl::Seconds(2);
constexpr absl::Duration kKeep = absl::Seconds(5);
// Another coordinator that keeps the quota open is seen within this time.
constexpr absl::Duration kAloneAfter = absl::Seconds(10);

absl::CivilDay UtcDay(const Clock& clock) { return DayIn(absl::UTCTimeZone(), clock.Now()); }

std::string Describe(const QuotaState& state) {
  if (!state.open) return "closed: being seeded";
  if (state.frozen_for > absl::ZeroDuration())
    return absl::StrCat("frozen for ",
                        absl::FormatDuration(absl::Trunc(state.frozen_for, absl::Seconds(1)) + absl::Seconds(1)),
                        ": the API said \"too many requests\"");
  return "open";
}

}  // namespace

QuotaKeeper::QuotaKeeper(RedisOptions redis, std::string app, QuotaLimits limits, Store& store, const Clock& real_clock,
                         FaultBoard& faults)
    : scripts_(redis, app, limits),
      lease_(redis, app, limits, real_clock),
      app_(std::move(app)),
      limits_(limits),
      store_(store),
      clock_(real_clock),
      faults_(faults),
      closes_at_(real_clock.Monotonic() + kKeep),
      not_alone_at_(real_clock.Monotonic()) {}

std::string QuotaKeeper::RecordOf(const std::string& path) const { return absl::StrCat(app_, " ", path); }

absl::Status QuotaKeeper::Seed() {
  QuotaUsed used;
  std::map<std::string, QuotaUsed> endpoints;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(used, reader.GetQuotaUsed(app_));
    for (const auto& [path, limits] : limits_.endpoints) {
      ASSIGN_OR_RETURN(endpoints[path], reader.GetQuotaUsed(RecordOf(path)));
    }
    return absl::OkStatus();
  }));
  // What may have been spent between the last record and the loss, at worst; and what of the record is still young.
  const auto unrecorded = [](uint32_t per_second) {
    return per_second * static_cast<uint64_t>(absl::ToInt64Seconds(kSaveEvery) + 1);
  };
  const auto worst_today = [&](const QuotaUsed& record, uint32_t per_second) {
    return record.utc_day == UtcDay(clock_) && record.calls > 0 ? record.calls + unrecorded(per_second) : 0;
  };
  QuotaUse worst;
  worst.today = worst_today(used, limits_.per_second);
  if (clock_.Now() - used.recorded < absl::Minutes(1) + kSaveEvery) {
    worst.last_minute = std::min<uint64_t>(limits_.per_minute, used.last_minute + unrecorded(limits_.per_second));
  }
  for (const auto& [path, limits] : limits_.endpoints) {
    worst.endpoints_today[path] = worst_today(endpoints[path], limits.per_second);
  }
  RETURN_IF_ERROR(scripts_.Seed(worst, /*anyway=*/false, kKeep));
  // With what was added for safety: it is not saved before something is spent, or it would pile up.
  saved_calls_ = worst.today;
  saved_endpoints_ = worst.endpoints_today;
  LogInfo("quota opened", {{"app", app_}, {"used_today", worst.today}, {"used_last_minute", worst.last_minute}});
  return absl::OkStatus();
}

void QuotaKeeper::Remember(const QuotaState& state) {
  const absl::Duration moment = clock_.Monotonic();
  if (state.used_today == saved_calls_ || moment - saved_at_ < kSaveEvery) return;
  const QuotaUsed used{.utc_day = UtcDay(clock_),
                       .calls = state.used_today,
                       .last_minute = state.used_last_minute,
                       .recorded = clock_.Now()};
  const absl::Status saved = store_.Write([&](StoreTransaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.PutQuotaUsed(app_, used));
    for (const auto& [path, calls] : state.endpoints_today) {
      const auto known = saved_endpoints_.find(path);
      if (known != saved_endpoints_.end() && known->second == calls) continue;
      QuotaUsed endpoint = used;
      endpoint.calls = calls;
      endpoint.last_minute = 0;
      RETURN_IF_ERROR(tx.PutQuotaUsed(RecordOf(path), endpoint));
    }
    return absl::OkStatus();
  });
  if (!saved.ok()) return;  // the store's fault is shown by those who need it
  saved_calls_ = state.used_today;
  saved_endpoints_ = state.endpoints_today;
  saved_at_ = moment;
}

absl::StatusOr<QuotaState> QuotaKeeper::AskRedis() {
  const absl::Duration asked_at = clock_.Monotonic();
  absl::Time keep_until = absl::InfinitePast();
  if (reachable_) {  // an answer that is lost may still have kept it open
    closes_at_ = asked_at + kKeep;
    keep_until = last_.now + (asked_at - last_at_) + kKeep;
  }
  ASSIGN_OR_RETURN(QuotaState state, scripts_.State(keep_until));
  last_ = state;
  last_at_ = clock_.Monotonic();
  if (!state.alone) not_alone_at_ = last_at_;
  return state;
}

absl::Status QuotaKeeper::Settle(const QuotaState& state) {
  const QuotaUse leased = lease_.End();
  reachable_ = true;
  if (leased.today == 0 || !state.whole) return absl::OkStatus();  // else the store knows
  QuotaUse used{.today = state.used_today + leased.today,
                .last_minute = state.used_last_minute + leased.last_minute,
                .endpoints_today = state.endpoints_today};
  for (const auto& [path, calls] : leased.endpoints_today) used.endpoints_today[path] += calls;
  closes_at_ = clock_.Monotonic() + kKeep;
  return scripts_.Seed(used, /*anyway=*/true, kKeep);
}

void QuotaKeeper::RedisIsAway(const absl::Status& status) {
  faults_.Set("redis", status.message());
  reachable_ = false;
  const bool alone = last_at_ - not_alone_at_ > kAloneAfter;
  if (alone) {
    QuotaUse worst{.today = last_.used_today, .last_minute = 0, .endpoints_today = last_.endpoints_today};
    const uint64_t seconds = static_cast<uint64_t>(absl::ToInt64Seconds(closes_at_ - last_at_) + 1);
    worst.today += limits_.per_second * seconds;
    for (const auto& [path, limits] : limits_.endpoints) worst.endpoints_today[path] += limits.per_second * seconds;
    lease_.Allow(closes_at_, worst);
  }
  const std::optional<QuotaUse> leased = lease_.Leased();
  if (leased.has_value()) {
    QuotaState state = last_;
    state.used_today += leased->today;
    state.used_last_minute = leased->last_minute;
    for (const auto& [path, calls] : leased->endpoints_today) state.endpoints_today[path] += calls;
    Remember(state);
  }
  MutexLock lock(mu_);
  report_.known = report_.open = false;
  report_.state =
      absl::StrCat(leased.has_value() ? "leased at 80 % for chunks under way: " : "closed: ", status.message());
}

void QuotaKeeper::Tick() {
  absl::StatusOr<QuotaState> state = AskRedis();
  if (state.ok() && !reachable_) {
    const absl::Status settled = Settle(*state);
    if (!settled.ok()) return RedisIsAway(settled);
    state = AskRedis();
  }
  absl::Status seeded;
  if (state.ok() && !state->whole) {
    seeded = Seed();
    if (!seeded.ok()) LogWarning("the quota could not be opened", {{"error", seeded.message()}});
    state = AskRedis();
  }
  if (!state.ok()) return RedisIsAway(state.status());
  faults_.Set("redis", absl::IsPermissionDenied(seeded) ? seeded.message() : "");
  Remember(*state);
  const absl::Duration moment = clock_.Monotonic();
  MutexLock lock(mu_);
  if (report_.known && state->used_today > seen_calls_) rate_.Add(moment, state->used_today - seen_calls_);
  seen_calls_ = state->used_today;
  report_.known = true;
  report_.frozen = state->frozen_for > absl::ZeroDuration();
  report_.state = Describe(*state);
  report_.used_today = state->used_today;
  report_.used_last_second = state->used_last_second;
  report_.used_last_minute = state->used_last_minute;
  report_.frozen_for = state->frozen_for;
  report_.limit_factor = state->limit_factor;
  report_.open = state->open;
  report_.calls_per_second = rate_.PerSecond(moment);
}

QuotaReport QuotaKeeper::Report() const {
  MutexLock lock(mu_);
  return report_;
}

}  // namespace tikhaul
