// What a read changes of days that were read before, added up by day and metric. Back ends find the changed rows.
#ifndef TIKHAUL_COORDINATOR_STORE_SQL_CHANGE_TALLY_H_
#define TIKHAUL_COORDINATOR_STORE_SQL_CHANGE_TALLY_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/decimal_sum.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// A column whose changes count.
struct ChangeMetric {
  size_t column = 0;  // of the table
  std::string name;
  bool number = false;
};

class ChangeTally {
 public:
  struct Sums {
    uint64_t rows = 0, filled = 0;
    DecimalSum before, after, moved;
  };
  struct Day {
    DayChange counts;
    std::vector<Sums> metrics;  // by metrics()
  };

  // `key`: indexes of the table's key columns.
  ChangeTally(const SettleRequest& request, const std::vector<size_t>& key);
  // False: nobody asks what changes.
  static bool Wanted(const SettleRequest& request);

  const std::vector<ChangeMetric>& metrics() const { return metrics_; }
  // The day that begins `text`; null when it was not read before.
  Day* FindDay(absl::string_view text);
  // A metric of a row of that day differs. `filled`: the row was there without a value.
  static void Add(Day& day, size_t metric, const DecimalSum& was, const DecimalSum& is, bool filled);

  std::vector<DayChange> Result() const;

 private:
  std::vector<std::pair<std::string, std::string>> read_before_;  // first and last day
  std::vector<ChangeMetric> metrics_;
  std::map<std::string, Day, std::less<>> days_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQL_CHANGE_TALLY_H_
