// From batches of columns to the text of COPY.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_COPY_ENCODER_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_COPY_ENCODER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/model/row_batch.h"
#include "coordinator/store/sql/row_shape.h"

namespace tikhaul {

// The form of a cell's value without COPY's escapes: what a literal holds, too. Nothing PostgreSQL would refuse: zero
// bytes, what is not UTF-8 and halves of surrogate pairs in JSON become U+FFFD.
std::string PgTimeText(ColumnType type, int64_t number);
void AppendCleanText(absl::string_view text, std::string& out);
std::string CleanJson(absl::string_view json);

// What a key cell without a value holds, since keys are never null: '', 0, false, -infinity, JSON null.
absl::string_view EmptyKeyText(ColumnType type);

class CopyEncoder {
 public:
  // `numbered`: each row ends with its number, from 1.
  CopyEncoder(const RowShape& shape, bool numbered);
  // Appends the rows of a batch that RowShape::CheckBatch took.
  void Append(const RowBatch& batch, std::string& out);
  uint64_t rows() const { return rows_; }

 private:
  void AppendCell(const ShapedColumn& column, const Column& cells, size_t row, std::string& out) const;

  const RowShape& shape_;
  const bool numbered_;
  std::vector<std::string> fixed_;  // by column: the text of those that are the same in all rows
  uint64_t rows_ = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_COPY_ENCODER_H_
