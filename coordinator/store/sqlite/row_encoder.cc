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
  ASSIGN_OR_RETURN(RowShape shape, RowShape::Make(table, source_columns, constants));
  RowEncoder encoder(std::move(shape));
  for (const ShapedColumn& shaped : encoder.shape_.columns()) {
    if (shaped.source >= 0) encoder.varying_.push_back(encoder.columns_.size());
    encoder.columns_.push_back(
        Column{.type = shaped.type, .key = shaped.key, .source = shaped.source, .text = {}, .shown = {}});
  }
  for (size_t i = 0; i < encoder.columns_.size(); ++i) {  // cells point into columns, which are all there now
    const ShapedColumn& shaped = encoder.shape_.columns()[i];
    Column& column = encoder.columns_[i];
    column.text = shaped.text.value_or("");
    encoder.cells_.push_back(shaped.text.has_value()     ? TextCell(column.text)
                             : shaped.number.has_value() ? EncodeNumber(column, *shaped.number)
                                                         : Empty(column));
  }
  return encoder;
}

Cell RowEncoder::EncodeNumber(Column& column, int64_t number) {
  if (column.type == ColumnType::kInt64 || column.type == ColumnType::kBool) return IntegerCell(number);
  if (column.shown != number) {  // neighbours mostly share their day
    column.text = FormatTimeCell(column.type, number);
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
