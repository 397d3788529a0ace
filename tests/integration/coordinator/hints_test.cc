// What the coordinator puts on the queue, and when.
#include <set>

#include "tests/integration/coordinator/coordinator_fixture.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class HintsTest : public CoordinatorTest {};

TEST_F(HintsTest, ABackfillIsHintedAtOnceNewestWindowFirst) {
  const v1::BackfillResponse response = Backfill("2025-12-01", "2026-02-28");  // 90 days, three windows of 30
  ASSERT_EQ(response.runs_size(), 1);
  EXPECT_EQ(response.runs(0).chunks().ready(), 3u);
  std::vector<std::string> last_days;
  for (int i = 0; i < 3; ++i) last_days.push_back(ChunkRow(PopHint())["last_day"]);
  EXPECT_THAT(last_days, ElementsAre("2026-02-28", "2026-01-29", "2025-12-30"));
}

TEST_F(HintsTest, AFlushedRedisIsFilledAgain) {
  Backfill("2026-02-01", "2026-02-10");
  const ChunkId chunk = PopHint();  // spent, but not claimed
  redis_.FlushAll();
  EXPECT_EQ(PopHint(), chunk);
}

TEST_F(HintsTest, ARestartedRedisIsFilledAgain) {
  redis_.Kill();
  Backfill("2026-02-01", "2026-02-10");
  EXPECT_TRUE(Eventually([&] { return !GetStatus().queue_connected() && GetStatus().faults_size() > 0; }))
      << "the fault must be told";
  redis_.Start();
  EXPECT_GT(PopHint(), 0);
  EXPECT_TRUE(Eventually([&] { return GetStatus().queue_connected(); }));
  EXPECT_TRUE(Eventually([&] {
    const v1::Status status = GetStatus();
    for (const std::string& fault : status.faults()) {
      if (fault.find("redis") != std::string::npos || fault.find("queue") != std::string::npos) return false;
    }
    return true;
  })) << "the fault must go when its cause is gone";
}

TEST_F(HintsTest, WhatIsPausedIsNotHintedUntilItIsResumed) {
  Pause("extract", "ads_daily");
  Backfill("2026-02-01", "2026-02-10");
  EXPECT_THAT(PopHints(absl::Seconds(1)), IsEmpty());
  EXPECT_TRUE(GetStatus().idle());
  Resume("extract", "ads_daily");
  EXPECT_GT(PopHint(), 0);
}

TEST_F(HintsTest, APauseOfEverythingHoldsEverything) {
  Pause("all", "");
  Backfill("2026-02-01", "2026-02-10");
  EXPECT_THAT(PopHints(absl::Seconds(1)), IsEmpty());
  Resume("all", "");
  EXPECT_GT(PopHint(), 0);
}

TEST_F(HintsTest, ARestartedCoordinatorHintsWhatIsLeft) {
  Backfill("2026-01-01", "2026-03-01");  // two windows
  StopCoordinator();
  StartCoordinator();
  std::set<ChunkId> hinted;  // a hint of before may be among them: it is as good as any
  EXPECT_TRUE(Eventually([&] {
    for (const ChunkId chunk : PopHints(absl::Milliseconds(200))) hinted.insert(chunk);
    return hinted.size() == 2;
  }));
}

TEST_F(HintsTest, TheQueueStaysShallow) {
  Backfill("2025-01-01", "2026-03-09");
  v1::BackfillRequest request;  // other ranges, other runs: many chunks
  for (int i = 1; i <= 5; ++i) Backfill("2025-01-01", "2026-02-0" + std::to_string(i));
  EXPECT_GT(Query("SELECT count(*) FROM tikhaul_chunk")[0][0], "50");
  const std::vector<ChunkId> hinted = PopHints(absl::Seconds(3));
  EXPECT_LE(hinted.size(), 32u);
  EXPECT_GT(hinted.size(), 0u);
}

}  // namespace
}  // namespace tikhaul
