#include "coordinator/core/cursor.h"

#include <algorithm>

#include "coordinator/core/coverage.h"

namespace tikhaul {

std::optional<absl::CivilDay> LedgerNeededFrom(absl::CivilDay first_day, std::optional<absl::CivilDay> cursor,
                                               const std::vector<Coverage>& coverage) {
  const std::optional<absl::CivilDay> through = ContiguousThrough(coverage, first_day);
  if (!through.has_value()) return std::nullopt;
  const absl::CivilDay next = cursor.has_value() ? std::max(first_day, *cursor + 1) : first_day;
  if (next > *through) return std::nullopt;
  return next;
}

CursorDays NextCursor(absl::CivilDay first_day, std::optional<absl::CivilDay> cursor,
                      const std::vector<Coverage>& coverage, const std::vector<Coverage>& provisional) {
  CursorDays days;
  days.through = ContiguousThrough(coverage, first_day);
  if (!days.through.has_value()) return days;
  const absl::CivilDay next = cursor.has_value() ? std::max(first_day, *cursor + 1) : first_day;
  const std::vector<Coverage> doubtful = Clip(provisional, next, std::max(next, *days.through));
  const absl::CivilDay last = doubtful.empty() ? *days.through : std::min(*days.through, doubtful.front().first - 1);
  if (last >= first_day) days.cursor = last;
  return days;
}

}  // namespace tikhaul
