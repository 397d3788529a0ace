#include "coordinator/store/sqlite/change_counter.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/civil.h"
#include "coordinator/store/sqlite/sqlite_tables.h"

namespace tikhaul {
absl::StatusOr<std::unique_ptr<ChangeCounter>> ChangeCounter::Make(SqliteDb& db, const SettleRequest& request,
                                                                   const std::vector<size_t>& key) {
  if (!ChangeTally::Wanted(request)) return nullptr;
  const TableSchema& table = request.table;
  std::unique_ptr<ChangeCounter> counter(new ChangeCounter(db, ChangeTally(request, key)));
  counter->key_ = key;
  counter->day_column_ = static_cast<size_t>(FindColumn(table, request.scope.day_column));
  if (const int raw = FindColumn(table, kRawColumn); raw >= 0) counter->raw_column_ = static_cast<size_t>(raw);
  std::vector<std::string> names = {QuoteSql(request.scope.day_column)}, keys;
  for (const ChangeMetric& metric : counter->tally_.metrics()) names.push_back(QuoteSql(metric.name));
  names.push_back(counter->raw_column_.has_value() ? QuoteSql(kRawColumn) : "NULL");
  for (const size_t i : key) keys.push_back(absl::StrCat(QuoteSql(table.columns[i].name), " = ?"));
  counter->columns_ = absl::StrJoin(names, ", ");
  ASSIGN_OR_RETURN(SqliteStatement find,
                   db.Statement(absl::StrCat("SELECT ", counter->columns_, " FROM ", QuoteSql(table.name), " WHERE ",
                                             absl::StrJoin(keys, " AND "))));
  counter->find_.emplace(std::move(find));
  return counter;
}

ChangeCounter::Row ChangeCounter::RowOf(const std::vector<Cell>& cells) const {
  Row row;
  for (const ChangeMetric& metric : tally_.metrics()) row.push_back(cells[metric.column]);
  row.push_back(raw_column_.has_value() ? cells[*raw_column_] : Cell{});
  return row;
}

// Of columns_, of which the first is the day.
ChangeCounter::Row ChangeCounter::RowOf(const SqliteStatement& statement) const {
  Row row;
  for (size_t i = 0; i <= tally_.metrics().size(); ++i)
    row.push_back(CellOfColumn(statement.raw(), static_cast<int>(i) + 1));
  return row;
}

// Adds the value of a cell that holds a number: 0 where there is none. Numbers of more digits than a double keeps have
// their exact text in _raw (docs/adr/0002).
absl::StatusOr<DecimalSum> ChangeCounter::NumberOf(const ChangeMetric& metric, const Row& row, size_t index) {
  const Cell& cell = row[index];
  if (cell.type == SQLITE_INTEGER) return DecimalSum(Decimal{cell.integer, 0});
  if (cell.type != SQLITE_FLOAT) return DecimalSum();
  std::optional<Decimal> number;
  if (const Cell& raw = row.back(); raw.type == SQLITE_TEXT) {
    ASSIGN_OR_RETURN(SqliteStatement member,
                     db_.Statement("SELECT ? -> ?", raw.text, absl::StrCat("$.\"", metric.name, "\"")));
    ASSIGN_OR_RETURN(const bool found, member.Step());
    if (found && !member.IsNull(0)) {
      absl::string_view text = member.Text(0);
      if (absl::ConsumePrefix(&text, "\"")) absl::ConsumeSuffix(&text, "\"");
      number = ParseDecimal(text);
    }
  }
  if (!number.has_value()) number = ParseDecimal(absl::StrFormat("%.15g", cell.real));
  if (number.has_value()) return DecimalSum(*number);
  DecimalSum unknown;
  unknown.Spoil();
  return unknown;
}

absl::Status ChangeCounter::Compare(const Row* before, const Row* after, ChangeTally::Day& day, bool* differs) {
  static const Cell kNothing;
  const bool exact = (before != nullptr && before->back().type != SQLITE_NULL) ||
                     (after != nullptr && after->back().type != SQLITE_NULL);
  for (size_t i = 0; i < tally_.metrics().size(); ++i) {
    const ChangeMetric& metric = tally_.metrics()[i];
    const Cell& old_cell = before != nullptr ? (*before)[i] : kNothing;
    const Cell& new_cell = after != nullptr ? (*after)[i] : kNothing;
    const bool same = SameCell(old_cell, new_cell);
    if (same && (!exact || !metric.number)) continue;
    DecimalSum was, is;
    if (metric.number) {
      if (before != nullptr) {
        ASSIGN_OR_RETURN(was, NumberOf(metric, *before, i));
      }
      if (after != nullptr) {
        ASSIGN_OR_RETURN(is, NumberOf(metric, *after, i));
      }
    }
    if (same && (is - was).IsZero()) continue;
    *differs = true;
    ChangeTally::Add(day, i, was, is, before != nullptr && old_cell.type == SQLITE_NULL);
  }
  return absl::OkStatus();
}

absl::Status ChangeCounter::Overwriting(const std::vector<Cell>& cells) {
  ChangeTally::Day* const day = tally_.FindDay(cells[day_column_].text);
  if (day == nullptr) return absl::OkStatus();
  for (size_t i = 0; i < key_.size(); ++i) {
    const int code = BindCell(find_->raw(), static_cast<int>(i) + 1, cells[key_[i]]);
    if (code != SQLITE_OK) return db_.Error(code);
  }
  ASSIGN_OR_RETURN(const bool found, find_->Step());
  if (!found) return absl::InternalError("a row that is to be written over is not there");
  const Row before = RowOf(*find_), after = RowOf(cells);
  bool differs = false;
  const absl::Status status = Compare(&before, &after, *day, &differs);
  find_->Reset();
  if (differs) ++day->counts.updated;
  return status;
}

absl::Status ChangeCounter::Inserted(const std::vector<Cell>& cells) {
  ChangeTally::Day* const day = tally_.FindDay(cells[day_column_].text);
  if (day == nullptr) return absl::OkStatus();
  ++day->counts.inserted;
  const Row after = RowOf(cells);
  bool differs = false;
  return Compare(nullptr, &after, *day, &differs);
}

absl::Status ChangeCounter::Removing(SqliteStatement& rows) {
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return absl::OkStatus();
    ChangeTally::Day* const day = tally_.FindDay(rows.Text(0));
    if (day == nullptr) continue;
    ++day->counts.removed;
    const Row before = RowOf(rows);
    bool differs = false;
    RETURN_IF_ERROR(Compare(&before, nullptr, *day, &differs));
  }
}

}  // namespace tikhaul
