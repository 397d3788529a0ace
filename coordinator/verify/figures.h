// Figures by place, and how two sets of them differ. Pure.
#ifndef TIKHAUL_COORDINATOR_VERIFY_FIGURES_H_
#define TIKHAUL_COORDINATOR_VERIFY_FIGURES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/base/decimal_sum.h"

namespace tikhaul {

// What a figure is of.
struct Place {
  absl::CivilDay day;     // of a report without days: the first of its window
  std::string breakdown;  // "gender=MALE age=AGE_18_24"
  std::string id;         // of the object; empty: all together
  friend bool operator==(const Place&, const Place&) = default;
  friend bool operator<(const Place& a, const Place& b);
};

struct Cells {
  uint64_t rows = 0;             // that were added up
  std::vector<DecimalSum> sums;  // by metric
  std::vector<bool> unreadable;  // by metric: a cell is no number, such as "<5"
};

// By place. All cells have as many sums as there are metrics.
using FigureMap = std::map<Place, Cells>;

Cells EmptyCells(size_t metrics);
void AddCells(const Cells& cells, Cells& to);
// Days and ids of `figures` together, breakdown by breakdown, at `day`.
FigureMap TogetherAt(absl::CivilDay day, const FigureMap& figures);
// Those of the days [first, last].
FigureMap Between(const FigureMap& figures, absl::CivilDay first, absl::CivilDay last);

struct ComparedMetric {
  std::string name;
  bool decimal = false;  // the API rounds it to two places, row by row; counts are exact
};

struct Difference {
  Place place;
  size_t metric = 0;
  DecimalSum stored, api;
  uint64_t stored_rows = 0, api_rows = 0;
  // Not more than what rounding each row to two places can make.
  bool rounding = false;

  DecimalSum Amount() const { return api - stored; }
};

struct Comparison {
  uint64_t equal = 0;
  std::vector<Difference> differences;  // by place, then metric
};

// Metric by metric at every place that either has; a place that one lacks holds zeros there. Figures that cannot be
// read are left out. `same_rows`: both sides hold the same rows, so that rounding explains nothing.
Comparison Compare(const std::vector<ComparedMetric>& metrics, const FigureMap& stored, const FigureMap& api,
                   bool same_rows);

// The most that rounding of so many rows can make.
DecimalSum RoundingOf(uint64_t rows);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_VERIFY_FIGURES_H_
