// A RowScope as a condition.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_SCOPE_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_SCOPE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/store/sqlite/sqlite_db.h"
#include "coordinator/store/store.h"

namespace tikhaul {

struct ScopeSql {
  std::string condition;            // "advertiser_id = ? AND stat_time_day BETWEEN ? AND ?"
  std::vector<std::string> values;  // of its parameters
  // Binds the values from parameter `first` on.
  void Bind(int first, SqliteStatement& statement) const {
    for (const std::string& value : values) statement.Bind(first++, value);
  }
};

// INVALID_ARGUMENT when the table lacks the columns that the scope needs.
absl::StatusOr<ScopeSql> ScopeOf(const TableSchema& table, const RowScope& scope);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_SCOPE_H_
