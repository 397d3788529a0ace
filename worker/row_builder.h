// Collects the cells of one row and appends whole rows to batches.
#ifndef TIKHAUL_WORKER_ROW_BUILDER_H_
#define TIKHAUL_WORKER_ROW_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/row_decoder.h"

namespace tikhaul {

// A JSON value as it stands in the answer. The views point into the answer's buffer or the parser's.
struct JsonCell {
  enum Kind : uint8_t { kMissing, kString, kAtom, kNested };
  Kind kind = kMissing;
  bool alias = false;             // it came under another name of the column
  absl::string_view quoted_name;  // the member's name as in the answer
  absl::string_view token;        // the JSON text, without blanks around it
  absl::string_view text;         // kString: the contents
};

struct ColumnRule {
  std::string name;
  ColumnType type = ColumnType::kString;
  bool key = false;
  bool trim_end = false;         // some copies of the age dimension carry a trailing blank (section 4.2)
  bool dash_is_a_value = false;  // texts of entities: somebody may have named a campaign "-"
};

// INVALID_ARGUMENT when the column has no type.
absl::StatusOr<ColumnRule> RuleOf(const v1::ColumnPlan& plan);

// Usage: for each row, Reset, Set and AddUnknown in any order, Close. Used by one thread.
class RowBuilder {
 public:
  RowBuilder(std::vector<ColumnRule> columns, DecoderOptions options);

  const std::vector<ColumnRule>& columns() const { return columns_; }
  // Starts a new page, whose batches and counts go to `page`.
  void Begin(DecodedPage* page);
  void ResetRow();
  const JsonCell& cell(size_t column) const { return cells_[column]; }
  void Set(size_t column, const JsonCell& cell) { cells_[column] = cell; }
  // A member the plan does not know; `name` is for the counts.
  void AddUnknown(absl::string_view name, const JsonCell& cell);
  // Appends the row. OUT_OF_RANGE: it is too large.
  absl::Status CloseRow();
  // Hands the last batch to the page.
  void Finish();

 private:
  // A cell ready to be appended.
  struct Value {
    enum Kind : uint8_t { kNone, kNumber, kDecimal, kText };
    Kind kind = kNone;
    int scale = 0;
    int64_t number = 0;
    absl::string_view text;
  };
  // Room that the values of a decimal column need, in bits: those before the point and the largest scale.
  struct DecimalRoom {
    int whole_bits = 0;
    int scale = 0;
  };

  Value Convert(const ColumnRule& rule, const JsonCell& cell);
  Value ConvertText(const ColumnRule& rule, const JsonCell& cell);
  Value ConvertDecimal(const ColumnRule& rule, const JsonCell& cell, absl::string_view text);
  Value Unparsed(const ColumnRule& rule, const JsonCell& cell);
  void KeepOriginal(const ColumnRule& rule, const JsonCell& cell);
  // False when the row's decimals might not fit beside those of the batch at one scale.
  bool DecimalsFit();
  void Append(size_t column, const Value& value);
  void AppendKept(std::string* object);
  void OpenBatch();
  void CloseBatch();

  const std::vector<ColumnRule> columns_;
  const DecoderOptions options_;
  std::vector<JsonCell> cells_;
  std::vector<Value> values_;
  std::vector<DecimalRoom> room_, room_with_row_;
  std::string extra_, raw_;  // JSON objects under construction, without their closing brace; empty: none
  RowBatch batch_;
  size_t batch_bytes_ = 0;
  DecodedPage* page_ = nullptr;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_ROW_BUILDER_H_
