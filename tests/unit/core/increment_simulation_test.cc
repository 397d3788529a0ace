// Months of increments with dead chunks, missed schedules and slow commits: however it went, every day's last read is
// one of complete figures in the end, and the cursor never passed a day of which that was not so.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "coordinator/core/coverage.h"
#include "coordinator/core/cursor.h"
#include "coordinator/core/finality.h"
#include "coordinator/core/planner.h"
#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

#if defined(__SANITIZE_THREAD__)
constexpr uint64_t kSeeds = 30;  // one thread: nothing to find there that would be worth the time
#else
constexpr uint64_t kSeeds = 300;
#endif

class History {
 public:
  explicit History(uint64_t seed) : random_(seed) {
    const std::vector<const char*> zones = {"UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati",
                                            "Etc/GMT+12"};
    const std::vector<absl::Duration> lags = {absl::Minutes(30), absl::Hours(16), absl::Hours(48)};
    rule_.zone = Zone(zones[random_() % zones.size()]);
    rule_.lag = lags[random_() % lags.size()];
    rule_.audience = random_() % 2 == 0;
    input_.calendar.longest_days = 1 + static_cast<int>(random_() % 30);
    input_.calendar.zone = rule_.zone;
    input_.look_back_days = 1 + static_cast<int>(random_() % 3);
    now_ = Utc("2026-03-10 00:00:00");
    input_.floor = DayIn(rule_.zone, now_) - 40;
  }

  // One increment, `percent` of whose windows end without rows.
  void Increment(int percent) {
    input_.calendar.now = now_;
    input_.committed = coverage_;
    const absl::CivilDay from = cursor_.has_value() ? *cursor_ + 1 : input_.floor;
    input_.provisional = ProvisionalDays(rule_, LedgerFrom(from), from);
    for (const Window& window : PlanIncrement(input_)) {
      now_ += absl::Minutes(static_cast<int64_t>(random_() % 20));
      const absl::Time read_at = now_;
      now_ += absl::Seconds(static_cast<int64_t>(random_() % 3000));
      if (static_cast<int>(random_() % 100) >= percent) Commit(window, read_at);
    }
  }

  void Wait(absl::Duration duration) { now_ += duration; }
  absl::Duration UpTo(absl::Duration longest) { return longest * (static_cast<double>(random_() % 1000) / 1000); }

  // Every day whose figures were complete an hour ago was read after that, and the cursor knows it.
  void CheckSettled() const {
    const absl::CivilDay complete = FirstProvisionalDay(rule_, now_ - absl::Hours(30)) - 1;
    ASSERT_TRUE(Holes(coverage_, input_.floor, complete).empty());
    for (absl::CivilDay day = input_.floor; day <= complete; ++day) {
      ASSERT_NE(FinalityOf(rule_, day, read_at_.at(DayNumber(day))), Finality::kProvisional) << FormatDay(day);
    }
    ASSERT_TRUE(cursor_.has_value());
    ASSERT_GE(*cursor_, complete);
  }

 private:
  std::vector<LedgerEntry> LedgerFrom(absl::CivilDay day) const {
    std::vector<LedgerEntry> entries;
    for (const LedgerEntry& entry : ledger_) {
      if (entry.window.last >= day) entries.push_back(entry);
    }
    return entries;
  }

  void Commit(const Window& window, absl::Time read_at) {
    LedgerEntry entry;
    entry.window = window;
    entry.committed = now_;
    ledger_.push_back(entry);
    for (absl::CivilDay day = window.first; day <= window.last; ++day) read_at_[DayNumber(day)] = read_at;
    coverage_ = AddInterval(coverage_, {window.first, window.last});
    const std::optional<absl::CivilDay> from = LedgerNeededFrom(input_.floor, cursor_, coverage_);
    const std::vector<Coverage> provisional =
        from.has_value() ? ProvisionalDays(rule_, LedgerFrom(*from), *from) : std::vector<Coverage>{};
    const CursorDays next = NextCursor(input_.floor, cursor_, coverage_, provisional);
    ASSERT_GE(next.cursor, cursor_);
    ASSERT_LE(next.cursor, next.through);
    // A day before the cursor may be read again, but not with figures that are less complete.
    for (absl::CivilDay day = input_.floor; next.cursor.has_value() && day <= *next.cursor; ++day) {
      ASSERT_NE(FinalityOf(rule_, day, read_at_.at(DayNumber(day))), Finality::kProvisional) << FormatDay(day);
    }
    cursor_ = next.cursor;
  }

  std::mt19937_64 random_;
  FinalityRule rule_;
  IncrementInput input_;
  absl::Time now_;
  std::vector<Coverage> coverage_;
  std::vector<LedgerEntry> ledger_;
  std::map<int64_t, absl::Time> read_at_;  // the newest read of each day
  std::optional<absl::CivilDay> cursor_;
};

TEST(IncrementSimulation, EveryDayIsReadWhenItsFiguresAreComplete) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    History history(seed);
    for (int i = 0; i < 40; ++i) {
      history.Increment(40);
      history.Wait(history.UpTo(absl::Hours(60)));
    }
    history.Increment(0);  // fills what dead chunks left
    history.Increment(0);
    history.CheckSettled();
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tikhaul
