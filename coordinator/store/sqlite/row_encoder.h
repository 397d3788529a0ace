// From batches of columns to rows of SQLite values, and what makes two rows the same.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_ROW_ENCODER_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_ROW_ENCODER_H_

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/model/row_batch.h"
#include "common/model/table.h"
#include "coordinator/store/sql/row_shape.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// One value in the form in which SQLite holds it. Does not own its text.
struct Cell {
  int type = SQLITE_NULL;  // SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT or SQLITE_TEXT
  int64_t integer = 0;
  double real = 0;
  absl::string_view text;
};

// Cells of a row that a statement stands on, and of a function's argument. Texts are valid as SQLite says.
Cell CellOfColumn(sqlite3_stmt* statement, int column);
Cell CellOfValue(sqlite3_value* value);
bool SameCell(const Cell& a, const Cell& b);
// The text is not copied: it must stay until the statement is bound anew or its bindings are cleared. A SQLite code.
int BindCell(sqlite3_stmt* statement, int parameter, const Cell& cell);

// The nearest double of a decimal.
double NearestDouble(Decimal value);

// Hashes cells one after the other: equal cells in equal order give equal hashes, in batches and in the file.
class CellHasher {
 public:
  void Add(const Cell& cell);
  // The hash of what was added; begins anew.
  uint64_t Finish();

 private:
  std::string bytes_;
};

// Fills the cells of a table's rows from batches and constants. Columns that neither brings are null (key columns: ''
// or 0, as for every key cell without a value).
class RowEncoder {
 public:
  // INVALID_ARGUMENT when a source column or constant is not of the table, or is given twice.
  static absl::StatusOr<RowEncoder> Make(const TableSchema& table, const std::vector<std::string>& source_columns,
                                         const std::vector<ConstantCell>& constants);
  // Not copied: cells point into the encoder.
  RowEncoder(RowEncoder&&) = default;
  RowEncoder& operator=(RowEncoder&&) = default;

  // INVALID_ARGUMENT when the columns of the batch are not those announced. Before Encode.
  absl::Status CheckBatch(const RowBatch& batch) const { return shape_.CheckBatch(batch); }
  // Sets cells() to row `row`; valid until the next call, while the batch lives.
  void Encode(const RowBatch& batch, size_t row);
  // In the order of the table's columns.
  const std::vector<Cell>& cells() const { return cells_; }
  // Indexes of the columns whose cells Encode changes; all others keep their value.
  const std::vector<size_t>& varying() const { return varying_; }

 private:
  struct Column {
    ColumnType type = ColumnType::kString;
    bool key = false;
    int source = -1;               // in the batch; -1: the same in all rows
    std::string text;              // where dates and constants keep their text
    std::optional<int64_t> shown;  // the number that `text` shows
  };
  explicit RowEncoder(RowShape shape) : shape_(std::move(shape)) {}
  static Cell EncodeNumber(Column& column, int64_t number);
  static Cell Empty(const Column& column);

  RowShape shape_;
  std::vector<Column> columns_;
  std::vector<size_t> varying_;
  std::vector<Cell> cells_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_ROW_ENCODER_H_
