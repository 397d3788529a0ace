#include "coordinator/core/finality.h"

#include <algorithm>

#include "common/base/civil.h"
#include "coordinator/core/coverage.h"

namespace tikhaul {
namespace {

constexpr int kRepairHourUtc = 12;     // of the day after
constexpr int kAudienceHourLocal = 9;  // of the day after, in the account's zone

// The instant of `hour` o'clock; where summer time skips it, the first instant after.
absl::Time HourOf(absl::TimeZone zone, absl::CivilDay day, int hour) {
  const absl::CivilSecond second(day.year(), day.month(), day.day(), hour, 0, 0);
  const absl::TimeZone::TimeInfo info = zone.At(second);
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.post;
}

}  // namespace

absl::Time ProvisionalUntil(const FinalityRule& rule, absl::CivilDay day) {
  absl::Time until = std::max(DayEnd(rule.zone, day) + rule.lag, HourOf(absl::UTCTimeZone(), day + 1, kRepairHourUtc));
  if (rule.audience) until = std::max(until, HourOf(rule.zone, day + 1, kAudienceHourLocal));
  return until;
}

Finality FinalityOf(const FinalityRule& rule, absl::CivilDay day, absl::Time read_at) {
  if (read_at < ProvisionalUntil(rule, day)) return Finality::kProvisional;
  if (read_at < DayEnd(rule.zone, day + rule.settle_days)) return Finality::kSettling;
  return Finality::kFinal;
}

bool Moves(const DayChange& change) {
  return change.inserted + change.removed > 0 ||
         std::any_of(change.metrics.begin(), change.metrics.end(), [](const RestatedMetric& metric) {
           return metric.sums.has_value() && metric.rows > metric.filled;
         });
}

Finality FinalityAfter(Finality read, const DayChange& change) {
  return read == Finality::kFinal && Moves(change) ? Finality::kSettling : read;
}

absl::CivilDay FirstProvisionalDay(const FinalityRule& rule, absl::Time read_at) {
  absl::CivilDay day = DayIn(rule.zone, read_at);  // has not ended, so it is provisional
  while (read_at < ProvisionalUntil(rule, day - 1)) --day;
  return day;
}

absl::CivilDay LastFinalDay(const FinalityRule& rule, absl::Time read_at) {
  absl::CivilDay day = FirstProvisionalDay(rule, read_at) - 1;
  while (FinalityOf(rule, day, read_at) != Finality::kFinal) --day;
  return day;
}

absl::Time ReadAt(absl::Time claimed, absl::Time committed) {
  const absl::Time latest = committed - kReadMargin;
  return claimed == absl::InfinitePast() ? latest : std::min(claimed, latest);
}

std::vector<Coverage> ProvisionalDays(const FinalityRule& rule, std::vector<LedgerEntry> ledger, absl::CivilDay from) {
  std::stable_sort(ledger.begin(), ledger.end(),
                   [](const LedgerEntry& a, const LedgerEntry& b) { return a.committed < b.committed; });
  std::vector<Coverage> provisional;
  for (const LedgerEntry& entry : ledger) {  // the newest read of a day has the last word
    if (entry.window.kind != WindowKind::kDays) continue;
    const Coverage read{std::max(entry.window.first, from), entry.window.last};
    provisional = SubtractIntervals(provisional, {read});
    const absl::CivilDay first = FirstProvisionalDay(rule, ReadAt(entry));
    provisional = AddInterval(provisional, {std::max(read.first, first), read.last});
  }
  return provisional;
}

}  // namespace tikhaul
