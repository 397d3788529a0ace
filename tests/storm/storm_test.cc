// Everything that can be done to the processes, again and again while they work: afterwards the store holds the truth.
#include <cstdio>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "tests/storm/results.h"

namespace tikhaul {
namespace {

using StormOnStore = std::pair<Storm, StoreKind>;
std::vector<StormOnStore> StormsOnStores() {
  std::vector<StormOnStore> all;
  for (const Storm& storm : Storms()) {
    for (const StoreKind store : storm.stores) all.emplace_back(storm, store);
  }
  return all;
}

class StormTest : public testing::TestWithParam<StormOnStore> {};

TEST_P(StormTest, LeavesTheTruth) {
  const auto& [storm, kind] = GetParam();
  if (!storm.in_every_run && !LongTests()) GTEST_SKIP() << "scripts/test --long runs it";
  if (const std::string why = Stage::WhyNot(storm.scene); !why.empty()) {
    TellSkipped(storm, Name(kind), why);
    GTEST_SKIP() << why;
  }
  StormRun run;
  run.store = Name(kind);
  run.seed = StormSeed();
  std::fprintf(stderr, "%s on %s: TIKHAUL_STORM_SEED=%u\n", storm.name.c_str(), Name(kind), run.seed);
  const SystemClock clock;
  const absl::Duration start = clock.Monotonic();
  Stage stage(storm.scene, kind, run.seed);
  std::map<std::string, int64_t> died;
  run.sightings = LetBlow(storm, stage, &died);
  for (size_t i = storm.blows.size(); i < run.sightings.size(); ++i)
    EXPECT_GT(run.sightings[i].second, 0) << "never seen: " << run.sightings[i].first << "; the storm proves little";
  run.findings = Check(storm, stage, std::move(died));
  run.took = clock.Monotonic() - start;
  run.passed = !HasFailure();
  TellResult(storm, run);
}

INSTANTIATE_TEST_SUITE_P(Storms, StormTest, testing::ValuesIn(StormsOnStores()),
                         [](const testing::TestParamInfo<StormOnStore>& info) {
                           return absl::StrCat(info.param.first.name, Name(info.param.second));
                         });

}  // namespace
}  // namespace tikhaul
