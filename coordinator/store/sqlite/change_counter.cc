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
namespace {

constexpr size_t kDayLength = 10;  // "2026-03-01", also in front of hours

}  // namespace

absl::StatusOr<std::unique_ptr<ChangeCounter>> ChangeCounter::Make(SqliteDb& db, const SettleRequest& request,
                                                                   const std::vector<size_t>& key) {
  const TableSchema& table = request.table;
  const int day = FindColumn(table, request.scope.day_column);
  if (table.mode != WriteMode::kMerge || request.read_before.empty() || day < 0) return nullptr;
  std::unique_ptr<ChangeCounter> counter(new ChangeCounter(db));
  for (const Coverage& days : request.read_before) {
    counter->read_before_.emplace_back(FormatDay(days.first), FormatDay(days.last));
  }
  counter->key_ = key;
  counter->day_column_ = static_cast<size_t>(day);
  std::vector<std::string> names = {QuoteSql(request.scope.day_column)}, keys;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    if (column.name == kRawColumn) counter->raw_column_ = i;
    const bool is_key = std::find(key.begin(), key.end(), i) != key.end();
    if (is_key || column.is_volatile || absl::StartsWith(column.name, "_")) continue;
    counter->metrics_.push_back({.column = i, .name = column.name, .number = SqlType(column.type) != "TEXT"});
    names.push_back(QuoteSql(column.name));
  }
  names.push_back(counter->raw_column_.has_value() ? QuoteSql(kRawColumn) : "NULL");
  for (const size_t i : key) keys.push_back(absl::StrCat(QuoteSql(table.columns[i].name), " = ?"));
  counter->columns_ = absl::StrJoin(names, ", ");
  ASSIGN_OR_RETURN(SqliteStatement find,
                   db.Statement(absl::StrCat("SELECT ", counter->columns_, " FROM ", QuoteSql(table.name), " WHERE ",
                                             absl::StrJoin(keys, " AND "))));
  counter->find_.emplace(std::move(find));
  return counter;
}

ChangeCounter::Day* ChangeCounter::FindDay(absl::string_view cell) {
  const absl::string_view text = cell.substr(0, kDayLength);
  const bool known = std::any_of(read_before_.begin(), read_before_.end(),
                                 [&](const auto& days) { return days.first <= text && text <= days.second; });
  if (!known) return nullptr;
  auto found = days_.find(text);
  if (found == days_.end()) {
    const absl::StatusOr<absl::CivilDay> day = ParseDay(text);
    if (!day.ok()) return nullptr;
    found = days_.try_emplace(std::string(text)).first;
    found->second.counts.day = *day;
    found->second.metrics.resize(metrics_.size());
  }
  return &found->second;
}

ChangeCounter::Row ChangeCounter::RowOf(const std::vector<Cell>& cells) const {
  Row row;
  for (const Metric& metric : metrics_) row.push_back(cells[metric.column]);
  row.push_back(raw_column_.has_value() ? cells[*raw_column_] : Cell{});
  return row;
}

// Of columns_, of which the first is the day.
ChangeCounter::Row ChangeCounter::RowOf(const SqliteStatement& statement) const {
  Row row;
  for (size_t i = 0; i <= metrics_.size(); ++i) row.push_back(CellOfColumn(statement.raw(), static_cast<int>(i) + 1));
  return row;
}

// Adds the value of a cell that holds a number: 0 where there is none. Numbers of more digits than a double keeps have
// their exact text in _raw (docs/adr/0002).
absl::StatusOr<DecimalSum> ChangeCounter::NumberOf(const Metric& metric, const Row& row, size_t index) {
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

absl::Status ChangeCounter::Compare(const Row* before, const Row* after, Day& day, bool* differs) {
  static const Cell kNothing;
  const bool exact = (before != nullptr && before->back().type != SQLITE_NULL) ||
                     (after != nullptr && after->back().type != SQLITE_NULL);
  for (size_t i = 0; i < metrics_.size(); ++i) {
    const Metric& metric = metrics_[i];
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
    const DecimalSum change = is - was;
    if (same && change.IsZero()) continue;
    *differs = true;
    Tally& tally = day.metrics[i];
    ++tally.rows;
    if (before != nullptr && old_cell.type == SQLITE_NULL) ++tally.filled;
    tally.before += was;
    tally.after += is;
    tally.moved += change.Abs();
  }
  return absl::OkStatus();
}

absl::Status ChangeCounter::Overwriting(const std::vector<Cell>& cells) {
  Day* const day = FindDay(cells[day_column_].text);
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
  Day* const day = FindDay(cells[day_column_].text);
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
    Day* const day = FindDay(rows.Text(0));
    if (day == nullptr) continue;
    ++day->counts.removed;
    const Row before = RowOf(rows);
    bool differs = false;
    RETURN_IF_ERROR(Compare(&before, nullptr, *day, &differs));
  }
}

std::vector<DayChange> ChangeCounter::Result() const {
  std::vector<DayChange> changes;
  for (const auto& [text, day] : days_) {
    DayChange change = day.counts;
    if (change.inserted + change.updated + change.removed == 0) continue;
    for (size_t i = 0; i < metrics_.size(); ++i) {
      const Tally& tally = day.metrics[i];
      if (tally.rows == 0) continue;
      RestatedMetric metric{.metric = metrics_[i].name, .rows = tally.rows, .filled = tally.filled, .sums = {}};
      const DecimalSum difference = tally.after - tally.before;
      if (metrics_[i].number && difference.known() && tally.moved.known()) {
        metric.sums = RestatedSums{.before = tally.before.Text(),
                                   .after = tally.after.Text(),
                                   .difference = difference.Text(),
                                   .moved = tally.moved.Text()};
      }
      change.metrics.push_back(std::move(metric));
    }
    std::sort(change.metrics.begin(), change.metrics.end(),
              [](const RestatedMetric& a, const RestatedMetric& b) { return a.metric < b.metric; });
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace tikhaul
