// From an answer's bytes to row batches, as a ReadPlan says.
#ifndef TIKHAUL_WORKER_ROW_DECODER_H_
#define TIKHAUL_WORKER_ROW_DECODER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "common/model/row_batch.h"
#include "proto/limits.h"
#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

// data.page_info of an answer (tiktok-api.md 3.2).
struct PageInfo {
  int64_t page = 0;
  int64_t page_size = 0;
  int64_t total_number = 0;
  int64_t total_page = 0;
};

using FieldCounts = absl::flat_hash_map<std::string, uint64_t>;

struct DecodedPage {
  uint64_t rows = 0;
  std::vector<RowBatch> batches;      // the group's columns, then _extra and _raw
  std::optional<PageInfo> page_info;  // when the answer had one
  FieldCounts unknown_fields;         // member -> rows that had it and keep it in _extra
  FieldCounts unparsed_values;        // column -> cells without a value whose original is kept in _raw
};

struct DecoderOptions {
  size_t batch_bytes = 1 << 20;                            // a batch is closed when it holds more
  size_t max_row_bytes = size_t{kLargestRequest} / 4 * 3;  // must fit into one message, with what goes with it
};

// Cells become values by cell_values.h. What does not parse is an empty cell and the original in `_raw`, a JSON object
// by column; decimals that a double cannot hold are in both. "-" is no value, except as the text of an entity's own
// field. Key cells without a value are "" or 0. Used by one thread; reuses its memory from page to page.
class RowDecoder {
 public:
  // Of rows of a column group. INVALID_ARGUMENT when the plan's columns make no sense.
  static absl::StatusOr<RowDecoder> Make(const v1::ReadPlan& plan, uint32_t group = 0, DecoderOptions options = {});
  // One per column group.
  static absl::StatusOr<std::vector<RowDecoder>> MakeAll(const v1::ReadPlan& plan);
  RowDecoder(RowDecoder&&) noexcept;
  RowDecoder& operator=(RowDecoder&&) noexcept;
  ~RowDecoder();

  // `body` is an answer with a good envelope; its capacity may be enlarged. DATA_LOSS: not JSON, not UTF-8 or not of
  // the documented shape; OUT_OF_RANGE: a row is larger than max_row_bytes.
  absl::StatusOr<DecodedPage> Decode(std::string& body);

 private:
  class Impl;
  explicit RowDecoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_ROW_DECODER_H_
