#include "coordinator/ingest/row_digest.h"

#include <bit>

#include "common/base/decimal.h"
#include "common/base/digest.h"

namespace tikhaul {
namespace {

constexpr uint64_t kNull = 0x9ae16a3b2f90404fULL;

uint64_t Mix(uint64_t hash, uint64_t cell) {
  hash = (hash ^ cell) * 0x9fb21c651e98df25ULL;
  return hash ^ (hash >> 29);
}

uint64_t CellHash(const Column& column, size_t row) {
  if (!column.HasValue(row)) return kNull;
  if (IsText(column.type())) return StableHash(column.Text(row));
  if (column.type() == ColumnType::kDecimal) {
    const double value = static_cast<double>(column.Number(row)) / static_cast<double>(PowerOfTen(column.scale()));
    return std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  }
  return static_cast<uint64_t>(column.Number(row));
}

}  // namespace

void RowDigest::Add(const RowBatch& batch) {
  row_hashes_.assign(batch.rows, 0x243f6a8885a308d3ULL);
  for (const Column& column : batch.columns) {
    for (size_t row = 0; row < batch.rows; ++row) row_hashes_[row] = Mix(row_hashes_[row], CellHash(column, row));
  }
  for (const uint64_t hash : row_hashes_) sum_ += hash;
}

}  // namespace tikhaul
