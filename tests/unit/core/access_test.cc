#include "coordinator/core/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;

const absl::Time kNow = Utc("2026-03-10 15:00:00");

Access Of(AccessState state) {
  Access access;
  access.advertiser = "7";
  access.endpoint = "ad/get/";
  access.state = state;
  return access;
}

TEST(AccessTest, RefusalsInARowAreAskedAtGrowingIntervals) {
  Access access = Of(AccessState::kUnknown);
  absl::Time now = kNow;
  std::vector<int64_t> minutes;
  for (int i = 0; i < 7; ++i) {
    access = AfterRefusal(access, AccessState::kNoGrant, 40001, "not granted", now);
    minutes.push_back(absl::ToInt64Minutes(access.retry_at - now));
    now = access.retry_at;
  }
  EXPECT_THAT(minutes, ElementsAre(15, 30, 60, 120, 240, 360, 360));
  EXPECT_EQ(access.since, kNow) << "the same state all the time";
  EXPECT_EQ(access.refusals, 7);
  EXPECT_EQ(access.code, 40001);
  EXPECT_EQ(access.message, "not granted");
  EXPECT_EQ(access.advertiser, "7");
}

TEST(AccessTest, ALateAnswerOfAnEarlierCallChangesNothing) {
  const Access closed = AfterRefusal(Of(AccessState::kOpen), AccessState::kNoGrant, 40001, "not granted", kNow);
  const Access again = AfterRefusal(closed, AccessState::kNoGrant, 40001, "late", kNow + absl::Minutes(1));
  EXPECT_EQ(again.retry_at, closed.retry_at);
  EXPECT_EQ(again.refusals, 1);
  EXPECT_EQ(again.message, "not granted");
}

TEST(AccessTest, SuccessForgetsTheRefusals) {
  const Access closed = AfterRefusal(Of(AccessState::kUnknown), AccessState::kAccountDead, 40300, "gone", kNow);
  const Access open = AfterSuccess(closed, kNow + absl::Hours(1));
  EXPECT_EQ(open.state, AccessState::kOpen);
  EXPECT_EQ(open.refusals, 0);
  EXPECT_EQ(open.message, "");
  EXPECT_EQ(open.since, kNow + absl::Hours(1));
  EXPECT_EQ(AfterSuccess(open, kNow + absl::Hours(2)).since, open.since);
  EXPECT_EQ(AfterRefusal(open, AccessState::kNoGrant, 40001, "", kNow).refusals, 1);
}

TEST(AccessTest, OnlyWhatIsClosedIsAskedAgain) {
  const Access closed = AfterRefusal(Of(AccessState::kUnknown), AccessState::kNoGrant, 40001, "", kNow);
  EXPECT_EQ(AskAgain(closed, kNow).retry_at, kNow);
  EXPECT_EQ(AskAgain(closed, kNow).refusals, 1) << "the next refusal waits longer";
  EXPECT_EQ(AskAgain(closed, kNow + absl::Hours(1)).retry_at, closed.retry_at) << "already due";
  EXPECT_EQ(AskAgain(Of(AccessState::kOpen), kNow).retry_at, absl::InfinitePast());
}

TEST(AccessTest, OneChunkOfEachAccessThatIsNotOpenIsKept) {
  std::vector<Chunk> chunks;
  for (const char* const advertiser : {"7", "8", "7", "7", "8"}) {
    Chunk chunk;
    chunk.id = static_cast<ChunkId>(chunks.size()) + 1;
    chunk.advertiser = advertiser;
    chunk.extract = chunk.id == 4 ? "campaigns" : "ads";
    chunks.push_back(chunk);
  }
  const auto key = [](const Chunk& chunk) { return AccessKey(chunk.advertiser, chunk.extract + "/get/"); };
  const auto kept = [&](const std::set<AccessKey>& not_open) {
    std::vector<ChunkId> ids;
    for (const Chunk& chunk : KeepScouts(chunks, not_open, key)) ids.push_back(chunk.id);
    return ids;
  };
  EXPECT_THAT(kept({}), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(kept({{"7", "ads/get/"}}), ElementsAre(1, 2, 4, 5));
  EXPECT_THAT(kept({{"7", "ads/get/"}, {"8", "ads/get/"}}), ElementsAre(1, 2, 4));
  // While another one is the scout, a chunk that has lost its worker would wait for it.
  chunks[2].attempts.deliveries = 1;
  EXPECT_THAT(kept({{"7", "ads/get/"}}), ElementsAre(2, 3, 4, 5));
}

}  // namespace
}  // namespace tikhaul
