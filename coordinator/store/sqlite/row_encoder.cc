#include "coordinator/store/sqlite/row_encoder.h"

#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/decimal.h"
#include "common/base/digest.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"
#include "coordinator/store/sqlite/sqlite_tables.h"

namespace tikhaul {
namespace {

char* PutDigits(int value, int digits, char* out) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + digits;
}

// The text of a number of type kDate, kTimestamp or kLocalHour.
std::string FormatTime(ColumnType type, int64_t number) {
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

Cell IntegerCell(int64_t value) { return Cell{.type = SQLITE_INTEGER, .integer = value, .text = {}}; }
Cell RealCell(double value) { return Cell{.type = SQLITE_FLOAT, .real = value, .text = {}}; }
Cell TextCell(absl::string_view value) { return Cell{.type = SQLITE_TEXT, .text = value}; }

}  // namespace

Cell CellOfColumn(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return IntegerCell(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return RealCell(sqlite3_column_double(statement, column));
    case SQLITE_NULL:
      return Cell{};
    default: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return TextCell(absl::string_view(text, sqlite3_column_bytes(statement, column)));
    }
  }
}

bool SameCell(const Cell& a, const Cell& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case SQLITE_INTEGER:
      return a.integer == b.integer;
    case SQLITE_FLOAT:
      return a.real == b.real;
    case SQLITE_TEXT:
      return a.text == b.text;
    default:
      return true;
  }
}

Cell CellOfValue(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return IntegerCell(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return RealCell(sqlite3_value_double(value));
    case SQLITE_NULL:
      return Cell{};
    default: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      return TextCell(absl::string_view(text, sqlite3_value_bytes(value)));
    }
  }
}

int BindCell(sqlite3_stmt* statement, int parameter, const Cell& cell) {
  switch (cell.type) {
    case SQLITE_INTEGER:
      return sqlite3_bind_int64(statement, parameter, cell.integer);
    case SQLITE_FLOAT:
      return sqlite3_bind_double(statement, parameter, cell.real);
    case SQLITE_TEXT:
      // A null pointer would bind null.
      return sqlite3_bind_text64(statement, parameter, cell.text.data() == nullptr ? "" : cell.text.data(),
                                 cell.text.size(), SQLITE_STATIC, SQLITE_UTF8);
    default:
      return sqlite3_bind_null(statement, parameter);
  }
}

double NearestDouble(Decimal value) {
  // Both sides of the division are exact doubles (10^18 = 2^18 * 5^18, 5^18 < 2^53), so one rounding remains: the right
  // one.
  constexpr int64_t kExact = int64_t{1} << 53;
  if (value.unscaled > -kExact && value.unscaled < kExact) {
    return static_cast<double>(value.unscaled) / static_cast<double>(PowerOfTen(value.scale));
  }
  return std::strtod(FormatDecimal(value).c_str(), nullptr);
}

void CellHasher::Add(const Cell& cell) {
  char bytes[9];
  bytes[0] = static_cast<char>(cell.type);
  size_t size = sizeof(bytes);
  switch (cell.type) {
    case SQLITE_INTEGER:
      std::memcpy(bytes + 1, &cell.integer, 8);
      break;
    case SQLITE_FLOAT:
      std::memcpy(bytes + 1, &cell.real, 8);
      break;
    case SQLITE_TEXT: {
      const uint64_t length = cell.text.size();
      std::memcpy(bytes + 1, &length, 8);
      break;
    }
    default:
      size = 1;
  }
  bytes_.append(bytes, size);
  if (cell.type == SQLITE_TEXT) bytes_.append(cell.text.data(), cell.text.size());
}

uint64_t CellHasher::Finish() {
  const uint64_t hash = StableHash(bytes_);
  bytes_.clear();
  return hash;
}

absl::StatusOr<RowEncoder> RowEncoder::Make(const TableSchema& table, const std::vector<std::string>& source_columns,
                                            const std::vector<ConstantCell>& constants) {
  RowEncoder encoder;
  for (const TableColumn& column : table.columns) {
    const bool is_run_key = table.mode == WriteMode::kAppend && column.name == kRunColumn;
    encoder.columns_.push_back(
        Column{.name = column.name, .type = column.type, .key = column.key || is_run_key, .text = {}, .shown = {}});
  }
  encoder.source_columns_ = source_columns.size();
  for (size_t i = 0; i < source_columns.size(); ++i) {
    const int column = FindColumn(table, source_columns[i]);
    if (column < 0 || encoder.columns_[column].source >= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("column ", source_columns[i], " of the rows is not of table ", table.name, " or comes twice"));
    }
    encoder.columns_[column].source = static_cast<int>(i);
    encoder.varying_.push_back(column);
  }
  for (const Column& column : encoder.columns_) encoder.cells_.push_back(Empty(column));
  for (const ConstantCell& constant : constants) {
    RETURN_IF_ERROR(Annotate(encoder.SetConstant(constant), absl::StrCat("table ", table.name)));
  }
  return encoder;
}

absl::Status RowEncoder::SetConstant(const ConstantCell& constant) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    if (column.name != constant.column) continue;
    const bool fits = IsText(column.type) ? !constant.number.has_value() : !constant.text.has_value();
    if (column.source >= 0 || !fits || column.type == ColumnType::kDecimal) break;
    if (constant.text.has_value()) {
      column.text = *constant.text;
      cells_[i] = TextCell(column.text);
    } else if (constant.number.has_value()) {
      cells_[i] = EncodeNumber(column, *constant.number);
    }
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("constant ", constant.column, " names no column, one that the rows bring, or has another type"));
}

absl::Status RowEncoder::CheckBatch(const RowBatch& batch) const {
  if (batch.columns.size() != source_columns_) {
    return absl::InvalidArgumentError(
        absl::StrCat("a batch has ", batch.columns.size(), " columns instead of ", source_columns_));
  }
  for (const size_t i : varying_) {
    const Column& column = columns_[i];
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

Cell RowEncoder::EncodeNumber(Column& column, int64_t number) {
  if (column.type == ColumnType::kInt64 || column.type == ColumnType::kBool) return IntegerCell(number);
  if (column.shown != number) {  // neighbours mostly share their day
    column.text = FormatTime(column.type, number);
    column.shown = number;
  }
  return TextCell(column.text);
}

Cell RowEncoder::Empty(const Column& column) {
  if (!column.key) return Cell{};
  const absl::string_view type = SqlType(column.type);
  return type == "TEXT" ? TextCell("") : type == "REAL" ? RealCell(0) : IntegerCell(0);
}

void RowEncoder::Encode(const RowBatch& batch, size_t row) {
  for (const size_t i : varying_) {
    Column& column = columns_[i];
    const auto& source = batch.columns[column.source];
    if (!source.HasValue(row)) {
      cells_[i] = Empty(column);
    } else if (IsText(column.type)) {
      cells_[i] = TextCell(source.Text(row));
    } else if (column.type == ColumnType::kDecimal) {
      cells_[i] = RealCell(NearestDouble(source.DecimalAt(row)));
    } else {
      cells_[i] = EncodeNumber(column, source.Number(row));
    }
  }
}

}  // namespace tikhaul
