// Figures out of a CSV file that Ads Manager exported.
#ifndef TIKHAUL_CLI_CSV_ADS_MANAGER_CSV_H_
#define TIKHAUL_CLI_CSV_ADS_MANAGER_CSV_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/base/decimal_sum.h"

namespace tikhaul {

struct CsvRow {
  uint64_t line = 0;                          // of the file, from 1
  std::string id;                             // of the object; empty where the file has no id column
  absl::CivilDay day;                         // absl::CivilDay() where it has no day column
  std::map<std::string, DecimalSum> figures;  // by metric; cells without a figure ("-") are left out
};

struct AdsManagerCsv {
  std::string level;      // "ad", "ad_group", "campaign", "advertiser": the finest id column
  std::string id_column;  // as tables name it: "ad_id"; empty: the file has no ids
  bool by_day = false;
  std::vector<std::string> metrics;  // as the API names them
  std::vector<std::string> ignored;  // heads that stand for nothing we know
  std::vector<CsvRow> rows;
};

struct CsvReading {
  std::string name;                          // of the file, for messages
  std::map<std::string, std::string> heads;  // "Head" -> metric, before what is known already
  std::string level;                         // empty: as the id columns tell
};

// Heads are those of English exports; case does not matter. Thousands separators, quotes, a byte order mark and a
// closing total row are understood. INVALID_ARGUMENT names file, line and column: not CSV, not UTF-8, a head that
// stands twice, a cell that is no figure or no day, no metric at all, no id column of the wanted level.
absl::StatusOr<AdsManagerCsv> ReadAdsManagerCsv(absl::string_view text, const CsvReading& reading);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_CSV_ADS_MANAGER_CSV_H_
