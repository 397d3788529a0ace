// Where each column of a row table gets its cells from: a column of the batches, a constant, or nothing.
#ifndef TIKHAUL_COORDINATOR_STORE_SQL_ROW_SHAPE_H_
#define TIKHAUL_COORDINATOR_STORE_SQL_ROW_SHAPE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/model/row_batch.h"
#include "common/model/table.h"
#include "coordinator/store/store.h"

namespace tikhaul {

struct ShapedColumn {
  std::string name;
  ColumnType type = ColumnType::kString;
  bool key = false;  // part of the primary key: a cell without a value is '' or 0 there, not null
  int source = -1;   // in the batches; -1: the same in all rows
  std::optional<std::string> text;
  std::optional<int64_t> number;  // the constant; neither: no value
};

class RowShape {
 public:
  // INVALID_ARGUMENT when a source column or constant is not of the table, or is given twice.
  static absl::StatusOr<RowShape> Make(const TableSchema& table, const std::vector<std::string>& source_columns,
                                       const std::vector<ConstantCell>& constants);
  // In the order of the table's columns.
  const std::vector<ShapedColumn>& columns() const { return columns_; }
  // INVALID_ARGUMENT when the columns of the batch are not those announced.
  absl::Status CheckBatch(const RowBatch& batch) const;

 private:
  RowShape() = default;
  absl::Status SetConstant(const ConstantCell& constant);

  std::vector<ShapedColumn> columns_;
  size_t source_columns_ = 0;
};

// The text of a number of type kDate ("2026-03-01"), kTimestamp ("2026-03-01T05:00:00Z") or kLocalHour
// ("2026-03-01 05:00:00").
std::string FormatTimeCell(ColumnType type, int64_t number);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQL_ROW_SHAPE_H_
