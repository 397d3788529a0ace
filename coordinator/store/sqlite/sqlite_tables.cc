#include "coordinator/store/sqlite/sqlite_tables.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/store/sqlite/sqlite_history.h"
#include "coordinator/store/sqlite/sqlite_session.h"

namespace tikhaul {
namespace {

// A column as the file has it.
struct FileColumn {
  std::string name;
  std::string type;
  int key_position = 0;  // from 1; 0: not of the key
};

absl::StatusOr<std::vector<FileColumn>> ReadColumns(SqliteDb& db, const std::string& table) {
  return ReadAll<FileColumn>(db.Query("SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid", table),
                             [](SqlRow& row) {
                               FileColumn column;
                               row.Read(column.name, column.type, column.key_position);
                               return column;
                             });
}

absl::Status CreateTable(SqliteDb& db, const TableSchema& table, const std::vector<size_t>& key) {
  std::vector<std::string> parts;
  for (const TableColumn& column : table.columns) {
    parts.push_back(absl::StrCat(QuoteSql(column.name), " ", SqlType(column.type)));
  }
  const std::string key_names = absl::StrJoin(
      key, ", ", [&](std::string* out, size_t i) { absl::StrAppend(out, QuoteSql(table.columns[i].name)); });
  return db.Script(absl::StrCat("CREATE TABLE ", QuoteSql(table.name), " (\n  ", absl::StrJoin(parts, ",\n  "),
                                ",\n  PRIMARY KEY (", key_names, ")\n) WITHOUT ROWID")
                       .c_str());
}

// The key columns in the order of the primary key.
std::vector<std::string> KeyOf(const std::vector<FileColumn>& columns) {
  std::vector<std::string> key;
  for (int position = 1;; ++position) {
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const FileColumn& column) { return column.key_position == position; });
    if (column == columns.end()) return key;
    key.push_back(column->name);
  }
}

absl::Status AddMissingColumns(SqliteDb& db, const TableSchema& table, const std::vector<FileColumn>& columns) {
  for (const TableColumn& wanted : table.columns) {
    const auto there = std::find_if(columns.begin(), columns.end(), [&](const FileColumn& column) {
      return absl::EqualsIgnoreCase(column.name, wanted.name);
    });
    if (there == columns.end()) {
      RETURN_IF_ERROR(db.Script(absl::StrCat("ALTER TABLE ", QuoteSql(table.name), " ADD COLUMN ",
                                             QuoteSql(wanted.name), " ", SqlType(wanted.type))
                                    .c_str()));
    } else if (there->type != SqlType(wanted.type)) {
      return RefuseTable(table, absl::StrCat("has column ", wanted.name, " as ", there->type,
                                             ", but the extract now needs ", SqlType(wanted.type)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view SqlType(ColumnType type) {
  switch (type) {
    case ColumnType::kInt64:
    case ColumnType::kBool:
      return "INTEGER";
    case ColumnType::kDecimal:
      return "REAL";
    default:
      return "TEXT";
  }
}

absl::Status SqliteTransaction::EnsureTable(const TableSchema& table) {
  RETURN_IF_ERROR(EnsureOneTable(table));
  if (table.history) {
    RETURN_IF_ERROR(CheckHistory(table));
    RETURN_IF_ERROR(EnsureOneTable(HistoryOf(table)));
  }
  return KeepHistory(db_, table);
}

absl::Status SqliteTransaction::EnsureOneTable(const TableSchema& table) {
  RETURN_IF_ERROR(CheckTableNames(table));
  ASSIGN_OR_RETURN(const std::vector<size_t> key, KeyOrder(table));
  ASSIGN_OR_RETURN(const int64_t exists,
                   db_.QueryInt("SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE", table.name));
  if (exists == 0) {
    RETURN_IF_ERROR(CreateTable(db_, table, key));
  } else {
    RETURN_IF_ERROR(CheckOurs(db_, table));
    ASSIGN_OR_RETURN(const std::vector<FileColumn> columns, ReadColumns(db_, table.name));
    RETURN_IF_ERROR(CheckKey(table, key, KeyOf(columns)));
    RETURN_IF_ERROR(AddMissingColumns(db_, table, columns));
  }
  return NoteTable(db_, table);
}

}  // namespace tikhaul
