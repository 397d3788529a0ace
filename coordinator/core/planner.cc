#include "coordinator/core/planner.h"

#include <algorithm>

#include "common/base/civil.h"
#include "coordinator/core/coverage.h"

namespace tikhaul {
namespace {

absl::TimeZone ZoneOf(const Calendar& calendar) {
  return calendar.kind == WindowKind::kCreated ? absl::UTCTimeZone() : calendar.zone;
}

bool IsWhole(const Calendar& calendar) { return calendar.kind == WindowKind::kWhole || calendar.longest_days <= 0; }

// The first day of the grid cell that holds `day`.
absl::CivilDay CellStart(const Calendar& calendar, absl::CivilDay day) {
  const int64_t number = DayNumber(day), length = calendar.longest_days;
  const int64_t past = ((number % length) + length) % length;
  return day - past;
}

// `days` widened to whole cells of the grid, within [OldestDay, today].
std::vector<Coverage> WidenToCells(const Calendar& calendar, const std::vector<Coverage>& days) {
  std::vector<Coverage> cells;
  for (const Coverage& interval : days) {
    cells.push_back(
        {CellStart(calendar, interval.first), CellStart(calendar, interval.last) + (calendar.longest_days - 1)});
  }
  return Clip(NormalizeIntervals(std::move(cells)), OldestDay(calendar), Today(calendar));
}

// The window that ends with the stretch's newest day that is not idle.
Window NewestWindow(const Calendar& calendar, const Coverage& stretch, const std::vector<Coverage>& busy) {
  const absl::CivilDay newest = busy.back().last;
  if (calendar.fixed_grid) {
    const absl::CivilDay start = CellStart(calendar, newest);
    return {calendar.kind, std::max(stretch.first, start), std::min(stretch.last, start + (calendar.longest_days - 1))};
  }
  const absl::CivilDay first = std::max(stretch.first, newest - (calendar.longest_days - 1));
  return {calendar.kind, Clip(busy, first, newest).front().first, newest};
}

// Cuts one stretch of days from its newest end, so that only the oldest window may be short. Idle days are in windows
// only where those around them are.
void CutStretch(const Calendar& calendar, const Coverage& stretch, const std::vector<Coverage>& idle,
                std::vector<Window>* windows) {
  std::vector<Coverage> busy = SubtractIntervals({stretch}, idle);
  while (!busy.empty()) {
    windows->push_back(NewestWindow(calendar, stretch, busy));
    busy = Clip(busy, stretch.first, windows->back().first - 1);
  }
}

std::vector<Window> CutNewestFirst(const Calendar& calendar, const std::vector<Coverage>& days,
                                   const std::vector<Coverage>& idle = {}) {
  std::vector<Window> windows;
  for (auto stretch = days.rbegin(); stretch != days.rend(); ++stretch) CutStretch(calendar, *stretch, idle, &windows);
  return windows;
}

// One read is cheaper than one for each of many windows.
std::vector<Window> OneWindow(const Calendar& calendar, const std::vector<Coverage>& days) {
  if (days.empty()) return {};
  const Coverage all{OldestDay(calendar), Today(calendar)};
  if (days.front() == all) return {Window{}};
  return {{calendar.kind, days.front().first, days.front().last}};
}

// Whole cells of the days, without cells of which a pending chunk owns a part.
std::vector<Window> GridIncrement(const Calendar& calendar, const std::vector<Coverage>& days,
                                  const std::vector<Coverage>& pending) {
  std::vector<Window> windows = CutNewestFirst(calendar, WidenToCells(calendar, days));
  std::erase_if(windows, [&](const Window& window) { return !Clip(pending, window.first, window.last).empty(); });
  return windows;
}

// The newest of the committed days and those just before it that were read, too.
std::vector<Coverage> LookBack(const std::vector<Coverage>& committed, int days) {
  if (committed.empty()) return {};
  const absl::CivilDay newest = committed.back().last;
  return Clip(committed, newest - (std::max(days, 1) - 1), newest);
}

}  // namespace

absl::CivilDay Today(const Calendar& calendar) { return DayIn(ZoneOf(calendar), calendar.now); }

absl::CivilDay OldestDay(const Calendar& calendar) {
  if (calendar.account_created == absl::InfinitePast()) return kOldestHistory;
  return std::max(kOldestHistory, DayIn(ZoneOf(calendar), calendar.account_created));
}

absl::CivilDay FirstWantedDay(const Calendar& calendar, int depth_days) {
  const absl::CivilDay oldest = OldestDay(calendar);
  return depth_days <= 0 ? oldest : std::max(oldest, Today(calendar) - (depth_days - 1));
}

std::vector<Window> PlanWindows(const PlanInput& input) {
  const Calendar& calendar = input.calendar;
  if (IsWhole(calendar)) return {Window{}};
  const absl::CivilDay first = input.first.value_or(FirstWantedDay(calendar, input.depth_days));
  const absl::CivilDay last = input.last.value_or(Today(calendar));
  if (last < first) return {};
  std::vector<Coverage> days = Clip({{first, last}}, OldestDay(calendar), Today(calendar));
  if (calendar.kind == WindowKind::kCreated) return OneWindow(calendar, days);
  if (calendar.fixed_grid) days = WidenToCells(calendar, days);
  return CutNewestFirst(calendar, days, input.idle);
}

std::vector<Window> PlanCovered(const Calendar& calendar, const std::vector<Coverage>& covered,
                                std::optional<absl::CivilDay> first, std::optional<absl::CivilDay> last) {
  if (covered.empty()) return {};
  const absl::CivilDay from = first.value_or(covered.front().first), to = last.value_or(covered.back().last);
  if (to < from) return {};
  if (!calendar.fixed_grid) return CutNewestFirst(calendar, Clip(covered, from, to));
  std::vector<Window> windows = CutNewestFirst(calendar, covered);
  std::erase_if(windows, [&](const Window& window) { return window.last < from || window.first > to; });
  return windows;
}

std::vector<Window> SplitWindow(const Window& window) {
  if (window.kind == WindowKind::kWhole || window.Days() < 2) return {};
  const absl::CivilDay middle = window.first + window.Days() / 2;
  return {{window.kind, middle, window.last}, {window.kind, window.first, middle - 1}};
}

std::vector<Window> AdvisedWindows(const Calendar& calendar, const Window& window) {
  const absl::CivilDay oldest = OldestDay(calendar), today = Today(calendar);
  if (window.kind == WindowKind::kWhole) return CutNewestFirst(calendar, Clip({{oldest, today}}, oldest, today));
  if (window.Days() <= calendar.longest_days) return {};
  return CutNewestFirst(calendar, {{window.first, window.last}});
}

std::vector<Coverage> DaysOf(const std::vector<Window>& windows) {
  std::vector<Coverage> days;
  for (const Window& window : windows) days.push_back({window.first, window.last});
  return NormalizeIntervals(std::move(days));
}

std::vector<Window> PlanIncrement(const IncrementInput& input) {
  const Calendar& calendar = input.calendar;
  if (IsWhole(calendar)) return {Window{}};
  const absl::CivilDay first = std::max(input.floor, OldestDay(calendar));
  const absl::CivilDay last = std::min(Today(calendar), input.through.value_or(Today(calendar)));
  const std::vector<Coverage> committed = Clip(input.committed, first, last);
  std::vector<Coverage> wanted = Holes(committed, first, last);
  const std::vector<Coverage> again = LookBack(committed, input.look_back_days);
  const std::vector<Coverage> doubtful = Clip(input.provisional, first, last);
  wanted.insert(wanted.end(), again.begin(), again.end());
  wanted.insert(wanted.end(), doubtful.begin(), doubtful.end());
  wanted = NormalizeIntervals(std::move(wanted));
  if (calendar.fixed_grid) return GridIncrement(calendar, SubtractIntervals(wanted, input.pending), input.pending);
  return CutNewestFirst(calendar, SubtractIntervals(wanted, input.pending));
}

}  // namespace tikhaul
