#include "coordinator/core/look_back.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "coordinator/core/coverage.h"
#include "coordinator/core/finality.h"

namespace tikhaul {
namespace {

constexpr int kLearnDays = 28;         // two checks and more
constexpr double kOverlooked = 0.001;  // of a metric's change may come later than the look-back reaches
constexpr int kMarginDays = 1;
constexpr int kChecksToLearn = 2;  // before the look-back may become shorter than first_days
// A read so soon after another says nothing about whether the day moves.
constexpr absl::Duration kLeastBetweenReads = absl::Hours(20);
// Schedules do not fire to the second.
constexpr absl::Duration kCheckSlack = absl::Hours(12);

// What the ledger tells about single days.
struct Reads {
  std::map<absl::CivilDay, absl::Time> newest;  // of each day
  std::map<int, absl::Time> newest_at_age;      // of re-reads
  std::map<int, int> again_at_age;              // how many
  int Again(int older_than) const {
    int count = 0;
    for (auto at = again_at_age.upper_bound(older_than); at != again_at_age.end(); ++at) count += at->second;
    return count;
  }
};

Reads ReadsOf(const LookBackInput& input, absl::CivilDay from) {
  std::vector<LedgerEntry> ledger = input.ledger;
  std::stable_sort(ledger.begin(), ledger.end(),
                   [](const LedgerEntry& a, const LedgerEntry& b) { return a.committed < b.committed; });
  Reads reads;
  for (const LedgerEntry& entry : ledger) {
    if (entry.window.kind != WindowKind::kDays) continue;
    const absl::CivilDay today = DayIn(input.rule.zone, entry.committed);
    for (absl::CivilDay day = std::max(entry.window.first, from); day <= entry.window.last; ++day) {
      const auto [before, first_read] = reads.newest.try_emplace(day, entry.committed);
      if (first_read) continue;
      if (entry.committed >= LearnedSince(input.now) && entry.committed - before->second >= kLeastBetweenReads) {
        const int age = static_cast<int>(today - day);
        ++reads.again_at_age[age];
        reads.newest_at_age[age] = entry.committed;
      }
      before->second = entry.committed;
    }
  }
  return reads;
}

// Up to which age days move.
struct Moving {
  int until = 0;       // kOverlooked apart; 0: nothing moves
  std::string metric;  // that moves longest
  bool nothing_later = true;
};

Moving MovingOf(const std::vector<Movement>& movement) {
  std::map<std::string, std::map<int, double>> by_metric;
  for (const Movement& one : movement) by_metric[one.metric][one.age_days] += one.moved;
  Moving moving;
  int oldest = 0;
  for (const auto& [metric, by_age] : by_metric) {
    double total = 0, later = 0;
    for (const auto& [age, moved] : by_age) total += moved;
    if (total <= 0) continue;
    oldest = std::max(oldest, by_age.rbegin()->first);
    for (auto at = by_age.rbegin(); at != by_age.rend(); ++at) {
      later += at->second;
      if (later <= kOverlooked * total) continue;
      if (at->first > moving.until) {
        moving.until = at->first;
        moving.metric = metric;
      }
      break;
    }
  }
  moving.nothing_later = oldest <= moving.until;
  return moving;
}

// Days that were not read since they could be final, and days that moved at their newest read all the same.
std::vector<Coverage> NotFinal(const LookBackInput& input, const Reads& reads) {
  std::set<std::pair<absl::CivilDay, int64_t>> late;
  for (const Restatement& one : input.late) {
    if (Moves(one.change)) late.emplace(one.change.day, absl::ToUnixSeconds(one.settled));
  }
  std::vector<Coverage> days;
  for (const auto& [day, read_at] : reads.newest) {
    const bool moved = late.count({day, absl::ToUnixSeconds(read_at)}) != 0;
    if (moved || read_at < DayEnd(input.rule.zone, day + input.rule.limit_days)) days.push_back({day, day});
  }
  return NormalizeIntervals(std::move(days));
}

std::vector<Coverage> DueCheck(const LookBackInput& input, const Reads& reads, absl::CivilDay newest) {
  const std::vector<Coverage> open = Clip(NotFinal(input, reads), absl::CivilDay::min(), newest);
  const absl::Time due = input.now - (absl::Hours(24) * input.rule.check_days - kCheckSlack);
  for (const auto& [day, read_at] : reads.newest) {
    if (read_at > due || !ContainsDay(open, day)) continue;
    std::vector<Coverage> check;
    for (const Coverage& part : input.committed) {
      for (const Coverage& days : Clip(open, part.first, part.last)) check.push_back(days);
    }
    return NormalizeIntervals(std::move(check));
  }
  return {};
}

std::string DaysText(int days) { return absl::StrCat(days, days == 1 ? " day" : " days"); }

std::string WhatMoves(const Moving& moving, int rereads) {
  if (moving.until == 0) return absl::StrCat("nothing moved in ", rereads, " re-reads");
  if (moving.nothing_later) {
    return absl::StrCat("no day older than ", moving.until, " moved in ", rereads, " re-reads, and ", moving.metric,
                        " moved that long");
  }
  return absl::StrCat("days older than ", moving.until, " had at most 0.1 % of any metric's change in ", rereads,
                      " re-reads, and ", moving.metric, " moved that long");
}

std::string LastCheck(const Reads& reads, int days, absl::TimeZone zone) {
  std::optional<absl::Time> last;
  for (auto at = reads.newest_at_age.upper_bound(days); at != reads.newest_at_age.end(); ++at) {
    last = std::max(last.value_or(at->second), at->second);
  }
  return last.has_value() ? absl::StrCat("; older days were last read again on ", FormatDay(DayIn(zone, *last))) : "";
}

}  // namespace

int LeastLookBack(absl::Duration lag) {
  // Complete after the lag, and after 12:00 UTC of the next day, which is at most 26 hours after a day's end (UTC+14).
  const absl::Duration complete = std::max(lag, absl::Hours(26));
  return static_cast<int>(absl::ToInt64Hours(complete) / 24) + 1;
}

absl::Time LearnedSince(absl::Time now) { return now - absl::Hours(24) * kLearnDays; }

absl::CivilDay OldestDayToLearnFrom(const LookBackRule& rule, absl::CivilDay newest) {
  return newest - (rule.limit_days + rule.check_days + kLearnDays);
}

LookBack LearnLookBack(const LookBackInput& input) {
  const LookBackRule& rule = input.rule;
  LookBack result{.days = std::max(rule.first_days, rule.least_days)};
  if (input.committed.empty()) {
    result.why = "to begin with: nothing is read yet";
    return result;
  }
  const absl::CivilDay newest = input.committed.back().last;
  const Reads reads = ReadsOf(input, OldestDayToLearnFrom(rule, newest));
  const Moving moving = MovingOf(input.movement);
  const int needed = kChecksToLearn * std::max(0, rule.limit_days - rule.first_days);
  const int seen = reads.Again(rule.first_days);
  const int wanted = std::max(rule.least_days, moving.until == 0 ? 0 : moving.until + kMarginDays);
  if (seen < needed && wanted <= result.days) {
    result.why = absl::StrCat("to begin with: ", seen, " of the ", needed, " re-reads of days older than ",
                              rule.first_days, " that it takes to learn");
  } else {
    result.days = std::min(wanted, rule.limit_days);
    result.why = WhatMoves(moving, reads.Again(0));
    if (wanted > rule.limit_days) absl::StrAppend(&result.why, "; look_back_limit is ", DaysText(rule.limit_days));
    if (wanted == rule.least_days) absl::StrAppend(&result.why, "; figures are complete only then");
  }
  absl::StrAppend(&result.why, LastCheck(reads, result.days, rule.zone));
  result.check = DueCheck(input, reads, newest);
  return result;
}

}  // namespace tikhaul
