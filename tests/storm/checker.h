// What every storm must leave.
#ifndef TIKHAUL_TESTS_STORM_CHECKER_H_
#define TIKHAUL_TESTS_STORM_CHECKER_H_

#include <cstdint>
#include <map>
#include <string>

#include "tests/storm/storm.h"

namespace tikhaul {

struct Findings {
  RowTally rows;
  int64_t calls = 0, over_limit = 0;
  int64_t attempts = 0;                           // that chunks were charged with
  std::map<std::string, int64_t> died;            // dead letters at the end of the storm, by failure class
  int64_t coordinator_peak = 0, worker_peak = 0;  // bytes
};

// Before an operator mends anything: which chunks have died.
std::map<std::string, int64_t> DeadLetters(Stage& stage);

// Fails the test where something is not as it must be. The stage is idle.
Findings Check(const Storm& storm, Stage& stage, std::map<std::string, int64_t> died);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_STORM_CHECKER_H_
