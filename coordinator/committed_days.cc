#include "coordinator/committed_days.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "coordinator/core/coverage.h"
#include "coordinator/core/cursor.h"
#include "coordinator/finality_rule.h"

namespace tikhaul {

absl::Status CommitDays(StoreTransaction& tx, const RegisteredExtract& extract, absl::TimeZone zone,
                        const std::string& advertiser, Coverage days, absl::Time now) {
  const std::string& name = extract.spec.name();
  ASSIGN_OR_RETURN(std::vector<Coverage> coverage, tx.ListCoverage(name, advertiser));
  coverage = AddInterval(coverage, days);
  RETURN_IF_ERROR(tx.PutCoverage(name, advertiser, coverage));
  ASSIGN_OR_RETURN(std::optional<Cursor> cursor, tx.GetCursor(name, advertiser));
  if (!cursor.has_value()) {
    cursor = Cursor{.extract = name, .advertiser = advertiser, .first_day = days.first, .through = {}, .cursor = {}};
  }
  cursor->updated = now;
  std::vector<Coverage> provisional;
  if (const auto from = LedgerNeededFrom(cursor->first_day, cursor->cursor, coverage); from.has_value()) {
    const LedgerFilter filter{.extract = name, .advertiser = advertiser, .first_day = *from};
    ASSIGN_OR_RETURN(std::vector<LedgerEntry> ledger, tx.ListLedger(filter, 0, 0));
    provisional = ProvisionalDays(RuleFor(extract, zone), std::move(ledger), *from);
  }
  const CursorDays moved = NextCursor(cursor->first_day, cursor->cursor, coverage, provisional);
  cursor->through = moved.through;
  cursor->cursor = moved.cursor;
  return tx.PutCursor(*cursor);
}

}  // namespace tikhaul
