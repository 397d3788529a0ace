// Any bytes as a worker's message: a batch that is accepted is whole, and the same after the wire and after the spool.
#include <vector>

#include "common/wire/row_batch_wire.h"
#include "tests/fuzz/fuzz_check.h"
#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {
namespace {

// The types that the columns of the message claim, so that more than the first check is reached; what the cells could
// be of several types for is chosen by the place.
std::vector<ColumnType> TypesOf(const v1::RowBatch& batch) {
  std::vector<ColumnType> types;
  for (const v1::Column& column : batch.columns()) {
    const bool even = types.size() % 2 == 0;
    if (column.has_decimal()) {
      types.push_back(ColumnType::kDecimal);
    } else if (column.has_date()) {
      types.push_back(ColumnType::kDate);
    } else if (column.has_timestamp()) {
      types.push_back(ColumnType::kTimestamp);
    } else if (column.has_string()) {
      types.push_back(even ? ColumnType::kString : ColumnType::kJson);
    } else {
      types.push_back(even ? ColumnType::kInt64 : types.size() % 3 == 0 ? ColumnType::kBool : ColumnType::kLocalHour);
    }
  }
  return types;
}

void Touch(const RowBatch& batch) {
  size_t sum = 0;
  for (const Column& column : batch.columns) {
    FUZZ_CHECK(column.size() == batch.rows, std::to_string(column.size()));
    for (size_t row = 0; row < batch.rows; ++row) {
      sum += column.HasValue(row) ? 1 : 0;
      sum += IsText(column.type()) ? column.Text(row).size() : static_cast<size_t>(column.Number(row) & 1);
    }
  }
  FUZZ_CHECK(sum <= batch.ByteSize() * 16, std::to_string(sum));
}

}  // namespace
}  // namespace tikhaul

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tikhaul;
  v1::ExtractRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size)) || !request.has_batch()) return 0;
  const std::vector<ColumnType> types = TypesOf(request.batch().rows());
  const absl::StatusOr<RowBatch> batch = FromWire(types, *request.mutable_batch()->mutable_rows());
  if (!batch.ok()) {
    FUZZ_CHECK(absl::IsInvalidArgument(batch.status()), batch.status().ToString());
    return 0;
  }
  if (batch->rows > 1'000'000) return 0;  // no columns, so no cells
  Touch(*batch);
  v1::RowBatch wire;
  ToWire(*batch, &wire);
  const absl::StatusOr<RowBatch> back = FromWire(types, wire);
  FUZZ_CHECK(back.ok(), std::string(back.status().message()));
  const std::string bytes = EncodeRowBatch(*batch);
  FUZZ_CHECK(EncodeRowBatch(*back) == bytes, "the wire changes a batch");
  const absl::StatusOr<RowBatch> spooled = DecodeRowBatch(bytes);
  FUZZ_CHECK(spooled.ok() && EncodeRowBatch(*spooled) == bytes, "the spool changes a batch");
  return 0;
}
