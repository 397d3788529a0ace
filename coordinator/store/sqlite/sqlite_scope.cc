#include "coordinator/store/sqlite/sqlite_scope.h"

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "coordinator/store/sqlite/sqlite_tables.h"

namespace tikhaul {

absl::StatusOr<ScopeSql> ScopeOf(const TableSchema& table, const RowScope& scope) {
  if (FindColumn(table, kAdvertiserColumn) < 0) {
    return absl::InvalidArgumentError(absl::StrCat("table ", table.name, " has no column ", kAdvertiserColumn));
  }
  ScopeSql sql{.condition = absl::StrCat(QuoteSql(kAdvertiserColumn), " = ?"), .values = {scope.advertiser}};
  if (scope.day_column.empty()) return sql;
  const int day = FindColumn(table, scope.day_column);
  absl::string_view before, after;
  if (day >= 0 && table.columns[day].type == ColumnType::kLocalHour) {
    before = " 00:00:00";
    after = " 23:59:59";
  } else if (day >= 0 && table.columns[day].type == ColumnType::kTimestamp) {
    before = "T00:00:00Z";
    after = "T23:59:59Z";
  } else if (day < 0 || table.columns[day].type != ColumnType::kDate) {
    return absl::InvalidArgumentError(
        absl::StrCat("table ", table.name, " has no day or time column ", scope.day_column));
  }
  absl::StrAppend(&sql.condition, " AND ", QuoteSql(scope.day_column), " BETWEEN ? AND ?");
  sql.values.push_back(absl::StrCat(FormatDay(scope.first), before));
  sql.values.push_back(absl::StrCat(FormatDay(scope.last), after));
  return sql;
}

}  // namespace tikhaul
