#include "coordinator/core/coverage.h"

#include <algorithm>

namespace tikhaul {

std::vector<Coverage> NormalizeIntervals(std::vector<Coverage> intervals) {
  std::erase_if(intervals, [](const Coverage& interval) { return interval.last < interval.first; });
  std::sort(intervals.begin(), intervals.end(), [](const Coverage& a, const Coverage& b) { return a.first < b.first; });
  std::vector<Coverage> result;
  for (const Coverage& interval : intervals) {
    if (!result.empty() && interval.first <= result.back().last + 1) {
      result.back().last = std::max(result.back().last, interval.last);
    } else {
      result.push_back(interval);
    }
  }
  return result;
}

std::vector<Coverage> AddInterval(const std::vector<Coverage>& days, Coverage interval) {
  std::vector<Coverage> all = days;
  all.push_back(interval);
  return NormalizeIntervals(std::move(all));
}

std::vector<Coverage> SubtractIntervals(const std::vector<Coverage>& days, const std::vector<Coverage>& minus) {
  std::vector<Coverage> result;
  auto cut = minus.begin();
  for (Coverage rest : days) {
    while (cut != minus.end() && cut->last < rest.first) ++cut;
    for (auto at = cut; at != minus.end() && at->first <= rest.last && rest.first <= rest.last; ++at) {
      if (rest.first < at->first) result.push_back({rest.first, at->first - 1});
      rest.first = at->last + 1;
    }
    if (rest.first <= rest.last) result.push_back(rest);
  }
  return result;
}

std::vector<Coverage> Clip(const std::vector<Coverage>& days, absl::CivilDay first, absl::CivilDay last) {
  std::vector<Coverage> result;
  for (const Coverage& interval : days) {
    const Coverage part{std::max(first, interval.first), std::min(last, interval.last)};
    if (part.first <= part.last) result.push_back(part);
  }
  return result;
}

std::vector<Coverage> Holes(const std::vector<Coverage>& days, absl::CivilDay first, absl::CivilDay last) {
  if (last < first) return {};
  return SubtractIntervals({{first, last}}, days);
}

std::optional<absl::CivilDay> ContiguousThrough(const std::vector<Coverage>& days, absl::CivilDay first) {
  for (const Coverage& interval : days) {
    if (interval.first <= first && first <= interval.last) return interval.last;
  }
  return std::nullopt;
}

bool ContainsDay(const std::vector<Coverage>& days, absl::CivilDay day) {
  return ContiguousThrough(days, day).has_value();
}

int64_t CountDays(const std::vector<Coverage>& days) {
  int64_t count = 0;
  for (const Coverage& interval : days) count += interval.last - interval.first + 1;
  return count;
}

}  // namespace tikhaul
