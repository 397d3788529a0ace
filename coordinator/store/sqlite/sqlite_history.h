// The history table of a row table: which version of a row was valid when.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_HISTORY_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_HISTORY_H_

#include "absl/status/status.h"
#include "common/model/table.h"
#include "coordinator/store/sqlite/sqlite_db.h"

namespace tikhaul {

// Makes triggers on the row table keep the history table, which is there already, from now on; rows that are there
// become the first versions. With table.history unset, ends that; what was kept stays.
absl::Status KeepHistory(SqliteDb& db, const TableSchema& table);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_HISTORY_H_
