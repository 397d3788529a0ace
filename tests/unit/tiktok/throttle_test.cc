#include "common/tiktok/throttle.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;

// Pauses, in seconds, of requests that are throttled one after the other, each sent after the pause before.
std::vector<int64_t> Pauses(ThrottleLadder& ladder, int count, bool app_restriction) {
  std::vector<int64_t> pauses;
  static absl::Duration now = absl::Seconds(100);
  for (int i = 0; i < count; ++i) {
    now += absl::Seconds(1000);
    const auto pause = ladder.Throttled(now, now + absl::Seconds(1), app_restriction, 0.0);
    pauses.push_back(pause.has_value() ? absl::ToInt64Seconds(*pause) : -1);
  }
  return pauses;
}

TEST(ThrottleLadderTest, DoublesToAMinuteAndThenWaitsFive) {
  ThrottleLadder ladder;
  EXPECT_THAT(Pauses(ladder, 10, false), ElementsAre(1, 2, 4, 8, 16, 32, 60, 300, 300, 300));
}

TEST(ThrottleLadderTest, AppRestrictionCountsAsARepeat) {
  ThrottleLadder ladder;
  EXPECT_THAT(Pauses(ladder, 3, true), ElementsAre(2, 4, 8));
}

TEST(ThrottleLadderTest, AnswersStartItAgain) {
  ThrottleLadder ladder;
  Pauses(ladder, 4, false);
  ladder.Answered(absl::Hours(24));
  EXPECT_THAT(Pauses(ladder, 2, false), ElementsAre(1, 2));
}

TEST(ThrottleLadderTest, RequestsOfTheSameBurstCountOnce) {
  ThrottleLadder ladder;
  const absl::Duration sent = absl::Seconds(10);
  EXPECT_TRUE(ladder.Throttled(sent, absl::Seconds(11), false, 0.0).has_value());
  EXPECT_FALSE(ladder.Throttled(sent + absl::Milliseconds(1), absl::Seconds(11.2), false, 0.0).has_value());
  ladder.Answered(sent);  // good, but sent before the pause: says nothing
  EXPECT_EQ(ladder.Throttled(absl::Seconds(13), absl::Seconds(14), false, 0.0), absl::Seconds(2));
}

TEST(ThrottleLadderTest, JitterOnlyLengthens) {
  ThrottleLadder ladder;
  const auto pause = ladder.Throttled(absl::Seconds(1), absl::Seconds(2), false, 0.999);
  EXPECT_GT(*pause, absl::Seconds(1));
  EXPECT_LT(*pause, absl::Seconds(1.11));
}

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
