// Rows by columns in memory: what the spool keeps and the store writes. No protobuf here; common/wire converts.
#ifndef TIKHAUL_COMMON_MODEL_ROW_BATCH_H_
#define TIKHAUL_COMMON_MODEL_ROW_BATCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/decimal.h"

namespace tikhaul {

enum class ColumnType : uint8_t {
  kInt64,
  kDecimal,  // exact
  kString,
  kDate,       // civil day of the account, as days since 1970-01-01
  kTimestamp,  // instant, as seconds since 1970-01-01 UTC
  kJson,       // JSON text
  kBool,       // 0 or 1
  kLocalHour,  // hour label of the account's clock, as seconds since 1970-01-01 00:00 read as if UTC
};

// True for types whose cells lie in Column::text; all others lie in Column::numbers.
inline bool IsText(ColumnType type) { return type == ColumnType::kString || type == ColumnType::kJson; }

// One column of a batch. Cells without a value are present as 0 or "", so that indexes stay aligned.
// Append only; not thread-safe.
class Column {
 public:
  explicit Column(ColumnType type) : type_(type), offsets_(IsText(type) ? 1 : 0) {}

  ColumnType type() const { return type_; }
  size_t size() const { return size_; }
  bool HasValue(size_t row) const { return validity_.empty() || ((validity_[row >> 3] >> (row & 7)) & 1) != 0; }
  // Of kInt64, kDate, kTimestamp, kBool, kLocalHour; of kDecimal the unscaled integer.
  int64_t Number(size_t row) const { return numbers_[row]; }
  Decimal DecimalAt(size_t row) const { return Decimal{numbers_[row], scale_}; }
  // Of kString and kJson. Valid until the next change of the column.
  absl::string_view Text(size_t row) const {
    return absl::string_view(text_).substr(offsets_[row], offsets_[row + 1] - offsets_[row]);
  }
  int scale() const { return scale_; }

  void AppendNull();
  void AppendNumber(int64_t value);
  // A column holds less than 4 GiB of text; batches are far smaller, so this is not checked here.
  void AppendText(absl::string_view value);
  // Raises the column's scale where needed. False, and nothing is appended, when the column's values would no longer
  // fit into 64 bits at one scale.
  bool AppendDecimal(Decimal value);

  // The raw parts, for conversion and storage. `offsets` has size() + 1 entries for text columns, else none.
  const std::vector<int64_t>& numbers() const { return numbers_; }
  const std::string& text() const { return text_; }
  const std::vector<uint32_t>& offsets() const { return offsets_; }
  const std::vector<uint8_t>& validity() const { return validity_; }
  // Builds a column from raw parts (text in `lengths` and `text`, all other types in `numbers`). Outside input is not
  // trusted: INVALID_ARGUMENT when the parts do not fit together or a cell cannot be of its type (days and times are
  // those of the years 0000 to 9999).
  static absl::StatusOr<Column> FromParts(ColumnType type, size_t rows, int scale, std::vector<uint8_t> validity,
                                          std::vector<int64_t> numbers, std::vector<uint32_t> lengths,
                                          std::string text);

 private:
  void AppendValidity(bool has_value);

  ColumnType type_;
  int scale_ = 0;
  size_t size_ = 0;
  std::vector<uint8_t> validity_;  // empty while every row has a value
  std::vector<int64_t> numbers_;
  std::vector<uint32_t> offsets_;
  std::string text_;
};

// All columns have `rows` cells. Movable; copying is explicit work for the reader to notice.
struct RowBatch {
  size_t rows = 0;
  std::vector<Column> columns;

  // Bytes held, roughly: what budgets count.
  size_t ByteSize() const;
};

// A self-contained binary form for spool files of the same process; not for the wire and not kept.
std::string EncodeRowBatch(const RowBatch& batch);
absl::StatusOr<RowBatch> DecodeRowBatch(absl::string_view bytes);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_MODEL_ROW_BATCH_H_
