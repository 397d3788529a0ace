// Seeds. `simulation_test --seed=N` runs one world alone and prints all that happens in it, as does the environment
// variable TIKHAUL_SIMULATION_SEED; `--seeds=A..B` runs a range.
#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/log.h"

namespace tikhaul {
namespace {

struct Seeds {
  uint64_t first = 1, last = 500;
  bool alone = false;  // of one that is looked at
};
Seeds seeds;

constexpr size_t kLastEvents = 60;

Environment& SharedEnvironment() {
  static Environment environment;
  return environment;
}

std::string RunSeed(uint64_t seed, Broken broken, MetCounts& met, std::vector<std::string>* trace = nullptr) {
  return Simulation(SharedEnvironment(), seed, broken, met, trace).Run();
}

// The seed and its last events: a world runs the same way again.
std::string Report(uint64_t seed, Broken broken) {
  MetCounts met{};
  std::vector<std::string> trace;
  const std::string violation = RunSeed(seed, broken, met, &trace);
  std::string report = absl::StrCat("seed ", seed, ": ", violation, "\n");
  for (size_t i = trace.size() > kLastEvents ? trace.size() - kLastEvents : 0; i < trace.size(); ++i)
    absl::StrAppend(&report, "  ", trace[i], "\n");
  return absl::StrCat(report, "run `simulation_test --seed=", seed, "` to see all of it");
}

TEST(Simulation, SeedsHoldTheInvariants) {
  MetCounts met{};
  for (uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    if (seeds.alone) {
      std::vector<std::string> trace;
      const std::string violation = RunSeed(seed, Broken::kNothing, met, &trace);
      for (const std::string& line : trace) std::puts(line.c_str());
      ASSERT_EQ(violation, "");
      return;
    }
    const std::string violation = RunSeed(seed, Broken::kNothing, met);
    ASSERT_EQ(violation, "") << Report(seed, Broken::kNothing);
  }
  if (seeds.last - seeds.first < 2000) return;  // too few to meet everything
  for (size_t event = 0; event < kMetCount; ++event) EXPECT_GT(met[event], 0u) << "nobody met this: " << MetText(event);
}

TEST(Simulation, TheSameSeedIsTheSameWorld) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    MetCounts met{};
    std::vector<std::string> one, two;
    RunSeed(seed, Broken::kNothing, met, &one);
    RunSeed(seed, Broken::kNothing, met, &two);
    ASSERT_EQ(one, two) << "seed " << seed;
  }
}

struct Fence {
  Broken broken;
  const char* name;
  const char* seen_as;  // a part of what is said of it
};

class BrokenFence : public testing::TestWithParam<Fence> {};

// As many seeds as it takes, but not more than this.
constexpr uint64_t kSeedsToSee = 2000;

TEST_P(BrokenFence, IsSeen) {
  MetCounts met{};
  for (uint64_t seed = 1; seed <= kSeedsToSee; ++seed) {
    const std::string violation = RunSeed(seed, GetParam().broken, met);
    if (violation.empty()) continue;
    std::printf("seen at seed %d: %s\n", static_cast<int>(seed), violation.c_str());
    EXPECT_TRUE(absl::StrContains(violation, GetParam().seen_as)) << violation;
    return;
  }
  FAIL() << "nothing was seen in " << kSeedsToSee << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Fences, BrokenFence,
                         testing::Values(Fence{Broken::kEpochAtPublish, "EpochAtPublish", ""},
                                         Fence{Broken::kEpochAtFailure, "EpochAtFailure", ""},
                                         Fence{Broken::kHalfTransactions, "HalfTransactions", "without a publication"},
                                         Fence{Broken::kLostHints, "LostHints", "waits though nothing is in its way"},
                                         Fence{Broken::kOrphans, "Orphans", "waits though nothing is in its way"},
                                         Fence{Broken::kMembers, "Members", "was evicted and has committed"},
                                         Fence{Broken::kSeats, "Seats", "and its shard is of"},
                                         Fence{Broken::kPauses, "Pauses", "was granted while it is paused"}),
                         [](const testing::TestParamInfo<Fence>& info) { return info.param.name; });

void ReadArguments(int argc, char** argv) {
  std::string one;
  if (const char* const named = std::getenv("TIKHAUL_SIMULATION_SEED"); named != nullptr) one = named;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--seed=")) one = std::string(argument);
    if (!absl::ConsumePrefix(&argument, "--seeds=")) continue;
    const std::pair<std::string, std::string> range = absl::StrSplit(argument, absl::MaxSplits("..", 1));
    if (!absl::SimpleAtoi(range.first, &seeds.first) || !absl::SimpleAtoi(range.second, &seeds.last)) {
      std::fprintf(stderr, "--seeds=FIRST..LAST, not %s\n", argv[i]);
      std::exit(2);
    }
  }
  if (one.empty()) return;
  if (!absl::SimpleAtoi(one, &seeds.first)) {
    std::fprintf(stderr, "\"%s\" is no seed\n", one.c_str());
    std::exit(2);
  }
  seeds.last = seeds.first;
  seeds.alone = true;
}

}  // namespace
}  // namespace tikhaul

int main(int argc, char** argv) {
  mallopt(M_MXFAST, 0);  // fast bins are gathered again and again by worlds that come and go
  testing::InitGoogleTest(&argc, argv);
  tikhaul::StartLog("simulation", tikhaul::LogLevel::kError);  // what coordinators say of faults would fill the disk
  tikhaul::ReadArguments(argc, argv);
  return RUN_ALL_TESTS();
}
