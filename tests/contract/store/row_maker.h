// Rows for settling, written as text.
#ifndef TIKHAUL_TESTS_CONTRACT_STORE_ROW_MAKER_H_
#define TIKHAUL_TESTS_CONTRACT_STORE_ROW_MAKER_H_

#include <string>
#include <vector>

#include "coordinator/store/store.h"

namespace tikhaul {

// Gives rows that were written as text, `batch_rows` at a time. Cells: "2026-03-01" for dates, "2026-03-01 05:00:00"
// for hours and (UTC) timestamps, "12.50" for decimals, "NULL" for no value.
class TextRowSource : public RowSource {
 public:
  // `columns`: names of columns of `table`, in the order of the cells.
  TextRowSource(const TableSchema& table, std::vector<std::string> columns,
                const std::vector<std::vector<std::string>>& rows, size_t batch_rows = 2);

  const std::vector<std::string>& columns() const override { return columns_; }
  absl::StatusOr<const RowBatch*> Next() override;
  // Begins anew, as work does that is run again.
  void Rewind() { next_ = 0; }
  // Next fails with `status` instead of ending.
  void FailAtEnd(absl::Status status) { end_ = std::move(status); }

 private:
  std::vector<std::string> columns_;
  std::vector<RowBatch> batches_;
  size_t next_ = 0;
  absl::Status end_;
};

// All rows of the advertiser.
RowScope WholeScope(const std::string& advertiser);
// A constant text.
ConstantCell TextConstant(const std::string& column, const std::string& value);

// A daily report by ad: advertiser_id, stat_time_day and ad_id are the key.
TableSchema DailyTable(WriteMode mode = WriteMode::kMerge);
// An entity by creation time, without its day in the key.
TableSchema AdTable();

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_CONTRACT_STORE_ROW_MAKER_H_
