// Cuts wanted history into windows: what one chunk reads. Pure; the zone, the time and what is known are passed in.
//
// Days are days of the account's zone for WindowKind::kDays and days of UTC for kCreated. Windows are given newest
// first (the most wanted data arrive first) and never lie before the account was made or after today, for there is
// nothing.
#ifndef TIKHAUL_COORDINATOR_CORE_PLANNER_H_
#define TIKHAUL_COORDINATOR_CORE_PLANNER_H_

#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"
#include "common/model/window.h"

namespace tikhaul {

// No TikTok ad data are older (tiktok-api.md 4.4): the floor where the account's creation is not known.
inline constexpr absl::CivilDay kOldestHistory(2016, 9, 1);

// What both kinds of planning need to know.
struct Calendar {
  WindowKind kind = WindowKind::kDays;
  // Longest window in days. 0 means not windowed: planned as kWhole.
  int longest_days = 0;
  absl::TimeZone zone;  // of the account; kCreated counts in UTC whatever stands here
  absl::Time now = absl::InfinitePast();
  absl::Time account_created = absl::InfinitePast();  // InfinitePast: not known
  // For reports without a time dimension, whose key holds the window's first day: windows are the cells of a fixed grid
  // of longest_days counted from 1970-01-01, so that every plan of whatever day finds the same keys. A cell is always
  // planned whole, even where only a part of it is wanted; it is cut only by the account's first day and by today.
  bool fixed_grid = false;
};

absl::CivilDay Today(const Calendar& calendar);
// The day the account was made; kOldestHistory when that is not known or earlier.
absl::CivilDay OldestDay(const Calendar& calendar);
// The first day of the last `depth_days` days, today among them; 0: OldestDay, which it never lies before.
absl::CivilDay FirstWantedDay(const Calendar& calendar, int depth_days);

struct PlanInput {
  Calendar calendar;
  int depth_days = 0;                         // counts unless `first` is given; see FirstWantedDay
  std::optional<absl::CivilDay> first, last;  // an explicit range; cut to [OldestDay, today]
  std::vector<Coverage> idle = {};            // days without rows (normal form): windows are made for the other days
};

// The fewest windows that hold the wanted days; empty when there are none. kWhole gives one window, and so does
// kCreated, however long it is (AdvisedWindows): kWhole where the wanted days hold all that the account can have.
std::vector<Window> PlanWindows(const PlanInput& input);
// What a window of kCreated that is longer than longest_days, or kWhole, is cut into when it cannot be read at once;
// empty where it is not longer. `calendar` is of kCreated.
std::vector<Window> AdvisedWindows(const Calendar& calendar, const Window& window);
// The days of windows that are not kWhole, in normal form.
std::vector<Coverage> DaysOf(const std::vector<Window>& windows);

// The fewest windows that hold the days of `covered` (normal form) within [first, last], and no others. With a fixed
// grid each window is a whole stretch of a cell that is covered, for its figures belong to its first and last day.
std::vector<Window> PlanCovered(const Calendar& calendar, const std::vector<Coverage>& covered,
                                std::optional<absl::CivilDay> first, std::optional<absl::CivilDay> last);

// `window` in two parts by days, the newer first; empty for one day and for kWhole, which cannot be split.
std::vector<Window> SplitWindow(const Window& window);

struct IncrementInput {
  Calendar calendar;
  absl::CivilDay floor;                   // start of the wanted history
  std::vector<Coverage> committed;        // normal form (coverage.h), as all lists here
  std::vector<Coverage> provisional;      // committed days whose read was provisional: finality.h ProvisionalDays
  std::vector<Coverage> pending;          // days of chunks that are ready or running: they will be read anyhow
  int look_back_days = 1;                 // at least 1
  std::optional<absl::CivilDay> through;  // plan no later day than this; without it, today
};

// What an increment reads:
//   - every day of [floor, today] that is not committed: new days, and holes that dead or cancelled chunks have left;
//   - the look-back: the newest committed day and the look_back_days - 1 days before it. So the last appended day is
//   read
//     again by every increment, even with a look-back of 1: it was read while it went on;
//   - every committed day that was provisional when it was read;
// without the days that pending chunks own (a window has one owner at a time). Packed into the fewest windows of
// adjoining days. With a fixed grid every cell that holds such a day is read whole, unless a pending chunk owns a part
// of it. kWhole gives one window, always.
std::vector<Window> PlanIncrement(const IncrementInput& input);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_PLANNER_H_
