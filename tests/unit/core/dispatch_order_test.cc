#include "coordinator/core/dispatch_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Chunk Make(ChunkId id, const std::string& connection, const std::string& advertiser, int priority = 1) {
  Chunk chunk;
  chunk.id = id;
  chunk.connection = connection;
  chunk.advertiser = advertiser;
  chunk.priority = priority;
  return chunk;
}

TEST(DispatchOrderTest, ConnectionsTakeTurns) {
  const std::vector<Chunk> candidates = {Make(1, "big", "a"), Make(2, "big", "a"), Make(3, "big", "a"),
                                         Make(4, "small", "z"), Make(5, "small", "z")};
  EXPECT_THAT(PickFair(candidates, {}, 9), ElementsAre(1, 4, 2, 5, 3));
}

TEST(DispatchOrderTest, AdvertisersOfAConnectionTakeTurns) {
  const std::vector<Chunk> candidates = {Make(1, "c", "a"), Make(2, "c", "a"), Make(3, "c", "b"), Make(4, "c", "b")};
  EXPECT_THAT(PickFair(candidates, {}, 4), ElementsAre(1, 3, 2, 4));
}

TEST(DispatchOrderTest, WhatIsOnItsWayCounts) {
  const std::vector<Chunk> candidates = {Make(1, "busy", "a"), Make(2, "busy", "a"), Make(3, "idle", "b"),
                                         Make(4, "idle", "b")};
  EXPECT_THAT(PickFair(candidates, {.by_connection = {{"busy", 2}}, .by_advertiser = {}}, 4), ElementsAre(3, 4, 1, 2));
}

TEST(DispatchOrderTest, IncrementsGoBeforeBackfills) {
  const std::vector<Chunk> candidates = {Make(1, "idle", "a", 1), Make(2, "busy", "b", 0)};
  EXPECT_THAT(PickFair(candidates, {.by_connection = {{"busy", 100}}, .by_advertiser = {}}, 1), ElementsAre(2));
}

TEST(DispatchOrderTest, LoadOfHigherPrioritiesCountsForLowerOnes) {
  const std::vector<Chunk> candidates = {Make(1, "a", "x", 0), Make(2, "a", "x", 1), Make(3, "b", "y", 1)};
  EXPECT_THAT(PickFair(candidates, {}, 3), ElementsAre(1, 3, 2));
}

TEST(DispatchOrderTest, OfOneAdvertiserTheFirstCandidateGoesFirst) {
  const std::vector<Chunk> candidates = {Make(9, "c", "a"), Make(3, "c", "a"), Make(7, "c", "a")};
  EXPECT_THAT(PickFair(candidates, {}, 2), ElementsAre(9, 3));
}

TEST(DispatchOrderTest, SameAdvertiserOfTwoConnectionsIsTwo) {
  const std::vector<Chunk> candidates = {Make(1, "c", "a"), Make(2, "d", "a")};
  EXPECT_THAT(PickFair(candidates, {.by_connection = {}, .by_advertiser = {{{"c", "a"}, 5}}}, 2), ElementsAre(1, 2));
}

TEST(DispatchOrderTest, NothingForNothing) {
  EXPECT_THAT(PickFair({}, {}, 5), IsEmpty());
  const std::vector<Chunk> candidates = {Make(1, "c", "a")};
  EXPECT_THAT(PickFair(candidates, {}, 0), IsEmpty());
}

TEST(DispatchOrderTest, SharesStayEvenOverManyRounds) {
  std::vector<Chunk> candidates;
  for (ChunkId id = 0; id < 3000; ++id) {  // one connection has ten times the work of the two others
    const std::string connection = id % 12 == 0 ? "b" : id % 12 == 1 ? "c" : "a";
    candidates.push_back(Make(id, connection, std::to_string(id % 7)));
  }
  std::map<char, int> picked;
  for (const ChunkId id : PickFair(candidates, {}, 300)) ++picked[candidates[static_cast<size_t>(id)].connection[0]];
  EXPECT_EQ(picked['a'], 100);
  EXPECT_EQ(picked['b'], 100);
  EXPECT_EQ(picked['c'], 100);
}

}  // namespace
}  // namespace tikhaul
