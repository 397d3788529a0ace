#include "worker/slot_board.h"

#include <atomic>
#include <thread>

#include "gtest/gtest.h"

namespace tikhaul {
namespace {

TEST(SlotBoardTest, CountsHintsThatWaitAsTaken) {
  SlotBoard board(2);
  EXPECT_EQ(board.WaitForFree(absl::ZeroDuration()), 2u);
  board.HandOut({Hint{"1-0", 7}});
  EXPECT_EQ(board.WaitForFree(absl::ZeroDuration()), 1u);
  ChunkInbox inbox;
  EXPECT_EQ(board.Take(&inbox)->chunk, 7);
  EXPECT_EQ(board.WaitForFree(absl::ZeroDuration()), 1u);
  EXPECT_FALSE(board.WaitForIdle(absl::ZeroDuration()));
  board.End(&inbox);
  EXPECT_EQ(board.WaitForFree(absl::ZeroDuration()), 2u);
  EXPECT_TRUE(board.WaitForIdle(absl::ZeroDuration()));
}

TEST(SlotBoardTest, KeepsOneSlotMore) {
  SlotBoard board(1);
  board.HandOut({Hint{"1-0", 7}});
  ChunkInbox usual, spare;
  ASSERT_TRUE(board.Take(&usual).has_value());
  EXPECT_EQ(board.WaitForFree(absl::ZeroDuration()), 0u);
  EXPECT_TRUE(board.SpareIsFree());
  board.HandOut({Hint{"1-1", 8}});
  EXPECT_FALSE(board.SpareIsFree());
  EXPECT_EQ(board.Take(&spare)->chunk, 8);
  board.End(&usual);
  EXPECT_EQ(board.WaitForFree(absl::ZeroDuration()), 0u) << "the one that is free is the spare one now";
  EXPECT_TRUE(board.SpareIsFree());
  board.End(&spare);
  EXPECT_EQ(board.WaitForFree(absl::ZeroDuration()), 1u);
}

TEST(SlotBoardTest, StopLeavesHintsUntaken) {
  SlotBoard board(1);
  board.HandOut({Hint{"1-0", 7}});
  board.Stop();
  ChunkInbox inbox;
  EXPECT_FALSE(board.Take(&inbox).has_value());
  EXPECT_EQ(board.WaitForFree(absl::Seconds(10)), 0u);
}

TEST(SlotBoardTest, ReleaseReachesRunningChunks) {
  SlotBoard board(1);
  board.HandOut({Hint{"1-0", 7}});
  ChunkInbox inbox;
  ASSERT_TRUE(board.Take(&inbox).has_value());
  board.ReleaseAll();
  EXPECT_TRUE(inbox.Wait(absl::ZeroDuration()).release);
  EXPECT_TRUE(inbox.Wait(absl::ZeroDuration()).release);  // holds on
}

TEST(SlotBoardTest, OtherChangesDoNotLengthenTheWaitForIdle) {
  SlotBoard board(2);
  board.HandOut({Hint()});
  ChunkInbox inbox;
  ASSERT_TRUE(board.Take(&inbox).has_value());
  std::atomic<bool> waited = false;
  std::thread changes([&] {
    while (!waited) board.HandOut({});
  });
  EXPECT_FALSE(board.WaitForIdle(absl::Milliseconds(50)));  // would never come back
  waited = true;
  changes.join();
}

}  // namespace
}  // namespace tikhaul
