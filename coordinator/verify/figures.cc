#include "coordinator/verify/figures.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace tikhaul {

bool operator<(const Place& a, const Place& b) {
  return std::tie(a.day, a.breakdown, a.id) < std::tie(b.day, b.breakdown, b.id);
}

Cells EmptyCells(size_t metrics) {
  return {.rows = 0, .sums = std::vector<DecimalSum>(metrics), .unreadable = std::vector<bool>(metrics)};
}

void AddCells(const Cells& cells, Cells& to) {
  to.rows += cells.rows;
  for (size_t i = 0; i < cells.sums.size(); ++i) {
    to.sums[i] += cells.sums[i];
    if (cells.unreadable[i]) to.unreadable[i] = true;
  }
}

FigureMap TogetherAt(absl::CivilDay day, const FigureMap& figures) {
  FigureMap together;
  for (const auto& [place, cells] : figures) {
    Place at{.day = day, .breakdown = place.breakdown, .id = {}};
    AddCells(cells, together.try_emplace(std::move(at), EmptyCells(cells.sums.size())).first->second);
  }
  return together;
}

FigureMap Between(const FigureMap& figures, absl::CivilDay first, absl::CivilDay last) {
  return {figures.lower_bound(Place{.day = first, .breakdown = {}, .id = {}}),
          figures.lower_bound(Place{.day = last + 1, .breakdown = {}, .id = {}})};
}

DecimalSum RoundingOf(uint64_t rows) {
  const auto most = static_cast<uint64_t>(INT64_MAX / 5);
  return DecimalSum(Decimal{static_cast<int64_t>(std::min(rows, most)) * 5, 3});  // half of 0.01 each
}

Comparison Compare(const std::vector<ComparedMetric>& metrics, const FigureMap& stored, const FigureMap& api,
                   bool same_rows) {
  std::set<Place> places;
  for (const auto& [place, cells] : stored) places.insert(place);
  for (const auto& [place, cells] : api) places.insert(place);
  const Cells none = EmptyCells(metrics.size());
  const auto at = [&](const FigureMap& figures, const Place& place) -> const Cells& {
    const auto found = figures.find(place);
    return found == figures.end() ? none : found->second;
  };
  Comparison comparison;
  for (const Place& place : places) {
    const Cells &ours = at(stored, place), &theirs = at(api, place);
    for (size_t i = 0; i < metrics.size(); ++i) {
      if (ours.unreadable[i] || theirs.unreadable[i]) continue;
      if (ours.sums[i] == theirs.sums[i]) {
        ++comparison.equal;
        continue;
      }
      Difference difference{.place = place,
                            .metric = i,
                            .stored = ours.sums[i],
                            .api = theirs.sums[i],
                            .stored_rows = ours.rows,
                            .api_rows = theirs.rows};
      difference.rounding = !same_rows && metrics[i].decimal && ours.rows > 0 && theirs.rows > 0 &&
                            difference.Amount().Abs() <= RoundingOf(ours.rows + theirs.rows);
      comparison.differences.push_back(std::move(difference));
    }
  }
  return comparison;
}

}  // namespace tikhaul
