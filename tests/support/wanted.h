// What a test wants extracted, said once: as configuration, and as the specification of the truth to compare with.
#ifndef TIKHAUL_TESTS_SUPPORT_WANTED_H_
#define TIKHAUL_TESTS_SUPPORT_WANTED_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/cluster.h"

namespace tikhaul {

struct Wanted {
  std::string name;  // of extract and table
  std::string stream;
  std::string level = "";  // of reports
  std::vector<std::string> dimensions = {};
  std::vector<std::string> metrics = {};
  std::string settings = "";  // further YAML members: "mode: append, backfill: 30"
  // Of the truth, as the extract's backfill reaches; empty: no bound.
  std::string first_day = "", last_day = "";
  bool include_deleted = true;
};

std::string YamlOf(const std::vector<Wanted>& wanted);
// The truth's specification (simulator/README.md). `advertisers`: empty means all.
std::string TruthSpecOf(const std::vector<Wanted>& wanted, const std::vector<std::string>& advertisers = {});

// Writes JSON values of a SQLite file with their members sorted: PostgreSQL's jsonb does not keep their order.
void SortMembers(const std::string& path);

// Exports the truth as it is now and compares every table with it. Rows of objects that are gone do not count.
void ExpectEqualsTruth(TestCluster& cluster, const std::vector<Wanted>& wanted);

// The same as figures, of all tables together; nothing fails. `store`: what StoreFile() gave.
RowTally TallyAgainstTruth(TestCluster& cluster, const std::vector<Wanted>& wanted, const std::string& store);

// All six extracts in their default modes, two years of the daily report, half a year of the audience report.
std::vector<Wanted> SixExtracts();

// A report of many small chunks: hours of `days` days (1 to 99) up to the data sets' 2026-06-15, one chunk per account
// and day.
Wanted HoursOf(int days);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_WANTED_H_
