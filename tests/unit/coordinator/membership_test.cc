#include "coordinator/membership/membership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/membership/seats.h"
#include "tests/unit/coordinator/coordinator_test_util.h"

namespace tikhaul {
namespace {

class MembershipTest : public testing::Test {
 protected:
  Chunk AddChunk(const std::string& advertiser, ChunkState state) {
    Chunk chunk;
    chunk.run_id = "bf-1";
    chunk.extract = "ads_daily";
    chunk.connection = "main";
    chunk.advertiser = advertiser;
    chunk.window = Days("2026-01-01", "2026-01-30");
    chunk.window.last += windows_++;
    store_.Write([&](StoreTransaction& tx) -> absl::Status {
      absl::Status status = tx.InsertChunks({chunk}).status();
      chunk.id = tx.ListChunks({}, 0, 0)->back().id;
      chunk.state = state;
      chunk.epoch = 3;
      status.Update(tx.UpdateChunk(chunk));
      return status;
    });
    return chunk;
  }
  Chunk Reread(ChunkId id) {
    Chunk chunk;
    EXPECT_OK(store().Read([&](StoreReader& reader) -> absl::Status {
      chunk = reader.GetChunk(id)->value();
      return absl::OkStatus();
    }));
    return chunk;
  }
  Store& store() { return *store_.store; }
  void JoinAndTake() {
    membership_.Renew();
    membership_.Tick();
  }

  ManualClock clock_{Utc("2026-03-10 13:00:00")};
  StoreWithExtracts store_;
  FaultBoard faults_;
  bool busy_ = false;
  int windows_ = 0;
  Membership membership_{store(), clock_, faults_, {}, [this](int) { return busy_; }};
};

TEST_F(MembershipTest, HasNothingBeforeItKnowsTheRoll) {
  EXPECT_FALSE(membership_.Leads());
  EXPECT_FALSE(membership_.Has(3));
  EXPECT_EQ(membership_.LeadAddress(), "");
  membership_.Tick();
  EXPECT_FALSE(membership_.Leads());
}

TEST_F(MembershipTest, TheOnlyOneHasAllAndStaysSureOfIt) {
  JoinAndTake();
  EXPECT_TRUE(membership_.Leads());
  for (int shard = 0; shard < kShards; ++shard) EXPECT_TRUE(membership_.Has(shard) && membership_.Keeps(shard));
  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(membership_.Leads()) << "there is nobody who could have taken over";
}

TEST_F(MembershipTest, MovedSeatsGiveTheirRunningChunksBack) {
  JoinAndTake();
  const Chunk moved = AddChunk("7001", ChunkState::kRunning), done = AddChunk("7001", ChunkState::kDone);
  Chunk other = AddChunk("7002", ChunkState::kRunning);
  for (int i = 3; ShardOf(other) == ShardOf(moved); ++i) other = AddChunk(absl::StrCat(7000 + i), ChunkState::kRunning);
  ASSERT_OK(MoveSeats(store(), membership_.roll(), {ShardOf(moved)}, "another"));
  EXPECT_EQ(Reread(moved.id).state, ChunkState::kReady);
  EXPECT_EQ(Reread(moved.id).epoch, 4u);
  EXPECT_EQ(Reread(done.id).epoch, 3u);
  EXPECT_EQ(Reread(other.id).state, ChunkState::kRunning);
  membership_.Renew();
  EXPECT_FALSE(membership_.Has(ShardOf(moved)));
  EXPECT_TRUE(membership_.Has(ShardOf(other)));
}

TEST_F(MembershipTest, ASeatThatHasChangedSinceIsLeftAlone) {
  JoinAndTake();
  const Roll old = membership_.roll();
  const Chunk chunk = AddChunk("7001", ChunkState::kRunning);
  ASSERT_OK(MoveSeats(store(), old, {ShardOf(chunk)}, "another"));
  ASSERT_OK(MoveSeats(store(), old, {ShardOf(chunk)}, "a third"));
  membership_.Renew();
  EXPECT_EQ(membership_.roll().seats[static_cast<size_t>(ShardOf(chunk))].member, "another");
  EXPECT_EQ(Reread(chunk.id).epoch, 4u);
}

}  // namespace
}  // namespace tikhaul
