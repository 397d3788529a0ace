#include "cli/runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

v1::Run RunIn(const std::string& state, uint64_t dead = 0) {
  v1::Run run;
  run.set_state(state);
  run.mutable_chunks()->set_dead(dead);
  return run;
}

TEST(WantedChunksTest, LeavesOutSplitAndCancelledOnes) {
  v1::ChunkCounts chunks;
  chunks.set_ready(1);
  chunks.set_running(2);
  chunks.set_done(3);
  chunks.set_dead(4);
  chunks.set_split(100);
  chunks.set_cancelled(1000);
  EXPECT_EQ(WantedChunks(chunks), 10u);
  EXPECT_EQ(ChunksDone(chunks), "3/10");
}

TEST(ExitCodeOfTest, IsPartialUnlessEveryRunIsWhole) {
  Runs runs;
  EXPECT_EQ(ExitCodeOf(runs), kExitOk);
  *runs.Add() = RunIn("done");
  *runs.Add() = RunIn("cancelled");
  EXPECT_EQ(ExitCodeOf(runs), kExitOk);
  for (const v1::Run& bad : {RunIn("partial"), RunIn("running"), RunIn("done", 1)}) {
    Runs with_bad = runs;
    *with_bad.Add() = bad;
    EXPECT_EQ(ExitCodeOf(with_bad), kExitPartial);
  }
}

TEST(RunTableTest, ShowsPausesAndDeadChunks) {
  Runs runs;
  v1::Run& run = *runs.Add();
  run = RunIn("running", 2);
  run.set_id("r1");
  run.set_paused(true);
  EXPECT_THAT(RunTable(runs), ::testing::HasSubstr("running, paused, 2 dead"));
}

}  // namespace
}  // namespace tikhaul
