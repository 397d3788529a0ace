// The specification of a truth export.
#ifndef TIKHAUL_SIMULATOR_TRUTH_SPEC_H_
#define TIKHAUL_SIMULATOR_TRUTH_SPEC_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tikhaul::simulator {

struct TruthExtract {
  std::string table;
  std::string stream;                    // as tikhaul names it: basic_report, adverts, pixels ...
  std::string level;                     // reports: ad, ad_group, campaign, advertiser
  std::vector<std::string> dimensions;   // reports: besides the level's id, which is added when it is not there
  std::vector<std::string> metrics;      // reports
  std::vector<std::string> fields;       // entities; empty: all of the sheet's table
  std::vector<std::string> advertisers;  // empty: all
  std::vector<std::string> stores;       // gmv_max_report: shop ids; empty: all
  std::string first_day, last_day;       // YYYY-MM-DD, inclusive; empty: no bound
  bool include_deleted = true;
};

// INVALID_ARGUMENT for unknown members, missing ones and wrong types.
absl::StatusOr<std::vector<TruthExtract>> ParseTruthSpec(absl::string_view json);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_TRUTH_SPEC_H_
