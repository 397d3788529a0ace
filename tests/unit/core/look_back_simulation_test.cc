// Most of a year of increments with a learned look-back over figures that move for some days, then for more, then for
// fewer: what is kept equals the truth in the end, the look-back follows, and far fewer days are read than the limit
// would.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "coordinator/core/coverage.h"
#include "coordinator/core/look_back.h"
#include "coordinator/core/planner.h"
#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

constexpr uint64_t kSeeds = 60;

class Account {
 public:
  explicit Account(uint64_t seed) : random_(seed) {
    const std::vector<const char*> zones = {"UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati",
                                            "Etc/GMT+12"};
    rule_.zone = Zone(zones[random_() % zones.size()]);
    rule_.least_days = 2 + static_cast<int>(random_() % 2);
    now_ = Utc("2026-01-10 13:30:00");
    Read({DayIn(rule_.zone, now_) - 100, DayIn(rule_.zone, now_)});  // the backfill
  }

  // Days that begin from now on move for so many days after their end.
  void MoveFor(int days) { moves_for_[DayIn(rule_.zone, now_)] = days; }

  // `missed_percent` of the increments do not take place.
  void Live(int days, int missed_percent = 0) {
    for (int i = 0; i < days; ++i) {
      now_ += absl::Hours(24) + absl::Seconds(static_cast<int64_t>(random_() % 600) - 300);
      if (static_cast<int>(random_() % 100) >= missed_percent) Increment();
    }
  }

  int look_back() const { return Learn().days; }
  int64_t days_read() const { return days_read_; }

  // Of every day so old that it had its last read.
  void ExpectTruth() const {
    const absl::CivilDay settled = DayIn(rule_.zone, now_) - (rule_.limit_days + rule_.check_days + 2);
    for (const auto& [day, value] : kept_) {
      if (day <= settled) {
        ASSERT_EQ(value, Truth(day, now_)) << FormatDay(day);
      }
    }
  }

 private:
  int MovesFor(absl::CivilDay day) const {
    const auto next = moves_for_.upper_bound(day);
    return next == moves_for_.begin() ? 3 : std::prev(next)->second;
  }
  // Grows evenly; a thousand and more is the day's last figure.
  int64_t Truth(absl::CivilDay day, absl::Time at) const {
    const int64_t last = 1'000 + (day - absl::CivilDay(2020, 1, 1)) * 7;
    const absl::Time end = DayEnd(rule_.zone, day);
    if (at < end) return last / 2;
    const int moves_for = MovesFor(day);
    const int64_t age = std::min<int64_t>(moves_for, absl::ToInt64Hours(at - end) / 24);
    return last - (moves_for == 0 ? 0 : last / 4 * (moves_for - age) / moves_for);
  }

  LookBack Learn() const {
    LookBackInput input{.rule = rule_, .now = now_, .committed = committed_, .ledger = ledger_};
    for (const Restatement& one : restatements_) {
      if (one.settled >= LearnedSince(now_) && one.finality_before != Finality::kProvisional) {
        const double moved = std::stod(one.change.metrics[0].sums->moved);
        input.movement.push_back({.age_days = one.age_days, .metric = "conversion", .days = 1, .moved = moved});
      }
      if (one.age_days > rule_.limit_days) input.late.push_back(one);
    }
    return LearnLookBack(input);
  }

  void Increment() {
    const LookBack look_back = Learn();
    IncrementInput input;
    input.calendar.longest_days = 30;
    input.calendar.zone = rule_.zone;
    input.calendar.now = now_;
    input.floor = look_back.check.empty() ? committed_.back().last - (look_back.days - 1) : committed_.front().first;
    input.committed = committed_;
    input.provisional = look_back.check;
    input.look_back_days = look_back.days;
    for (const Window& window : PlanIncrement(input)) Read({window.first, window.last});
  }

  void Read(Coverage days) {
    for (absl::CivilDay day = days.first; day <= days.last; ++day, ++days_read_) {
      const int64_t value = Truth(day, now_);
      const auto [kept, is_new] = kept_.try_emplace(day, value);
      if (is_new || kept->second == value) continue;
      const std::string moved = absl::StrCat(std::abs(value - kept->second));
      restatements_.push_back(
          {.settled = now_,
           .age_days = static_cast<int>(DayIn(rule_.zone, now_) - day),
           .finality_before = kept_at_[day] < DayEnd(rule_.zone, day) ? Finality::kProvisional : Finality::kSettling,
           .change = {.day = day,
                      .updated = 1,
                      .metrics = {{.metric = "conversion", .rows = 1, .sums = RestatedSums{"", "", "", moved}}}}});
      kept->second = value;
    }
    for (absl::CivilDay day = days.first; day <= days.last; ++day) kept_at_[day] = now_;
    LedgerEntry entry;
    entry.window = {WindowKind::kDays, days.first, days.last};
    entry.committed = now_;
    ledger_.push_back(entry);
    committed_ = AddInterval(committed_, days);
  }

  std::mt19937_64 random_;
  LookBackRule rule_;
  absl::Time now_;
  std::map<absl::CivilDay, int> moves_for_;
  std::map<absl::CivilDay, int64_t> kept_;
  std::map<absl::CivilDay, absl::Time> kept_at_;
  std::vector<Coverage> committed_;
  std::vector<LedgerEntry> ledger_;
  std::vector<Restatement> restatements_;
  int64_t days_read_ = 0;
};

TEST(LookBackSimulation, FollowsTheFiguresAndLosesNoChange) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Account account(seed);
    EXPECT_EQ(account.look_back(), 7);
    account.Live(60);  // days move for 3 days
    EXPECT_GE(account.look_back(), 4);
    EXPECT_LE(account.look_back(), 6);
    const int64_t before = account.days_read();
    account.Live(60);
    // Today, the look-back and a check of all that is not final each week. The limit would read 29 days each day.
    EXPECT_LE(account.days_read() - before, 60 * (1 + 6) + 9 * 37);
    account.ExpectTruth();

    account.MoveFor(14);
    account.Live(30);
    EXPECT_GE(account.look_back(), 15) << "two checks have shown that days move longer now";
    account.MoveFor(0);
    account.Live(70);
    EXPECT_LE(account.look_back(), 3) << "the old days are forgotten";
    account.ExpectTruth();
    if (testing::Test::HasFailure()) return;
  }
}

TEST(LookBackSimulation, MissedIncrementsLoseNothing) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Account account(seed);
    account.MoveFor(1 + static_cast<int>(seed % 28));
    account.Live(120, /*missed_percent=*/40);
    account.Live(10);
    account.ExpectTruth();
    if (testing::Test::HasFailure()) return;
  }
}

TEST(LookBackSimulation, AnInstallationThatSleptReadsWhatWasOpen) {
  Account account(3);
  account.MoveFor(20);
  account.Live(30);
  account.Live(45, /*missed_percent=*/100);
  account.Live(20);
  account.ExpectTruth();
}

}  // namespace
}  // namespace tikhaul
