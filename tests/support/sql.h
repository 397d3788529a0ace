// Questions to SQLite files, for tests.
#ifndef TIKHAUL_TESTS_SUPPORT_SQL_H_
#define TIKHAUL_TESTS_SUPPORT_SQL_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tikhaul {

using SqlRows = std::vector<std::vector<std::string>>;  // cells as text, "NULL" for no value

// Runs one statement on a connection of its own that may only read; `attached`, if not empty, is there as `truth`. A
// failure fails the test, with SQLite's words, and gives no rows.
SqlRows QueryFile(const std::string& path, const std::string& sql, const std::string& attached = "");

// Runs one statement that changes the file, as somebody else might do beside tikhaul; gives how many rows it changed.
int64_t ChangeFile(const std::string& path, const std::string& sql);

struct TableComparison {
  std::string store;  // SQLite files
  std::string truth;
  std::string table;                   // of both files
  std::string where = "1";             // rows of the store that count
  std::string truth_where = "1";       // rows of the truth that count
  std::vector<std::string> skip = {};  // columns of the truth that are left out
  bool may_be_empty = false;           // else an empty truth fails: it would prove nothing
};

// The words of Jepsen's checkers. All 0 but `rows`: the store holds the truth, once.
struct RowTally {
  int64_t rows = 0;        // in the store
  int64_t lost = 0;        // of the truth, not in the store
  int64_t doubled = 0;     // keys that are in the store more than once
  int64_t unexpected = 0;  // in the store, not in the truth
};
RowTally TallyAgainstTruth(const TableComparison& comparison);

// Are the store's rows those of the truth, in all columns that the truth has, none missing, none too many, no key
// twice? Failures show the first rows that differ.
testing::AssertionResult EqualsTruth(const TableComparison& comparison);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_SQL_H_
