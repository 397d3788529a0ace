// How far a day's figures are from their last change, and which read days must be read again because of it.
//
// Source: tiktok-api.md 4.8. A day is
//   provisional until its figures can be complete: the lag of what is asked for after the day's end, and the API's
//   daily
//               repair run, 12:00 UTC on the day after (audience data: also 9:00 account time on the day after);
//   settling    until no click window can change it any more (28 days unless configured), and for as long as its newest
//               read still changes what the read before had given;
//   final       from then on.
#ifndef TIKHAUL_COORDINATOR_CORE_FINALITY_H_
#define TIKHAUL_COORDINATOR_CORE_FINALITY_H_

#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"
#include "common/model/restatement.h"

namespace tikhaul {

struct FinalityRule {
  absl::TimeZone zone;                     // of the account
  absl::Duration lag = absl::Minutes(30);  // after the day's end; finite, not negative
  bool audience = false;                   // an audience report
  int settle_days = 28;                    // after the day's end
};

// The first instant at which a read of `day` is not provisional.
absl::Time ProvisionalUntil(const FinalityRule& rule, absl::CivilDay day);

// What a read of `day` at `read_at` is worth. Days that have not ended are provisional.
Finality FinalityOf(const FinalityRule& rule, absl::CivilDay day, absl::Time read_at);

// Whether a new read has changed the day's figures. Texts, and columns that no read before had, do not count.
bool Moves(const DayChange& change);

// What the day is worth after a read that is worth `read` by the day's age and has made this change of what an earlier
// read gave: a day that still moves is not final, however old it is.
Finality FinalityAfter(Finality read, const DayChange& change);

// The oldest day that is provisional when read at `read_at`; all later days are, too.
absl::CivilDay FirstProvisionalDay(const FinalityRule& rule, absl::Time read_at);

// The newest day that is final when read at `read_at`; all earlier days are, too.
absl::CivilDay LastFinalDay(const FinalityRule& rule, absl::Time read_at);

// Clocks jump: a read is taken to have begun at least this long before it was committed, whatever its claim says.
inline constexpr absl::Duration kReadMargin = absl::Hours(1);

// The instant as of which figures are believed: a doubtful day is rather read once too often. `claimed` may be unknown.
absl::Time ReadAt(absl::Time claimed, absl::Time committed);
inline absl::Time ReadAt(const LedgerEntry& entry) { return ReadAt(entry.claimed, entry.committed); }

// Days from `from` on whose newest read in `ledger` was provisional: their rows are there, but the cursor must not pass
// them and the next increment reads them again, however long ago that read was. `ledger`: in any order, at least all
// entries of the extract and advertiser whose window touches `from` or a later day (LedgerFilter::first_day = from);
// entries of other kinds than kDays are passed over. Each was read as of ReadAt.
std::vector<Coverage> ProvisionalDays(const FinalityRule& rule, std::vector<LedgerEntry> ledger, absl::CivilDay from);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_FINALITY_H_
