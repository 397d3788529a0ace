// Settling: how a chunk's rows meet the rows that are there.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_ROWS_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_ROWS_H_

#include "absl/status/status.h"
#include "coordinator/store/sqlite/sqlite_db.h"

namespace tikhaul {

// Makes known to a connection the function by which settling finds the rows that a chunk did not bring. Once, before
// the first SettleRows.
absl::Status RegisterRowFunctions(SqliteDb& db);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_ROWS_H_
