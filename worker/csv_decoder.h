// From the text of an asynchronous report to row batches, as a ReadPlan says.
#ifndef TIKHAUL_WORKER_CSV_DECODER_H_
#define TIKHAUL_WORKER_CSV_DECODER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/csv/csv_reader.h"
#include "common/model/row_batch.h"
#include "tikhaul/v1/ingest.pb.h"
#include "worker/row_builder.h"
#include "worker/row_decoder.h"

namespace tikhaul {

// Takes the text in pieces of any size. The first record names the columns, in any order; records below it become cells
// by the same rules as an answer's members (row_decoder.h), an empty field being no value. Columns that the plan does
// not know go to _extra. Holds one record and the batch that is not full. Used by one thread.
class CsvDecoder {
 public:
  // INVALID_ARGUMENT when the plan's columns make no sense.
  static absl::StatusOr<CsvDecoder> Make(const v1::ReadPlan& plan, DecoderOptions options = {});
  CsvDecoder(CsvDecoder&&) noexcept;
  CsvDecoder& operator=(CsvDecoder&&) noexcept;
  ~CsvDecoder();

  // Adds the batches that became full. DATA_LOSS: not CSV, not UTF-8, no head line, a head that stands twice, or a
  // column of the plan without one. OUT_OF_RANGE: a row is larger than max_row_bytes. Not to be used after a failure.
  absl::Status Feed(absl::string_view text, std::vector<RowBatch>* batches);
  // After the last piece; adds the last batch.
  absl::Status Finish(std::vector<RowBatch>* batches);

  uint64_t rows() const;
  // As in DecodedPage.
  const FieldCounts& unknown_fields() const;
  const FieldCounts& unparsed_values() const;

 private:
  class Impl;
  explicit CsvDecoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_CSV_DECODER_H_
