// Rows of a MemoryStore: from batches to rows, which of them a scope holds, and writing them so that versions are kept.
#ifndef TIKHAUL_TESTS_SIMULATION_MEMORY_ROWS_H_
#define TIKHAUL_TESTS_SIMULATION_MEMORY_ROWS_H_

#include <string>
#include <vector>

#include "coordinator/store/sql/row_shape.h"
#include "tests/simulation/memory_state.h"

namespace tikhaul {

// Gives the rows of a chunk one by one, in the order of the schema's columns.
class RowReader {
 public:
  // INVALID_ARGUMENT when rows or constants do not fit the schema.
  static absl::StatusOr<RowReader> Make(const TableSchema& table, RowSource& source,
                                        const std::vector<ConstantCell>& constants);
  // Null after the last; valid until the next call.
  absl::StatusOr<const Row*> Next();

 private:
  RowReader(RowShape shape, RowSource& source) : shape_(std::move(shape)), source_(&source) {}

  RowShape shape_;
  RowSource* source_;
  const RowBatch* batch_ = nullptr;
  size_t at_ = 0;
  Row row_;
};

// The text of a cell that holds text; empty for all others.
absl::string_view TextOf(const Value& value);
// 2026-03-01T05:00:00Z, in whose order cells of instants lie.
Value InstantValue(absl::Time time);

// The rows that a chunk owns (store.h, RowScope).
class ScopeCheck {
 public:
  // `stored`: the table as it lies in the store. INVALID_ARGUMENT as SettleRows.
  static absl::StatusOr<ScopeCheck> Make(const TableSchema& schema, const MemoryTable& stored, const RowScope& scope);
  bool Holds(const Row& row) const;

 private:
  std::string advertiser_, from_, to_;
  size_t advertiser_column_ = 0;
  int day_column_ = -1;  // -1: all days
};

// A row table that is being changed, and its history, if it keeps one.
class TableWriter {
 public:
  // FAILED_PRECONDITION for a table that was never made. `schema` names the columns that will be written.
  static absl::StatusOr<TableWriter> Open(MemoryState& state, const TableSchema& schema);

  const MemoryTable& table() const { return *table_; }
  // Of a row in the order of the schema; nullptr: there is none with its key.
  const Row* Find(const Row& schema_row) const;
  Row KeyOf(const Row& schema_row) const;
  // The columns of the table at which those of the schema lie.
  const std::vector<size_t>& places() const { return places_; }

  // Writes all columns of the schema.
  void Put(const Row& schema_row);
  // A row of the table, as it is to be.
  void Put(const Row& key, Row row);
  void Remove(const Row& key) { table_->rows.erase(key); }

 private:
  TableWriter(MemoryTable& table, MemoryTable* history) : table_(&table), history_(history) {}
  void KeepVersion(const Row* old, const Row& row);
  void BeginVersion(const Row& row);
  void EndVersions(const Row& row, const Value& at);

  MemoryTable* table_;
  MemoryTable* history_;  // null: none is kept
  std::vector<size_t> places_;
  std::vector<size_t> key_;  // columns of the schema, in the order of the key
};

// Instants of a table's columns, empty where there is none.
const Value& CellOf(const MemoryTable& table, const Row& row, absl::string_view column);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_MEMORY_ROWS_H_
