// Lines of the tables in docs/reliability.md.
#ifndef TIKHAUL_TESTS_STORM_RESULTS_H_
#define TIKHAUL_TESTS_STORM_RESULTS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/storm/checker.h"

namespace tikhaul {

bool LongTests();
// TIKHAUL_STORM_SEED, or a new one.
uint32_t StormSeed();

struct StormRun {
  std::string store;
  uint32_t seed = 0;
  absl::Duration took;
  Sightings sightings;
  Findings findings;
  bool passed = false;
};

void TellResult(const Storm& storm, const StormRun& run);
void TellSkipped(const Storm& storm, const std::string& store, const std::string& why);
// What took how long, again and again.
void TellRecovery(const std::string& what, const std::string& store, absl::Duration promised,
                  std::vector<absl::Duration> took);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_STORM_RESULTS_H_
