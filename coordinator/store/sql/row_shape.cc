#include "coordinator/store/sql/row_shape.h"

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"
#include "coordinator/store/sql/row_tables.h"

namespace tikhaul {
namespace {

char* PutDigits(int value, int digits, char* out) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + digits;
}

}  // namespace

absl::StatusOr<RowShape> RowShape::Make(const TableSchema& table, const std::vector<std::string>& source_columns,
                                        const std::vector<ConstantCell>& constants) {
  RowShape shape;
  for (const TableColumn& column : table.columns) {
    const bool is_run_key = table.mode == WriteMode::kAppend && column.name == kRunColumn;
    shape.columns_.push_back(ShapedColumn{
        .name = column.name, .type = column.type, .key = column.key || is_run_key, .text = {}, .number = {}});
  }
  shape.source_columns_ = source_columns.size();
  for (size_t i = 0; i < source_columns.size(); ++i) {
    const int column = FindColumn(table, source_columns[i]);
    if (column < 0 || shape.columns_[column].source >= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("column ", source_columns[i], " of the rows is not of table ", table.name, " or comes twice"));
    }
    shape.columns_[column].source = static_cast<int>(i);
  }
  for (const ConstantCell& constant : constants) {
    RETURN_IF_ERROR(Annotate(shape.SetConstant(constant), absl::StrCat("table ", table.name)));
  }
  return shape;
}

absl::Status RowShape::SetConstant(const ConstantCell& constant) {
  for (ShapedColumn& column : columns_) {
    if (column.name != constant.column) continue;
    const bool fits = IsText(column.type) ? !constant.number.has_value() : !constant.text.has_value();
    if (column.source >= 0 || !fits || column.type == ColumnType::kDecimal) break;
    column.text = constant.text;
    column.number = constant.number;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("constant ", constant.column, " names no column, one that the rows bring, or has another type"));
}

absl::Status RowShape::CheckBatch(const RowBatch& batch) const {
  if (batch.columns.size() != source_columns_) {
    return absl::InvalidArgumentError(
        absl::StrCat("a batch has ", batch.columns.size(), " columns instead of ", source_columns_));
  }
  for (const ShapedColumn& column : columns_) {
    if (column.source < 0) continue;
    const auto& cells = batch.columns[column.source];
    const bool fits = cells.type() == column.type || (IsText(cells.type()) && IsText(column.type));
    if (!fits || cells.size() != batch.rows) {
      return absl::InvalidArgumentError(absl::StrCat("column ", column.name, " of a batch is ", Name(cells.type()),
                                                     " with ", cells.size(), " cells instead of ", Name(column.type),
                                                     " with ", batch.rows));
    }
  }
  return absl::OkStatus();
}

std::string FormatTimeCell(ColumnType type, int64_t number) {
  const bool is_day = type == ColumnType::kDate;
  const absl::CivilSecond time = is_day ? absl::CivilSecond(DayFromNumber(number)) : SecondFromNumber(number);
  const bool utc = type == ColumnType::kTimestamp;
  if (time.year() < 0 || time.year() > 9999) {  // cannot be a day of an account, but must not be lost either
    return is_day ? absl::FormatCivilTime(absl::CivilDay(time)) : absl::FormatCivilTime(time);
  }
  char text[20];
  char* at = PutDigits(static_cast<int>(time.year()), 4, text);
  *at++ = '-';
  at = PutDigits(time.month(), 2, at);
  *at++ = '-';
  at = PutDigits(time.day(), 2, at);
  if (is_day) return std::string(text, at);
  *at++ = utc ? 'T' : ' ';
  at = PutDigits(time.hour(), 2, at);
  *at++ = ':';
  at = PutDigits(time.minute(), 2, at);
  *at++ = ':';
  at = PutDigits(time.second(), 2, at);
  if (utc) *at++ = 'Z';
  return std::string(text, at);
}

}  // namespace tikhaul
