#include "tests/contract/store/row_maker.h"

#include <cstdlib>

#include "common/base/civil.h"
#include "common/base/decimal.h"
#include "gtest/gtest.h"

namespace tikhaul {
namespace {

ColumnType TypeOf(const TableSchema& table, const std::string& name) {
  for (const TableColumn& column : table.columns) {
    if (column.name == name) return column.type;
  }
  ADD_FAILURE() << "no column " << name;
  return ColumnType::kString;
}

void AppendText(const std::string& cell, Column& column) {
  if (cell == "NULL") return column.AppendNull();
  switch (column.type()) {
    case ColumnType::kString:
    case ColumnType::kJson:
      return column.AppendText(cell);
    case ColumnType::kDecimal:
      EXPECT_TRUE(column.AppendDecimal(ParseDecimal(cell).value()));
      return;
    case ColumnType::kDate:
      return column.AppendNumber(DayNumber(ParseDay(cell).value()));
    case ColumnType::kTimestamp:
    case ColumnType::kLocalHour:
      return column.AppendNumber(SecondNumber(ParseCivilSecond(cell).value()));
    default:
      return column.AppendNumber(std::strtoll(cell.c_str(), nullptr, 10));
  }
}

}  // namespace

TextRowSource::TextRowSource(const TableSchema& table, std::vector<std::string> columns,
                             const std::vector<std::vector<std::string>>& rows, size_t batch_rows)
    : columns_(std::move(columns)) {
  for (size_t row = 0; row < rows.size(); ++row) {
    if (row % batch_rows == 0) {
      RowBatch& batch = batches_.emplace_back();
      for (const std::string& name : columns_) batch.columns.emplace_back(TypeOf(table, name));
    }
    EXPECT_EQ(rows[row].size(), columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i) AppendText(rows[row][i], batches_.back().columns[i]);
    ++batches_.back().rows;
  }
}

absl::StatusOr<const RowBatch*> TextRowSource::Next() {
  if (next_ < batches_.size()) return &batches_[next_++];
  if (!end_.ok()) return end_;
  return nullptr;
}

RowScope WholeScope(const std::string& advertiser) {
  RowScope scope;
  scope.advertiser = advertiser;
  return scope;
}

ConstantCell TextConstant(const std::string& column, const std::string& value) {
  return {.column = column, .text = value, .number = {}};
}

TableSchema DailyTable(WriteMode mode) {
  return {.name = "ads_daily",
          .mode = mode,
          .columns = {{"stat_time_day", ColumnType::kDate, true},
                      {"ad_id", ColumnType::kString, true},
                      {"advertiser_id", ColumnType::kString, true},
                      {"clicks", ColumnType::kInt64, false},
                      {"spend", ColumnType::kDecimal, false},
                      {"ad_name", ColumnType::kString, false},
                      {"_finality", ColumnType::kString, false},
                      {"_run_id", ColumnType::kString, false},
                      {"_extracted_at", ColumnType::kTimestamp, false}}};
}

TableSchema AdTable() {
  return {.name = "ads",
          .mode = WriteMode::kMerge,
          .columns = {{"advertiser_id", ColumnType::kString, true},
                      {"ad_id", ColumnType::kString, true},
                      {"create_time", ColumnType::kTimestamp, false},
                      {"ad_name", ColumnType::kString, false},
                      {"_run_id", ColumnType::kString, false},
                      {"_extracted_at", ColumnType::kTimestamp, false},
                      {"_gone_at", ColumnType::kTimestamp, false}}};
}

}  // namespace tikhaul
