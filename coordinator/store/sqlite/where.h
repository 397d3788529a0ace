// A WHERE clause that grows with the filters that are set.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_WHERE_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_WHERE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/status_macros.h"
#include "coordinator/store/sqlite/sqlite_db.h"

namespace tikhaul {

class Where {
 public:
  void Add(absl::string_view condition) { absl::StrAppend(&sql_, sql_.empty() ? " WHERE " : " AND ", condition); }
  // `condition` holds one "?", which is bound to `value`.
  void Add(absl::string_view condition, absl::string_view value) {
    Add(condition);
    values_.emplace_back(value);
  }
  // Nothing when `value` is empty: a filter that lets all through.
  void AddUnlessEmpty(absl::string_view condition, absl::string_view value) {
    if (!value.empty()) Add(condition, value);
  }
  // `before`, the clause, `after`; the parameters of `after` are bound to `numbers`.
  template <typename... Numbers>
  absl::StatusOr<SqliteStatement> Query(SqliteDb& db, absl::string_view before, absl::string_view after,
                                        Numbers... numbers) const {
    ASSIGN_OR_RETURN(SqliteStatement statement, db.Query(absl::StrCat(before, sql_, after)));
    int parameter = 0;
    for (const std::string& value : values_) statement.Bind(++parameter, value);
    (statement.Bind(++parameter, static_cast<int64_t>(numbers)), ...);
    return statement;
  }

 private:
  std::string sql_;
  std::vector<std::string> values_;
};

// For "LIMIT ?": SQLite's way to say no limit is -1, ours is 0.
inline int64_t LimitValue(size_t limit) { return limit == 0 ? -1 : static_cast<int64_t>(limit); }

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_WHERE_H_
