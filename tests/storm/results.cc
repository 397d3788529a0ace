#include "tests/storm/results.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace tikhaul {
namespace {

constexpr int64_t kMiB = 1 << 20;

// A line of the table named `table`, in the file that scripts/storms makes the tables of, if it asks.
void Tell(const std::string& table, const std::vector<std::string>& cells) {
  const std::string line = absl::StrCat("| ", absl::StrJoin(cells, " | "), " |");
  std::fprintf(stderr, "%s\n", line.c_str());
  if (const char* const path = std::getenv("TIKHAUL_STORM_RESULTS"))
    std::ofstream(path, std::ios::app) << table << " " << line << "\n";
}

std::string Seconds(absl::Duration duration) { return absl::StrFormat("%.1f", absl::ToDoubleSeconds(duration)); }

}  // namespace

bool LongTests() { return std::getenv("TIKHAUL_LONG_TESTS") != nullptr; }

uint32_t StormSeed() {
  const char* const seed = std::getenv("TIKHAUL_STORM_SEED");
  return seed != nullptr ? static_cast<uint32_t>(std::atoll(seed)) : std::random_device()() % 1'000'000;
}

void TellResult(const Storm& storm, const StormRun& run) {
  const Findings& found = run.findings;
  std::string died;
  for (const auto& [reason, count] : found.died) absl::StrAppend(&died, died.empty() ? "" : ", ", count, " ", reason);
  Tell(
      "storms",
      {storm.title, run.store, absl::StrCat(run.seed), Seconds(run.took),
       absl::StrJoin(run.sightings, ", ",
                     [](std::string* out, const auto& seen) { absl::StrAppend(out, seen.first, ": ", seen.second); }),
       absl::StrCat(found.rows.rows), absl::StrCat(found.rows.lost), absl::StrCat(found.rows.doubled),
       absl::StrCat(found.rows.unexpected), absl::StrCat(found.calls), absl::StrCat(found.over_limit),
       absl::StrCat(found.attempts), died.empty() ? "0" : died,
       absl::StrCat(found.coordinator_peak / kMiB, " / ", found.worker_peak / kMiB), run.passed ? "passed" : "FAILED"});
}

void TellSkipped(const Storm& storm, const std::string& store, const std::string& why) {
  std::vector<std::string> cells(15);
  cells[0] = storm.title;
  cells[1] = store;
  cells[14] = "skipped: " + why;
  Tell("storms", cells);
}

void TellRecovery(const std::string& what, const std::string& store, absl::Duration promised,
                  std::vector<absl::Duration> took) {
  std::sort(took.begin(), took.end());
  if (took.empty()) return;
  Tell("recovery", {what, store, absl::StrCat(took.size()), Seconds(took[took.size() / 2]), Seconds(took.back()),
                    promised == absl::InfiniteDuration() ? "nothing" : Seconds(promised),
                    took.back() <= promised ? "passed" : "FAILED"});
}

}  // namespace tikhaul
