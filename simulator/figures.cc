#include "simulator/figures.h"

#include <algorithm>

#include "common/base/civil.h"
#include "simulator/hash.h"

namespace tikhaul::simulator {
namespace {

constexpr int kHours = 24;
// Delivery over the hours of a day.
constexpr uint32_t kHourShares[kHours] = {12, 8,  6,  5,  5,  7,  12, 20, 28, 34, 38, 42,
                                          46, 48, 46, 44, 46, 52, 60, 66, 64, 52, 36, 22};
constexpr absl::Duration kNearRealTime = absl::Minutes(30);
// Of 1,024 days: rows that vanish with the correction, and rows that come with it.
constexpr uint64_t kVanishing = 3;
constexpr uint64_t kComing = 3;

uint32_t ShareUntil(int skipped, int hours) {
  uint32_t sum = 0;
  for (int h = 0; h < hours; ++h) sum += h == skipped ? 0 : kHourShares[h];
  return sum;
}

int SkippedHour(absl::TimeZone zone, absl::CivilDay day) {
  for (int h = 0; h < kHours; ++h) {
    const absl::CivilSecond start(day.year(), day.month(), day.day(), h, 0, 0);
    const absl::CivilSecond end(day.year(), day.month(), day.day(), h, 59, 59);
    if (zone.At(start).kind == absl::TimeZone::TimeInfo::SKIPPED &&
        zone.At(end).kind == absl::TimeZone::TimeInfo::SKIPPED) {
      return h;
    }
  }
  return -1;
}

int64_t BaseFigure(Base base, const AdDay& f) {
  switch (base) {
    case Base::kImpressions:
      return f.impressions;
    case Base::kClicks:
      return f.clicks;
    case Base::kSpend:
      return f.spend;
    case Base::kConversions:
      return f.conversions;
    case Base::kRealTimeConversions:
      return f.real_time_conversions;
    case Base::kResults:
      return f.results;
    case Base::kRealTimeResults:
      return f.real_time_results;
  }
  return 0;
}

int64_t WholeDay(const Metric& metric, const AdDay& f) {
  const int64_t base = BaseFigure(metric.base, f);
  if (base == 0) return 0;
  if (metric.low == metric.high && metric.low == metric.divisor) return base;
  if (metric.some_ads_only && Mix(f.ad_seed ^ metric.salt) % 4 != 0) return 0;
  return base * Between(Mix(f.hash ^ metric.salt), metric.low, metric.high) / metric.divisor;
}

}  // namespace

DayState StateOfDay(const Account& account, int64_t day, absl::Time now) {
  const absl::TimeZone zone = account.zone;
  DayState state;
  state.click_window_days = account.profile.click_window_days;
  if (account.restated != nullptr) state.restated_percent = account.restated->PercentOf(account.id, day, now);
  state.day = static_cast<int32_t>(day);
  const absl::CivilDay civil = DayFromNumber(day);
  const absl::Time start = DayStart(zone, civil), end = DayEnd(zone, civil);
  const absl::Time seen = now - kNearRealTime;
  // A day of 23, 24 or 25 hours is never shorter or longer by more than two.
  if (end - start < absl::Hours(24)) state.skipped_hour = SkippedHour(zone, civil);
  if (seen >= end) {
    state.visible_hours = kHours;
  } else if (seen > start) {
    state.visible_hours = absl::ToCivilHour(seen, zone).hour();
  }
  if (now < end) return state;
  state.lag_passed = static_cast<int>(absl::ToInt64Hours(now - end));
  // The repair run: daily at 12:00 UTC (tiktok-api.md 4.8).
  const absl::CivilSecond noon = absl::CivilSecond(civil + 1) + 12 * 3'600;
  state.corrected = now >= absl::FromCivil(noon, absl::UTCTimeZone());
  state.age_days = std::min(state.lag_passed / 24, state.click_window_days);
  return state;
}

std::vector<DayState> StatesOfDays(const Account& account, int64_t first_day, int64_t last_day, absl::Time now) {
  std::vector<DayState> states;
  for (int64_t day = first_day; day <= last_day; ++day) states.push_back(StateOfDay(account, day, now));
  return states;
}

int64_t ImpressionsUntil(const DayState& state, int64_t impressions, int hours) {
  if (hours >= kHours) return impressions;
  return impressions * ShareUntil(state.skipped_hour, hours) / ShareUntil(state.skipped_hour, kHours);
}

bool MakeAdDay(const Ad& ad, const DayState& state, AdDay* f) {
  if (state.visible_hours == 0 || state.day < ad.first_day || state.day > ad.last_day) return false;
  const uint64_t hash = Mix(ad.seed + static_cast<uint64_t>(state.day) * 0x9e3779b97f4a7c15u);
  if ((hash & 1'023) >= ad.presence) return false;
  const uint64_t fate = (hash >> 10) & 1'023;
  if (state.corrected ? fate < kVanishing : fate - kVanishing < kComing) return false;

  f->state = &state;
  f->hash = hash;
  f->ad_seed = ad.seed;
  int64_t impressions = 1 + ad.volume * Between(hash >> 20, 300, 1'700) / 1'000;
  if (!state.corrected) impressions = 1 + impressions * Between(hash >> 33, 970, 999) / 1'000;
  impressions = std::max<int64_t>(1, impressions * (100 + state.restated_percent) / 100);
  f->impressions = impressions;
  f->visible = ImpressionsUntil(state, impressions, state.visible_hours);
  f->clicks = impressions * ad.ctr * Between(hash >> 40, 700, 1'300) / 100'000'000;
  f->spend = impressions * ad.cpm * Between(hash >> 45, 850, 1'150) / 1'000'000;
  const int64_t conversions = f->clicks * ad.cvr * Between(hash >> 50, 500, 1'500) / 100'000'000;
  const int64_t late = conversions * Between(hash >> 55, 10, 60) / 100;
  f->conversions = conversions - late * (state.click_window_days - state.age_days) / state.click_window_days;
  f->real_time_conversions = conversions * Between(hash >> 52, 800, 1'200) / 1'000;
  f->results = ad.counts_conversions ? f->conversions : f->clicks;
  f->real_time_results = ad.counts_conversions ? f->real_time_conversions : f->clicks;
  return f->visible > 0;
}

int64_t Additive(const Metric& metric, const AdDay& f, int64_t from, int64_t to) {
  if (metric.lag_hours > 0 && f.state->lag_passed < metric.lag_hours) return 0;
  int64_t value = WholeDay(metric, f);
  if (value == 0) return 0;
  if (f.visible < f.impressions) value = value * f.visible / f.impressions;
  if (from == 0 && to == f.visible) return value;
  return value * to / f.visible - value * from / f.visible;
}

}  // namespace tikhaul::simulator
