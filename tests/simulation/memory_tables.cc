// Making and widening row tables, and beginning and ending their histories.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"
#include "coordinator/store/sql/row_tables.h"
#include "tests/simulation/memory_rows.h"
#include "tests/simulation/memory_transaction.h"

namespace tikhaul {
namespace {

bool SameForm(ColumnType a, ColumnType b) { return a == b || (IsText(a) && IsText(b)); }

void AddColumn(const TableColumn& column, MemoryTable& table) {
  table.columns.push_back(column.name);
  table.types.push_back(column.type);
  for (auto& [key, row] : table.rows) {
    Row wider = *row;
    wider.resize(table.columns.size());
    row = std::make_shared<const Row>(std::move(wider));
  }
}

absl::Status AddMissingColumns(const TableSchema& schema, MemoryTable& table) {
  for (const TableColumn& wanted : schema.columns) {
    size_t at = 0;
    while (at < table.columns.size() && !absl::EqualsIgnoreCase(table.columns[at], wanted.name)) ++at;
    if (at == table.columns.size()) {
      AddColumn(wanted, table);
    } else if (!SameForm(table.types[at], wanted.type)) {
      return RefuseTable(schema, absl::StrCat("has column ", wanted.name, " as ", Name(table.types[at]),
                                              ", but the extract now needs ", Name(wanted.type)));
    }
  }
  return absl::OkStatus();
}

// What was kept in an earlier time ends where the present version begins; then all rows that are there begin one.
void TakeOver(const MemoryTable& table, MemoryTable& history) {
  const size_t from = static_cast<size_t>(history.Find(kValidFromColumn));
  const size_t to = static_cast<size_t>(history.Find(kValidToColumn));
  for (auto& [key, version] : history.rows) {
    if ((*version)[to] != Value()) continue;
    Row row_key;
    for (const std::string& name : table.key) row_key.push_back(CellOf(history, *version, name));
    const auto row = table.rows.find(row_key);
    Row ended = *version;
    ended[to] = row == table.rows.end() ? ended[from] : CellOf(table, *row->second, kExtractedAtColumn);
    version = std::make_shared<const Row>(std::move(ended));
  }
  for (const auto& [key, row] : table.rows) {
    Row version(history.columns.size());
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const int place = history.Find(table.columns[i]);
      if (place >= 0) version[static_cast<size_t>(place)] = (*row)[i];
    }
    version[from] = CellOf(table, *row, kExtractedAtColumn);
    version[to] = CellOf(table, *row, kGoneAtColumn);
    Row version_key;
    for (const std::string& name : history.key) version_key.push_back(CellOf(history, version, name));
    history.rows[version_key] = std::make_shared<const Row>(std::move(version));
  }
}

std::vector<size_t> VersionedColumns(const TableSchema& schema, const MemoryTable& table) {
  std::vector<size_t> versioned;
  for (const TableColumn& column : schema.columns) {
    const bool counts = !column.key && !column.is_volatile && column.name != kRunColumn &&
                        column.name != kExtractedAtColumn && column.name != kGoneAtColumn;
    if (counts) versioned.push_back(static_cast<size_t>(table.Find(column.name)));
  }
  return versioned;
}

}  // namespace

absl::Status MemoryTransaction::EnsureOneTable(const TableSchema& schema) {
  RETURN_IF_ERROR(CheckTableNames(schema));
  ASSIGN_OR_RETURN(const std::vector<size_t> key, KeyOrder(schema));
  if (state_.foreign->contains(schema.name)) {
    return RefuseTable(schema, "is in the store already, but tikhaul did not make it for this name");
  }
  if (const auto found = state_.tables->find(schema.name); found != state_.tables->end()) {
    RETURN_IF_ERROR(CheckKey(schema, key, found->second->key));
  }
  MemoryTable& table = state_.tables.Edit()[schema.name].Edit();
  table.mode = schema.mode;
  table.key.clear();
  for (const size_t i : key) table.key.push_back(schema.columns[i].name);
  return AddMissingColumns(schema, table);
}

absl::Status MemoryTransaction::EnsureTable(const TableSchema& schema) {
  RETURN_IF_ERROR(EnsureOneTable(schema));
  if (schema.history) {
    RETURN_IF_ERROR(CheckHistory(schema));
    RETURN_IF_ERROR(EnsureOneTable(HistoryOf(schema)));
  }
  auto& tables = state_.tables.Edit();
  MemoryTable& table = tables[schema.name].Edit();
  if (schema.history && !table.keeps_history) TakeOver(table, tables[HistoryTableName(schema.name)].Edit());
  table.keeps_history = schema.history;
  table.versioned = VersionedColumns(schema, table);
  return absl::OkStatus();
}

}  // namespace tikhaul
