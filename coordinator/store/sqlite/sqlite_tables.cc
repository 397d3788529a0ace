#include "coordinator/store/sqlite/sqlite_tables.h"

#include <algorithm>

#include "absl/strings/ascii.h"
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

absl::Status Refuse(const TableSchema& table, absl::string_view problem) {
  return absl::FailedPreconditionError(absl::StrCat(
      "table ", table.name, " ", problem,
      "; give the extract another table name, or rename the old table away (ALTER TABLE ... RENAME TO ...)"));
}

// For people who read tikhaul_table: "name type" of each column, key columns marked.
std::string Describe(const TableSchema& table) {
  return absl::StrJoin(table.columns, ", ", [](std::string* out, const TableColumn& column) {
    absl::StrAppend(out, column.name, " ", Name(column.type), column.key ? " key" : "");
  });
}

absl::Status CheckNames(const TableSchema& table) {
  const std::string lower = absl::AsciiStrToLower(table.name);
  if (table.name.empty() || absl::StartsWith(lower, "tikhaul_") || absl::StartsWith(lower, "sqlite_")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", table.name, "\" cannot be the name of a row table: tikhaul_ and sqlite_ are kept for internal tables"));
  }
  std::vector<std::string> names;
  for (const TableColumn& column : table.columns) names.push_back(absl::AsciiStrToLower(column.name));
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin != names.end()) {
    return absl::InvalidArgumentError(absl::StrCat("table ", table.name, " would have column ", *twin, " twice"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<FileColumn>> ReadColumns(SqliteDb& db, const std::string& table) {
  return ReadAll<FileColumn>(db.Query("SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid", table),
                             [](SqliteRow& row) {
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

absl::Status CheckKey(const TableSchema& table, const std::vector<size_t>& key,
                      const std::vector<FileColumn>& columns) {
  std::vector<std::string> wanted, there;
  for (const size_t i : key) wanted.push_back(table.columns[i].name);
  for (int position = 1;; ++position) {
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const FileColumn& column) { return column.key_position == position; });
    if (column == columns.end()) break;
    there.push_back(column->name);
  }
  if (wanted == there) return absl::OkStatus();
  return Refuse(table, absl::StrCat("has the key (", absl::StrJoin(there, ", "), "), but the extract now needs (",
                                    absl::StrJoin(wanted, ", "), ")"));
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
      return Refuse(table, absl::StrCat("has column ", wanted.name, " as ", there->type, ", but the extract now needs ",
                                        SqlType(wanted.type)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

int FindColumn(const TableSchema& table, absl::string_view name) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

absl::StatusOr<std::vector<size_t>> KeyOrder(const TableSchema& table) {
  std::vector<size_t> advertiser, day, others, run;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    const bool is_time =
        column.name != kValidFromColumn && (column.type == ColumnType::kDate || column.type == ColumnType::kLocalHour ||
                                            column.type == ColumnType::kTimestamp);
    if (table.mode == WriteMode::kAppend && column.name == kRunColumn) {
      run.push_back(i);
    } else if (column.key) {
      (column.name == kAdvertiserColumn ? advertiser : is_time && day.empty() ? day : others).push_back(i);
    }
  }
  if (table.mode == WriteMode::kAppend && run.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("table ", table.name, " is appended to but has no column ", kRunColumn));
  }
  std::vector<size_t> key;
  for (const auto& part : {advertiser, day, others, run}) key.insert(key.end(), part.begin(), part.end());
  if (key.size() == run.size()) {
    return absl::InvalidArgumentError(absl::StrCat("table ", table.name, " has no key columns"));
  }
  return key;
}

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
    if (table.mode != WriteMode::kMerge || FindColumn(table, kGoneAtColumn) < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("table ", table.name, " cannot have a history: its rows are not merged and marked gone"));
    }
    RETURN_IF_ERROR(EnsureOneTable(HistoryOf(table)));
  }
  return KeepHistory(db_, table);
}

absl::Status SqliteTransaction::EnsureOneTable(const TableSchema& table) {
  RETURN_IF_ERROR(CheckNames(table));
  ASSIGN_OR_RETURN(const std::vector<size_t> key, KeyOrder(table));
  ASSIGN_OR_RETURN(const int64_t exists,
                   db_.QueryInt("SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE", table.name));
  if (exists == 0) {
    RETURN_IF_ERROR(CreateTable(db_, table, key));
  } else {
    ASSIGN_OR_RETURN(const int64_t ours, db_.QueryInt("SELECT 1 FROM tikhaul_table WHERE name = ?", table.name));
    if (ours == 0) return Refuse(table, "is in the file already, but tikhaul did not make it for this name");
    ASSIGN_OR_RETURN(const std::vector<FileColumn> columns, ReadColumns(db_, table.name));
    RETURN_IF_ERROR(CheckKey(table, key, columns));
    RETURN_IF_ERROR(AddMissingColumns(db_, table, columns));
  }
  return db_
      .Execute("REPLACE INTO tikhaul_table (name, mode, columns) VALUES (?, ?, ?)", table.name, table.mode,
               Describe(table))
      .status();
}

}  // namespace tikhaul
