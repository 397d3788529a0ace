// Row batches between their protobuf form (the wire) and the model (memory).
#ifndef TIKHAUL_COMMON_WIRE_ROW_BATCH_WIRE_H_
#define TIKHAUL_COMMON_WIRE_ROW_BATCH_WIRE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "common/model/row_batch.h"
#include "tikhaul/v1/rows.pb.h"

namespace tikhaul {

v1::ColumnType ToWire(ColumnType type);
// INVALID_ARGUMENT for unspecified and unknown types.
absl::StatusOr<ColumnType> FromWire(v1::ColumnType type);

// Replaces the contents of `out`, whose memory is reused.
void ToWire(const RowBatch& batch, v1::RowBatch* out);
// `types` are the types the columns must have, in order. INVALID_ARGUMENT when the message does not fit them or itself.
// Takes the bytes of text columns out of `batch`.
absl::StatusOr<RowBatch> FromWire(const std::vector<ColumnType>& types, v1::RowBatch& batch);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_WIRE_ROW_BATCH_WIRE_H_
