// How row tables lie in SQLite: WITHOUT ROWID, in the order of their key, so that a chunk's rows lie together.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_TABLES_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_TABLES_H_

#include "absl/strings/string_view.h"
#include "common/model/table.h"
#include "coordinator/store/sql/row_tables.h"

namespace tikhaul {

// INTEGER, REAL or TEXT.
absl::string_view SqlType(ColumnType type);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_TABLES_H_
