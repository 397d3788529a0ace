// From batches of columns to the binary form of COPY.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_COPY_ENCODER_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_COPY_ENCODER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/model/row_batch.h"
#include "coordinator/store/sql/row_shape.h"

namespace tikhaul {

// The text of a kDate, kTimestamp or kLocalHour cell, as a literal holds it.
std::string PgTimeText(ColumnType type, int64_t number);
// Nothing PostgreSQL would refuse: zero bytes, what is not UTF-8 and halves of surrogate pairs in JSON become U+FFFD.
void AppendCleanText(absl::string_view text, std::string& out);
std::string CleanJson(absl::string_view json);

// Key cells without a value hold '', 0, false, -infinity or JSON null, since keys are never null.
class CopyEncoder {
 public:
  // `numbered`: each row ends with its number, from 1.
  CopyEncoder(const RowShape& shape, bool numbered);
  // What stands before all rows and behind them.
  static void Begin(std::string& out);
  static void End(std::string& out);
  // Appends the rows of a batch that RowShape::CheckBatch took.
  void Append(const RowBatch& batch, std::string& out);
  uint64_t rows() const { return rows_; }

 private:
  const RowShape& shape_;
  const bool numbered_;
  std::vector<std::string> fixed_;  // by column: the cell of those that are the same in all rows
  uint64_t rows_ = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_COPY_ENCODER_H_
