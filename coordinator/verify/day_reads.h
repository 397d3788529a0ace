// What ledger, coverage and chunks say of an extract's days: which read counts, was it final, why is a day not there.
// Pure.
#ifndef TIKHAUL_COORDINATOR_VERIFY_DAY_READS_H_
#define TIKHAUL_COORDINATOR_VERIFY_DAY_READS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/model/chunk.h"
#include "coordinator/core/finality.h"

namespace tikhaul {

// The newest read of each day of [first, last] that has one; of reads with windows of that kind. Borrows the entries,
// which may be in any order.
class DayReads {
 public:
  DayReads(const std::vector<LedgerEntry>& ledger, absl::CivilDay first, absl::CivilDay last,
           WindowKind kind = WindowKind::kDays);

  // nullptr: the ledger has no read of the day.
  const LedgerEntry* Of(absl::CivilDay day) const;
  // The reads that are still the newest of all their days, oldest window first: what they committed must be there.
  std::vector<const LedgerEntry*> Whole() const;
  const std::map<absl::CivilDay, const LedgerEntry*>& newest() const { return newest_; }

 private:
  std::map<absl::CivilDay, const LedgerEntry*> newest_;
};

// The committed days of [first, last] cut into windows that are no longer than `longest` days.
std::vector<Window> WindowsToCompare(const std::vector<Coverage>& committed, absl::CivilDay first, absl::CivilDay last,
                                     int longest);

// Days of [first, last] that are not committed, and what is known of why.
struct Unread {
  Coverage days;
  std::string why;
  bool dead = false;  // `tikhaul retry` reads them; otherwise, when `pending` is false, a backfill
  bool pending = false;
};
// `open`: chunks of the extract and advertiser that are ready, running or dead.
std::vector<Unread> UnreadDays(const std::vector<Coverage>& committed, const std::vector<Chunk>& open,
                               absl::CivilDay first, absl::CivilDay last);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_VERIFY_DAY_READS_H_
