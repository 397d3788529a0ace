#include "coordinator/store/sql/change_tally.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "common/base/civil.h"
#include "coordinator/store/sql/row_tables.h"

namespace tikhaul {
namespace {

constexpr size_t kDayLength = 10;  // "2026-03-01", also in front of hours

bool IsNumber(ColumnType type) {
  return type == ColumnType::kInt64 || type == ColumnType::kBool || type == ColumnType::kDecimal;
}

}  // namespace

bool ChangeTally::Wanted(const SettleRequest& request) {
  return request.table.mode == WriteMode::kMerge && !request.read_before.empty() &&
         FindColumn(request.table, request.scope.day_column) >= 0;
}

ChangeTally::ChangeTally(const SettleRequest& request, const std::vector<size_t>& key) {
  for (const Coverage& days : request.read_before) {
    read_before_.emplace_back(FormatDay(days.first), FormatDay(days.last));
  }
  const std::vector<TableColumn>& columns = request.table.columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool is_key = std::find(key.begin(), key.end(), i) != key.end();
    if (is_key || columns[i].is_volatile || absl::StartsWith(columns[i].name, "_")) continue;
    metrics_.push_back({.column = i, .name = columns[i].name, .number = IsNumber(columns[i].type)});
  }
}

ChangeTally::Day* ChangeTally::FindDay(absl::string_view cell) {
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

void ChangeTally::Add(Day& day, size_t metric, const DecimalSum& was, const DecimalSum& is, bool filled) {
  Sums& sums = day.metrics[metric];
  ++sums.rows;
  if (filled) ++sums.filled;
  sums.before += was;
  sums.after += is;
  sums.moved += (is - was).Abs();
}

std::vector<DayChange> ChangeTally::Result() const {
  std::vector<DayChange> changes;
  for (const auto& [text, day] : days_) {
    DayChange change = day.counts;
    if (change.inserted + change.updated + change.removed == 0) continue;
    for (size_t i = 0; i < metrics_.size(); ++i) {
      const Sums& tally = day.metrics[i];
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
