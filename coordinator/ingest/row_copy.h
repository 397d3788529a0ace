// Rows picked out of batches.
#ifndef TIKHAUL_COORDINATOR_INGEST_ROW_COPY_H_
#define TIKHAUL_COORDINATOR_INGEST_ROW_COPY_H_

#include <string>
#include <vector>

#include "common/model/row_batch.h"

namespace tikhaul {

// A batch without rows of columns of these types.
RowBatch EmptyBatch(const std::vector<ColumnType>& types);

// Whether the cell can be appended to the column: decimals may need more room than 64 bits at one scale give.
bool Fits(const Column& column, const Column& from, size_t row);

// Appends the cell, which fits, to a column of its type.
void AppendCell(Column& column, const Column& from, size_t row);

// The cells of a row at these columns as bytes: equal for equal cells.
void AppendKey(const RowBatch& batch, const std::vector<size_t>& columns, size_t row, std::string* key);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_ROW_COPY_H_
