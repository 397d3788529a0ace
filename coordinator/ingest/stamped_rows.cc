#include "coordinator/ingest/stamped_rows.h"

#include <algorithm>
#include <utility>

#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"
#include "coordinator/finality_rule.h"

namespace tikhaul {
namespace {

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool HasColumn(const TableSchema& table, const std::string& name) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [&](const TableColumn& column) { return column.name == name; });
}

// The day of a kDate or kLocalHour cell, as days since 1970-01-01.
int64_t DayNumberOf(const Column& column, size_t row) {
  const int64_t number = column.Number(row);
  if (column.type() == ColumnType::kDate) return number;
  return DayNumber(absl::CivilDay(SecondFromNumber(number)));
}

}  // namespace

std::vector<ConstantCell> ConstantCells(const StampInput& input, const std::vector<std::string>& batch_columns) {
  std::vector<ConstantCell> cells;
  const TableSchema& table = input.extract->table;
  const auto text = [&](const std::string& column, std::optional<std::string> value) {
    if (HasColumn(table, column) && !Contains(batch_columns, column))
      cells.push_back({.column = column, .text = std::move(value), .number = {}});
  };
  const auto number = [&](const std::string& column, int64_t value) {
    if (HasColumn(table, column)) cells.push_back({.column = column, .text = {}, .number = value});
  };
  text("advertiser_id", input.chunk.advertiser);
  text("_run_id", input.chunk.run_id);
  text("_currency", input.advertiser.currency);
  text("_timezone", input.advertiser.timezone);
  number("_extracted_at", absl::ToUnixSeconds(input.extracted_at));
  if (input.chunk.window.kind != WindowKind::kWhole) {
    number("_window_start", DayNumber(input.chunk.window.first));
    number("_window_end", DayNumber(input.chunk.window.last));
  }
  if (HasColumn(table, "_finality") && input.extract->granularity != Granularity::kDay &&
      input.extract->granularity != Granularity::kHour) {
    const absl::CivilDay last =
        input.chunk.window.kind == WindowKind::kDays ? input.chunk.window.last : DayIn(input.zone, input.read_at);
    text("_finality", std::string(Name(FinalityOf(RuleFor(*input.extract, input.zone), last, input.read_at))));
  }
  return cells;
}

StampedRows::StampedRows(const StampInput& input, RowSource& rows)
    : input_(input), columns_(rows.columns()), rows_(rows) {
  const auto found = std::find(columns_.begin(), columns_.end(), input_.extract->day_column);
  if (found != columns_.end()) day_index_ = static_cast<size_t>(found - columns_.begin());
  const Granularity granularity = input_.extract->granularity;
  with_finality_ = day_index_.has_value() && (granularity == Granularity::kDay || granularity == Granularity::kHour);
  with_utc_start_ = day_index_.has_value() && granularity == Granularity::kHour;
  if (with_finality_) columns_.emplace_back("_finality");
  if (with_utc_start_) columns_.emplace_back("_utc_start");
}

absl::StatusOr<const RowBatch*> StampedRows::Next() {
  ASSIGN_OR_RETURN(const RowBatch* const batch, rows_.Next());
  if (batch == nullptr) return nullptr;
  digest_.Add(*batch);
  if (!with_finality_) return batch;
  batch_ = *batch;
  AddFinality(batch_);
  if (with_utc_start_) AddUtcStart(batch_);
  return &batch_;
}

Finality StampedRows::FinalityOfDay(int64_t day_number) {
  const auto found = finality_by_day_.find(day_number);
  if (found != finality_by_day_.end()) return found->second;
  const Finality finality =
      FinalityOf(RuleFor(*input_.extract, input_.zone), DayFromNumber(day_number), input_.read_at);
  finality_by_day_[day_number] = finality;
  return finality;
}

void StampedRows::AddFinality(RowBatch& batch) {
  Column finality(ColumnType::kString);
  const Column& days = batch.columns[*day_index_];
  int64_t day = 0;
  absl::string_view name;
  for (size_t row = 0; row < batch.rows; ++row) {
    const int64_t next = DayNumberOf(days, row);
    if (row == 0 || next != day) name = Name(FinalityOfDay(next));  // neighbours mostly share their day
    day = next;
    finality.AppendText(name);
  }
  batch.columns.push_back(std::move(finality));
}

void StampedRows::AddUtcStart(RowBatch& batch) const {
  Column starts(ColumnType::kTimestamp);
  const Column& hours = batch.columns[*day_index_];
  for (size_t row = 0; row < batch.rows; ++row) {
    // A repeated hour of a 25-hour day counts as its first occurrence: the API gives no way to tell them apart
    // (tiktok-api.md 4.4).
    starts.AppendNumber(absl::ToUnixSeconds(input_.zone.At(SecondFromNumber(hours.Number(row))).pre));
  }
  batch.columns.push_back(std::move(starts));
}

}  // namespace tikhaul
