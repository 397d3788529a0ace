#include "coordinator/ingest/row_copy.h"

#include <algorithm>

#include "common/base/decimal.h"

namespace tikhaul {

RowBatch EmptyBatch(const std::vector<ColumnType>& types) {
  RowBatch batch;
  batch.columns.reserve(types.size());
  for (const ColumnType type : types) batch.columns.emplace_back(type);
  return batch;
}

bool Fits(const Column& column, const Column& from, size_t row) {
  if (column.type() != ColumnType::kDecimal || column.size() == 0 || !from.HasValue(row)) return true;
  const Decimal value = from.DecimalAt(row);
  if (value.scale <= column.scale()) return Rescale(value, column.scale()).has_value();
  return std::all_of(column.numbers().begin(), column.numbers().end(), [&](int64_t number) {
    return Rescale(Decimal{number, column.scale()}, value.scale).has_value();
  });
}

void AppendCell(Column& column, const Column& from, size_t row) {
  if (!from.HasValue(row)) return column.AppendNull();
  if (IsText(column.type())) return column.AppendText(from.Text(row));
  if (column.type() != ColumnType::kDecimal) return column.AppendNumber(from.Number(row));
  column.AppendDecimal(from.DecimalAt(row));
}

void AppendKey(const RowBatch& batch, const std::vector<size_t>& columns, size_t row, std::string* key) {
  const auto append = [key](int64_t number) { key->append(reinterpret_cast<const char*>(&number), sizeof(number)); };
  for (const size_t i : columns) {
    const Column& column = batch.columns[i];
    if (IsText(column.type())) {
      append(static_cast<int64_t>(column.Text(row).size()));
      key->append(column.Text(row).data(), column.Text(row).size());
    } else {
      append(column.Number(row));
    }
  }
}

}  // namespace tikhaul
