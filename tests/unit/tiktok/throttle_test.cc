#include "common/tiktok/throttle.h"

#include "gtest/gtest.h"

namespace tikhaul {
namespace {

TEST(PauseBoardTest, PausesGrowPerKeyAndEndWithAnAnswer) {
  PauseBoard board({absl::Seconds(1), absl::Seconds(60)});
  EXPECT_TRUE(board.empty());
  EXPECT_LT(board.PausedUntil("a"), absl::ZeroDuration());
  EXPECT_TRUE(board.Throttled("a", absl::Seconds(10), absl::Seconds(11), 0));
  EXPECT_EQ(board.PausedUntil("a"), absl::Seconds(11) + absl::Milliseconds(500));
  EXPECT_LT(board.PausedUntil("b"), absl::ZeroDuration());
  EXPECT_FALSE(board.Throttled("a", absl::Seconds(10.9), absl::Seconds(11.2), 0)) << "it was under way";
  EXPECT_EQ(board.PausedUntil("a"), absl::Seconds(11) + absl::Milliseconds(500));
  EXPECT_TRUE(board.Throttled("a", absl::Seconds(12), absl::Seconds(13), 0));
  EXPECT_EQ(board.PausedUntil("a"), absl::Seconds(14));
  board.Answered("a", absl::Seconds(12.5));
  EXPECT_FALSE(board.empty()) << "that answer was older";
  board.Answered("a", absl::Seconds(14));
  EXPECT_TRUE(board.empty());
}

}  // namespace
}  // namespace tikhaul
