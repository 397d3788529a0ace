#include "coordinator/ingest/claim_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ClaimTableTest : public testing::Test {
 protected:
  bool Add(ChunkId chunk, const std::string& worker = "w1") {
    LiveClaim claim;
    claim.chunk = chunk;
    claim.worker = worker;
    claim.incarnation = worker + "-start";
    return table_.Add(claim, [this, chunk] { ended_.push_back(chunk); });
  }

  ManualClock clock_;
  ClaimTable table_{clock_, {.silence = absl::Seconds(20), .standstill = absl::Minutes(5)}};
  std::vector<ChunkId> ended_;
};

TEST_F(ClaimTableTest, AChunkHasOneHolder) {
  EXPECT_TRUE(Add(1));
  EXPECT_TRUE(table_.Holds(1));
  EXPECT_FALSE(Add(1, "w2"));
  EXPECT_EQ(table_.List()[0].worker, "w1");
  EXPECT_FALSE(table_.Remove(1).has_value());
  EXPECT_FALSE(table_.Holds(1));
  EXPECT_TRUE(Add(1, "w2"));
}

TEST_F(ClaimTableTest, RemovingWhatIsNotThereIsHarmless) { EXPECT_FALSE(table_.Remove(9).has_value()); }

TEST_F(ClaimTableTest, ASilentWorkerIsEndedWithBlame) {
  Add(1);
  clock_.Advance(absl::Seconds(20));
  table_.Watch();
  EXPECT_THAT(ended_, IsEmpty());
  clock_.Advance(absl::Seconds(1));
  table_.Watch();
  EXPECT_THAT(ended_, ElementsAre(1));
  const auto end = table_.Remove(1);
  ASSERT_TRUE(end.has_value());
  EXPECT_TRUE(end->blame);
}

TEST_F(ClaimTableTest, AnEndedStreamIsEndedOnce) {
  Add(1);
  clock_.Advance(absl::Seconds(30));
  table_.Watch();
  table_.Watch();
  table_.Revoke([](const LiveClaim&) { return true; }, "cancelled");
  EXPECT_THAT(ended_, ElementsAre(1));
  EXPECT_TRUE(table_.Remove(1)->blame) << "the first reason stays";
}

TEST_F(ClaimTableTest, NewsWithoutProgressIsAStandstill) {
  Add(1);
  for (int i = 0; i < 31; ++i) {
    clock_.Advance(absl::Seconds(10));
    table_.Heard(1, 3, 3, /*waiting_for_quota=*/false);
    table_.Watch();
  }
  EXPECT_THAT(ended_, IsEmpty()) << "the first news of page 3 was progress";
  clock_.Advance(absl::Seconds(10));
  table_.Heard(1, 3, 3, false);
  table_.Watch();
  EXPECT_THAT(ended_, ElementsAre(1));
}

TEST_F(ClaimTableTest, WaitingForQuotaIsNoStandstill) {
  Add(1);
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(absl::Seconds(10));
    table_.Heard(1, 3, 3, /*waiting_for_quota=*/true);
    table_.Watch();
  }
  EXPECT_THAT(ended_, IsEmpty());
}

TEST_F(ClaimTableTest, KnowsThePaceOfCallsOfTheLastMinute) {
  EXPECT_EQ(table_.Pace().per_second, 0);
  Add(1);
  Add(2);
  // Each makes two calls a second, which take a second and a half.
  for (uint64_t second = 1; second <= 120; ++second) {
    clock_.Advance(absl::Seconds(1));
    for (const ChunkId chunk : {1, 2}) table_.Heard(chunk, 1, 2 * second, false, absl::Seconds(3 * second));
  }
  EXPECT_NEAR(table_.Pace().per_second, 4, 0.4);
  EXPECT_NEAR(table_.Pace().under_way, 6, 0.6);
  clock_.Advance(absl::Minutes(2));
  EXPECT_EQ(table_.Pace().under_way, 0);
}

TEST_F(ClaimTableTest, RowsAreNewsAndProgress) {
  Add(1);
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(absl::Seconds(10));
    table_.RowsArrived(1, 5);
    table_.Watch();
  }
  EXPECT_THAT(ended_, IsEmpty());
  EXPECT_EQ(table_.List()[0].rows, 500u);
}

TEST_F(ClaimTableTest, APublishingStreamIsNotExpectedToSpeak) {
  Add(1);
  table_.SetPublishing(1, true);
  clock_.Advance(absl::Hours(2));
  table_.Watch();
  EXPECT_THAT(ended_, IsEmpty());
  table_.SetPublishing(1, false);
  table_.Watch();
  EXPECT_THAT(ended_, IsEmpty()) << "its silence counts from the end of the publication";
  clock_.Advance(absl::Seconds(21));
  table_.Watch();
  EXPECT_THAT(ended_, ElementsAre(1));
}

TEST_F(ClaimTableTest, RevokeEndsOnlyWhatItPicksAndWithoutBlame) {
  Add(1);
  Add(2);
  Chunk chunk;
  chunk.id = 2;
  chunk.run_id = "bf-ads-1";
  table_.Describe(chunk);
  table_.Revoke([](const LiveClaim& claim) { return claim.run_id == "bf-ads-1"; }, "cancelled");
  EXPECT_THAT(ended_, ElementsAre(2));
  const auto end = table_.Remove(2);
  ASSERT_TRUE(end.has_value());
  EXPECT_FALSE(end->blame);
  EXPECT_EQ(end->reason, "cancelled");
  EXPECT_FALSE(table_.Remove(1).has_value());
}

TEST_F(ClaimTableTest, WorkersAreListedWithTheirChunksAndForgottenWhenSilent) {
  table_.SawWorker("w1", "w1-start");
  Add(1);
  Add(2);
  table_.SawWorker("w2", "w2-start");
  EXPECT_THAT(table_.Workers(), SizeIs(2));
  for (const SeenWorker& worker : table_.Workers()) EXPECT_EQ(worker.chunks, worker.name == "w1" ? 2u : 0u);
  clock_.Advance(absl::Minutes(2));
  ASSERT_THAT(table_.Workers(), SizeIs(1)) << "w1 still holds chunks";
  table_.Remove(1);
  table_.Remove(2);
  EXPECT_THAT(table_.Workers(), IsEmpty());
}

}  // namespace
}  // namespace tikhaul
