// Truth tables of everything that is no report of report/integrated/get/, and what all truth tables share. Used by
// truth.cc and truth_lists.cc only.
#ifndef TIKHAUL_SIMULATOR_TRUTH_LISTS_H_
#define TIKHAUL_SIMULATOR_TRUTH_LISTS_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "simulator/data_set.h"
#include "simulator/sqlite_writer.h"
#include "simulator/truth_spec.h"

namespace tikhaul::simulator {

// INVALID_ARGUMENT about the extract.
absl::Status Bad(const TruthExtract& extract, absl::string_view what);
// Days since 1970; `fallback` for an empty text.
absl::StatusOr<int64_t> DayOf(const std::string& text, int64_t fallback);

// Columns in order, each name once.
class Columns {
 public:
  bool Add(absl::string_view name, absl::string_view type) {
    if (!names_.insert(std::string(name)).second) return false;
    list_.push_back({std::string(name), type});
    return true;
  }
  const std::vector<TruthColumn>& list() const { return list_; }

 private:
  std::set<std::string> names_;
  std::vector<TruthColumn> list_;
};

// Objects, accounts, and the GMV Max report. INVALID_ARGUMENT for streams that are none of them.
absl::Status WriteList(const DataSet& data_set, const TruthExtract& extract,
                       const std::vector<const Account*>& accounts, absl::Time now, SqliteWriter& out);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_TRUTH_LISTS_H_
