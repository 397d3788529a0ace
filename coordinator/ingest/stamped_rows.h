// A chunk's rows as the store takes them: with the day's finality and, for hours, the UTC instant beside each
// row.
#ifndef TIKHAUL_COORDINATOR_INGEST_STAMPED_ROWS_H_
#define TIKHAUL_COORDINATOR_INGEST_STAMPED_ROWS_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/model/chunk.h"
#include "coordinator/extract_registry.h"
#include "coordinator/ingest/row_digest.h"
#include "coordinator/store/store.h"

namespace tikhaul {

struct StampInput {
  const RegisteredExtract* extract = nullptr;
  Chunk chunk;
  Advertiser advertiser;
  absl::TimeZone zone;
  absl::Time read_at;  // since when it was read: finality is judged by that
  absl::Time extracted_at;
};

// The cells that are the same in all rows of the chunk. `batch_columns` are those the rows bring themselves.
std::vector<ConstantCell> ConstantCells(const StampInput& input, const std::vector<std::string>& batch_columns);

// Borrows the rows. One pass: use a new one for a second try.
class StampedRows : public RowSource {
 public:
  StampedRows(const StampInput& input, RowSource& rows);

  const std::vector<std::string>& columns() const override { return columns_; }
  absl::StatusOr<const RowBatch*> Next() override;
  uint64_t digest() const { return digest_.value(); }

 private:
  void AddFinality(RowBatch& batch);
  void AddUtcStart(RowBatch& batch) const;
  Finality FinalityOfDay(int64_t day_number);

  const StampInput input_;
  std::vector<std::string> columns_;
  std::optional<size_t> day_index_;  // of the day or hour column among the batch columns
  bool with_finality_ = false, with_utc_start_ = false;
  RowSource& rows_;
  RowBatch batch_;
  RowDigest digest_;
  std::map<int64_t, Finality> finality_by_day_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_STAMPED_ROWS_H_
