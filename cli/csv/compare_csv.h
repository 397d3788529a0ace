// An exported file held against stored figures. Pure.
#ifndef TIKHAUL_CLI_CSV_COMPARE_CSV_H_
#define TIKHAUL_CLI_CSV_COMPARE_CSV_H_

#include <string>
#include <vector>

#include "cli/csv/ads_manager_csv.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// What the stored figures were asked for.
struct StoredFigures {
  std::string extract;
  std::vector<std::string> metrics;   // of Figures.sums
  std::vector<std::string> decimals;  // of them, those that are rounded to two places
  std::vector<v1::Figures> figures;   // by the file's id column, where it has one
  std::string first_day, last_day;    // of the question
};

// Key by key, and day by day where the file has days; else all days together. Of advertisers of which the file has no
// object, stored rows do not matter. In findings `api` is the file's figure; "row_unknown": the file lacks it.
v1::VerifyResult CompareCsv(const AdsManagerCsv& csv, const StoredFigures& stored, const std::string& file);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_CSV_COMPARE_CSV_H_
