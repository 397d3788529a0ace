// What a read changes of days that were read before: found by joins of the staged rows with the table, before these are
// written.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_CHANGES_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_CHANGES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/store/postgres/pg_session.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// `key`: the table's key columns. `vanishing`: rows of the table that satisfy this condition (columns t.x) and were not
// brought are removed; empty: none are.
absl::StatusOr<std::vector<DayChange>> CountPgChanges(PgSession& session, const SettleRequest& request,
                                                      const std::vector<size_t>& key, const std::string& vanishing);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_CHANGES_H_
