// Cursors: how far an extract and advertiser are complete. Pure.
//
// `through` is the last day of the unbroken committed stretch from the first wanted day; `cursor` is the same but stops
// before the first day whose rows were provisional when they were read. Neither is the newest committed day: a hole
// anywhere holds both back, and mending the hole moves them over everything behind it at once.
#ifndef TIKHAUL_COORDINATOR_CORE_CURSOR_H_
#define TIKHAUL_COORDINATOR_CORE_CURSOR_H_

#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/model/chunk.h"

namespace tikhaul {

struct CursorDays {
  std::optional<absl::CivilDay> through;
  std::optional<absl::CivilDay> cursor;
  friend bool operator==(const CursorDays&, const CursorDays&) = default;
};

// The day from which on the ledger is needed to find the next cursor: ask the store for entries of that day and later,
// and give them with the day to ProvisionalDays(). Nothing when the cursor cannot move, whatever the ledger says (the
// usual case in a backfill, whose oldest window comes last): NextCursor then needs no provisional days. `first_day` is
// the start of the wanted history, `cursor` the cursor so far, `coverage` the committed days with the new window in it.
std::optional<absl::CivilDay> LedgerNeededFrom(absl::CivilDay first_day, std::optional<absl::CivilDay> cursor,
                                               const std::vector<Coverage>& coverage);

// The days after a commit. `cursor` and `coverage` as above, `provisional` from ProvisionalDays, empty where
// LedgerNeededFrom gives nothing. Days up to the cursor so far are never doubted again: it goes back only when the
// history that is wanted begins earlier than before (then there is a hole in front) or coverage was taken away.
CursorDays NextCursor(absl::CivilDay first_day, std::optional<absl::CivilDay> cursor,
                      const std::vector<Coverage>& coverage, const std::vector<Coverage>& provisional);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_CURSOR_H_
