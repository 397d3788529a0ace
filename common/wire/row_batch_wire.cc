#include "common/wire/row_batch_wire.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"

namespace tikhaul {
namespace {

absl::StatusOr<Column> ColumnFromWire(ColumnType type, size_t rows, v1::Column& wire) {
  std::vector<int64_t> numbers;
  std::vector<uint32_t> lengths;
  std::string text;
  int scale = 0;
  const auto take = [&numbers](const auto& values) { numbers.assign(values.begin(), values.end()); };
  bool fits = false;
  switch (type) {
    case ColumnType::kInt64:
    case ColumnType::kBool:
    case ColumnType::kLocalHour:
      fits = wire.has_int64();
      take(wire.int64().values());
      break;
    case ColumnType::kDecimal:
      fits = wire.has_decimal();
      take(wire.decimal().unscaled());
      if (wire.decimal().scale() > static_cast<uint32_t>(kMaxDecimalScale))
        return absl::InvalidArgumentError("scale out of range");
      scale = static_cast<int>(wire.decimal().scale());
      break;
    case ColumnType::kDate:
      fits = wire.has_date();
      take(wire.date().days());
      break;
    case ColumnType::kTimestamp:
      fits = wire.has_timestamp();
      take(wire.timestamp().seconds());
      break;
    case ColumnType::kString:
    case ColumnType::kJson:
      fits = wire.has_string();
      lengths.assign(wire.string().lengths().begin(), wire.string().lengths().end());
      text = std::move(*wire.mutable_string()->mutable_data());
      break;
  }
  if (!fits) return absl::InvalidArgumentError(absl::StrCat("cells are not of type ", Name(type)));
  std::vector<uint8_t> validity(wire.validity().begin(), wire.validity().end());
  return Column::FromParts(type, rows, scale, std::move(validity), std::move(numbers), std::move(lengths),
                           std::move(text));
}

void ColumnToWire(const Column& column, v1::Column* out) {
  out->set_validity(column.validity().data(), column.validity().size());
  const std::vector<int64_t>& numbers = column.numbers();
  switch (column.type()) {
    case ColumnType::kInt64:
    case ColumnType::kBool:
    case ColumnType::kLocalHour:
      out->mutable_int64()->mutable_values()->Assign(numbers.begin(), numbers.end());
      break;
    case ColumnType::kDecimal:
      out->mutable_decimal()->mutable_unscaled()->Assign(numbers.begin(), numbers.end());
      out->mutable_decimal()->set_scale(static_cast<uint32_t>(column.scale()));
      break;
    case ColumnType::kDate:
      out->mutable_date()->mutable_days()->Assign(numbers.begin(), numbers.end());
      break;
    case ColumnType::kTimestamp:
      out->mutable_timestamp()->mutable_seconds()->Assign(numbers.begin(), numbers.end());
      break;
    case ColumnType::kString:
    case ColumnType::kJson: {
      v1::StringValues* string = out->mutable_string();
      string->set_data(column.text());
      string->mutable_lengths()->Clear();
      const std::vector<uint32_t>& offsets = column.offsets();
      for (size_t row = 0; row + 1 < offsets.size(); ++row) string->add_lengths(offsets[row + 1] - offsets[row]);
      break;
    }
  }
}

}  // namespace

v1::ColumnType ToWire(ColumnType type) {
  switch (type) {
    case ColumnType::kInt64:
      return v1::COLUMN_TYPE_INT64;
    case ColumnType::kDecimal:
      return v1::COLUMN_TYPE_DECIMAL;
    case ColumnType::kString:
      return v1::COLUMN_TYPE_STRING;
    case ColumnType::kDate:
      return v1::COLUMN_TYPE_DATE;
    case ColumnType::kTimestamp:
      return v1::COLUMN_TYPE_TIMESTAMP;
    case ColumnType::kJson:
      return v1::COLUMN_TYPE_JSON;
    case ColumnType::kBool:
      return v1::COLUMN_TYPE_BOOL;
    case ColumnType::kLocalHour:
      return v1::COLUMN_TYPE_LOCAL_HOUR;
  }
  return v1::COLUMN_TYPE_UNSPECIFIED;
}

absl::StatusOr<ColumnType> FromWire(v1::ColumnType type) {
  for (const ColumnType candidate :
       {ColumnType::kInt64, ColumnType::kDecimal, ColumnType::kString, ColumnType::kDate, ColumnType::kTimestamp,
        ColumnType::kJson, ColumnType::kBool, ColumnType::kLocalHour}) {
    if (ToWire(candidate) == type) return candidate;
  }
  return absl::InvalidArgumentError(absl::StrCat("column type ", static_cast<int>(type), " is not known"));
}

void ToWire(const RowBatch& batch, v1::RowBatch* out) {
  out->set_rows(static_cast<uint32_t>(batch.rows));
  while (out->columns_size() > static_cast<int>(batch.columns.size())) out->mutable_columns()->RemoveLast();
  while (out->columns_size() < static_cast<int>(batch.columns.size())) out->add_columns();
  for (size_t i = 0; i < batch.columns.size(); ++i)
    ColumnToWire(batch.columns[i], out->mutable_columns(static_cast<int>(i)));
}

absl::StatusOr<RowBatch> FromWire(const std::vector<ColumnType>& types, v1::RowBatch& batch) {
  if (static_cast<size_t>(batch.columns_size()) != types.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a batch has ", batch.columns_size(), " columns instead of ", types.size()));
  }
  RowBatch result;
  result.rows = batch.rows();
  result.columns.reserve(types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    absl::StatusOr<Column> column = ColumnFromWire(types[i], result.rows, *batch.mutable_columns(static_cast<int>(i)));
    if (!column.ok()) return Annotate(column.status(), absl::StrCat("column ", i));
    result.columns.push_back(*std::move(column));
  }
  return result;
}

}  // namespace tikhaul
