#include "coordinator/store/postgres/pg_tables.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil.h"

namespace tikhaul {
namespace {

constexpr size_t kLongestName = 63;  // bytes; the server would cut longer ones
constexpr size_t kMostColumns = 1600;

// A column as the database has it.
struct TableColumnThere {
  std::string name;
  std::string type;
};

absl::Status CheckLimits(const TableSchema& table) {
  const auto too_long = [](const std::string& name) {
    return absl::InvalidArgumentError(absl::StrCat("\"", name,
                                                   "\" is too long for PostgreSQL: names of tables and "
                                                   "columns have at most ",
                                                   kLongestName, " bytes"));
  };
  if (table.name.size() > kLongestName) return too_long(table.name);
  for (const TableColumn& column : table.columns) {
    if (column.name.size() > kLongestName) return too_long(column.name);
  }
  if (table.columns.size() <= kMostColumns) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("table ", table.name, " would have ", table.columns.size(),
                                                 " columns; PostgreSQL takes ", kMostColumns));
}

absl::StatusOr<std::vector<TableColumnThere>> ReadColumns(PgSession& session, const std::string& table) {
  return ReadAll<TableColumnThere>(
      session.Query("SELECT attname, format_type(atttypid, NULL) FROM pg_attribute JOIN pg_class AS c ON c.oid = "
                    "attrelid JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = ? AND relname = ? AND "
                    "attnum > 0 AND NOT attisdropped ORDER BY attnum",
                    session.schema(), table),
      [](SqlRow& row) {
        TableColumnThere column;
        row.Read(column.name, column.type);
        return column;
      });
}

absl::StatusOr<std::vector<std::string>> ReadKey(PgSession& session, const std::string& table) {
  return ReadAll<std::string>(
      session.Query(
          "SELECT a.attname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_namespace AS n "
          "ON n.oid = c.relnamespace CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place) "
          "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number WHERE i.indisprimary AND "
          "n.nspname = ? AND c.relname = ? ORDER BY k.place",
          session.schema(), table),
      [](SqlRow& row) {
        std::string name;
        row.Read(name);
        return name;
      });
}

absl::Status CreateTable(PgSession& session, const TableSchema& table, const std::vector<size_t>& key) {
  std::vector<std::string> parts;
  for (const TableColumn& column : table.columns) {
    parts.push_back(absl::StrCat(QuoteSql(column.name), " ", PgType(column.type)));
  }
  return session.db()
      .Run(absl::StrCat("CREATE TABLE ", session.Table(table.name), " (\n  ", absl::StrJoin(parts, ",\n  "),
                        ",\n  PRIMARY KEY (", ColumnNames(table, key), ")\n)"))
      .status();
}

absl::Status AddMissingColumns(PgSession& session, const TableSchema& table) {
  ASSIGN_OR_RETURN(const std::vector<TableColumnThere> columns, ReadColumns(session, table.name));
  for (const TableColumn& wanted : table.columns) {
    const auto there = std::find_if(columns.begin(), columns.end(), [&](const TableColumnThere& column) {
      return absl::EqualsIgnoreCase(column.name, wanted.name);
    });
    if (there == columns.end()) {
      RETURN_IF_ERROR(session.db()
                          .Run(absl::StrCat("ALTER TABLE ", session.Table(table.name), " ADD COLUMN ",
                                            QuoteSql(wanted.name), " ", PgType(wanted.type)))
                          .status());
    } else if (there->name != wanted.name || there->type != PgType(wanted.type)) {
      return RefuseTable(table, absl::StrCat("has column ", there->name, " as ", there->type,
                                             ", but the extract now needs ", wanted.name, " as ", PgType(wanted.type)));
    }
  }
  return absl::OkStatus();
}

absl::Status EnsureOneTable(PgSession& session, const TableSchema& table) {
  RETURN_IF_ERROR(CheckTableNames(table));
  RETURN_IF_ERROR(CheckLimits(table));
  ASSIGN_OR_RETURN(const std::vector<size_t> key, KeyOrder(table));
  ASSIGN_OR_RETURN(const int64_t exists,
                   session.QueryInt("SELECT 1 FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE "
                                    "nspname = ? AND relname = ?",
                                    session.schema(), table.name));
  RETURN_IF_ERROR(session.Lock());
  if (exists == 0) {
    RETURN_IF_ERROR(CreateTable(session, table, key));
  } else {
    RETURN_IF_ERROR(CheckOurs(session, table));
    ASSIGN_OR_RETURN(const std::vector<std::string> key_there, ReadKey(session, table.name));
    RETURN_IF_ERROR(CheckKey(table, key, key_there));
    RETURN_IF_ERROR(AddMissingColumns(session, table));
  }
  return NoteTable(session, table);
}

}  // namespace

absl::string_view PgType(ColumnType type) {
  switch (type) {
    case ColumnType::kInt64:
      return "bigint";
    case ColumnType::kBool:
      return "boolean";
    case ColumnType::kDecimal:
      return "numeric";
    case ColumnType::kDate:
      return "date";
    case ColumnType::kTimestamp:
      return "timestamp with time zone";
    case ColumnType::kLocalHour:
      return "timestamp without time zone";
    case ColumnType::kJson:
      return "jsonb";
    case ColumnType::kString:
      break;
  }
  return "text";
}

absl::StatusOr<std::string> PgScope(const TableSchema& table, const RowScope& scope, absl::string_view prefix) {
  if (FindColumn(table, kAdvertiserColumn) < 0) {
    return absl::InvalidArgumentError(absl::StrCat("table ", table.name, " has no column ", kAdvertiserColumn));
  }
  const std::string condition = absl::StrCat(prefix, QuoteSql(kAdvertiserColumn), " = ", PgLiteral(scope.advertiser));
  if (scope.day_column.empty()) return condition;
  const int day = FindColumn(table, scope.day_column);
  const ColumnType type = day < 0 ? ColumnType::kString : table.columns[static_cast<size_t>(day)].type;
  if (type != ColumnType::kDate && type != ColumnType::kLocalHour && type != ColumnType::kTimestamp) {
    return absl::InvalidArgumentError(
        absl::StrCat("table ", table.name, " has no day or time column ", scope.day_column));
  }
  // Up to the beginning of the day after: right for days and for times.
  const std::string name = absl::StrCat(prefix, QuoteSql(scope.day_column));
  return absl::StrCat(condition, " AND ", name, " >= '", FormatDay(scope.first), "' AND ", name, " < '",
                      FormatDay(scope.last + 1), "'");
}

absl::Status PgTransaction::EnsureTable(const TableSchema& table) {
  RETURN_IF_ERROR(EnsureOneTable(session_, table));
  if (table.history) {
    RETURN_IF_ERROR(CheckHistory(table));
    RETURN_IF_ERROR(EnsureOneTable(session_, HistoryOf(table)));
  }
  return KeepPgHistory(session_, table);
}

}  // namespace tikhaul
