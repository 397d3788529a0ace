#include "coordinator/store/sql/row_tables.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tikhaul {
namespace {

// For people who read tikhaul_table: "name type" of each column, key columns marked.
std::string DescribeColumns(const TableSchema& table) {
  return absl::StrJoin(table.columns, ", ", [](std::string* out, const TableColumn& column) {
    absl::StrAppend(out, column.name, " ", Name(column.type), column.key ? " key" : "");
  });
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

std::vector<size_t> ContentColumns(const TableSchema& table, const std::vector<size_t>& key) {
  std::vector<size_t> content;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    const bool is_key = std::find(key.begin(), key.end(), i) != key.end();
    if (!is_key && !column.is_volatile && column.name != kRunColumn && column.name != kExtractedAtColumn) {
      content.push_back(i);
    }
  }
  return content;
}

HistoryColumns HistoryColumnsOf(const TableSchema& table) {
  HistoryColumns columns;
  for (const TableColumn& column : table.columns) {
    columns.names.push_back(QuoteSql(column.name));
    if (column.key) columns.keys.push_back(columns.names.back());
    const bool counts = !column.key && !column.is_volatile && column.name != kRunColumn &&
                        column.name != kExtractedAtColumn && column.name != kGoneAtColumn;
    if (counts) columns.content.push_back(columns.names.back());
  }
  return columns;
}

std::string ColumnNames(const TableSchema& table, const std::vector<size_t>& columns, absl::string_view prefix,
                        absl::string_view between) {
  return absl::StrJoin(columns, between, [&](std::string* out, size_t i) {
    absl::StrAppend(out, prefix, QuoteSql(table.columns[i].name));
  });
}

TableSchema HistoryOf(const TableSchema& table) {
  TableSchema history = table;
  history.name = HistoryTableName(table.name);
  history.history = false;
  history.columns.push_back({.name = std::string(kValidFromColumn), .type = ColumnType::kTimestamp, .key = true});
  history.columns.push_back({.name = std::string(kValidToColumn), .type = ColumnType::kTimestamp});
  return history;
}

absl::Status CheckHistory(const TableSchema& table) {
  if (table.mode == WriteMode::kMerge && FindColumn(table, kGoneAtColumn) >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("table ", table.name, " cannot have a history: its rows are not merged and marked gone"));
}

absl::Status CheckTableNames(const TableSchema& table) {
  const std::string lower = absl::AsciiStrToLower(table.name);
  if (table.name.empty() || absl::StartsWith(lower, "tikhaul_") || absl::StartsWith(lower, "sqlite_") ||
      absl::StartsWith(lower, "pg_")) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", table.name,
                     "\" cannot be the name of a row table: tikhaul_, sqlite_ and pg_ are kept for internal tables"));
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

absl::Status RefuseTable(const TableSchema& table, absl::string_view problem) {
  return absl::FailedPreconditionError(absl::StrCat(
      "table ", table.name, " ", problem,
      "; give the extract another table name, or rename the old table away (ALTER TABLE ... RENAME TO ...)"));
}

absl::Status CheckOurs(SqlSession& db, const TableSchema& table) {
  ASSIGN_OR_RETURN(const int64_t ours, db.QueryInt("SELECT 1 FROM tikhaul_table WHERE name = ?", table.name));
  if (ours != 0) return absl::OkStatus();
  return RefuseTable(table, "is in the store already, but tikhaul did not make it for this name");
}

absl::Status CheckKey(const TableSchema& table, const std::vector<size_t>& key, const std::vector<std::string>& there) {
  std::vector<std::string> wanted;
  for (const size_t i : key) wanted.push_back(table.columns[i].name);
  if (wanted == there) return absl::OkStatus();
  return RefuseTable(table, absl::StrCat("has the key (", absl::StrJoin(there, ", "), "), but the extract now needs (",
                                         absl::StrJoin(wanted, ", "), ")"));
}

absl::Status NoteTable(SqlSession& db, const TableSchema& table) {
  return db
      .Execute(PutSql("tikhaul_table", {"name"}, {"mode", "columns"}), table.name, table.mode, DescribeColumns(table))
      .status();
}

absl::StatusOr<std::vector<size_t>> FilledColumns(const FillRequest& request) {
  const TableSchema& table = request.table;
  if (table.mode == WriteMode::kAppend) {
    return absl::InvalidArgumentError(
        absl::StrCat("table ", table.name, " keeps the rows of each run as they were: columns cannot be filled"));
  }
  if (FindColumn(table, request.scope.day_column) < 0 || FindColumn(table, kRawColumn) < 0 ||
      FindColumn(table, kExtractedAtColumn) < 0) {
    return absl::InvalidArgumentError(absl::StrCat("table ", table.name, " lacks a day column, ", kRawColumn, " or ",
                                                   kExtractedAtColumn, ": columns cannot be filled"));
  }
  std::vector<size_t> filled;
  for (const std::string& name : request.columns) {
    const int column = FindColumn(table, name);
    if (column < 0 || table.columns[static_cast<size_t>(column)].key) {
      return absl::InvalidArgumentError(absl::StrCat("table ", table.name, " has no column ", name, " to fill"));
    }
    filled.push_back(static_cast<size_t>(column));
  }
  return filled;
}

absl::Status CheckSumRequest(const SumRequest& request) {
  const auto problem = [&](const std::string& column) {
    return absl::InvalidArgumentError(
        absl::StrCat("column ", column, " of table ", request.table.name, " is missing or cannot be added"));
  };
  for (const std::string& column : request.group_columns) {
    if (FindColumn(request.table, column) < 0) return problem(column);
  }
  for (const std::string& column : request.sum_columns) {
    const int index = FindColumn(request.table, column);
    if (index < 0) return problem(column);
    const ColumnType type = request.table.columns[static_cast<size_t>(index)].type;
    if (type != ColumnType::kInt64 && type != ColumnType::kDecimal) return problem(column);
  }
  if (!request.day_column.empty() && FindColumn(request.table, request.day_column) < 0)
    return problem(request.day_column);
  return absl::OkStatus();
}

}  // namespace tikhaul
