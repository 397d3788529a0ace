#include "coordinator/core/membership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Roll RollOf(const std::vector<std::string>& ids) {
  Roll roll;
  for (const std::string& id : ids) roll.members.push_back({.id = id, .term = 1, .address = id + ":1"});
  roll.seats.resize(kSeats);
  return roll;
}

// Every member does what it should, until nothing moves any more. Gives how many seats moved.
int Settle(Roll& roll) {
  int moved = 0;
  for (bool still = true; still;) {
    still = false;
    for (const Member& member : std::vector<Member>(roll.members)) {
      const SeatMoves moves = DecideSeats(roll, member.id);
      for (const int seat : moves.take) roll.seats[static_cast<size_t>(seat)].member = member.id;
      for (const auto& [seat, to] : moves.hand_over) roll.seats[static_cast<size_t>(seat)].member = to;
      moved += static_cast<int>(moves.take.size() + moves.hand_over.size());
      still = still || !moves.take.empty() || !moves.hand_over.empty();
    }
  }
  return moved;
}

std::map<std::string, int> Shares(const Roll& roll) {
  std::map<std::string, int> shares;
  for (int shard = 0; shard < kShards; ++shard) ++shares[roll.seats[static_cast<size_t>(shard)].member];
  return shares;
}

TEST(ShardTest, NeverChanges) {
  // Stored seats and running chunks depend on it: these figures are part of the store's format.
  EXPECT_EQ(ShardOf("main", "7001000000000000001"), 23);
  EXPECT_EQ(ShardOf("other", "7001000000000000001"), 13);
  std::set<int> shards;
  for (int i = 0; i < 2000; ++i) shards.insert(ShardOf("main", absl::StrCat(7001000000000000000 + i)));
  EXPECT_THAT(shards, SizeIs(kShards)) << "advertisers spread over all shards";
  EXPECT_GE(*shards.begin(), 0);
  EXPECT_LT(*shards.rbegin(), kShards);
}

TEST(DecideSeatsTest, OneMemberTakesAll) { EXPECT_THAT(DecideSeats(RollOf({"a"}), "a").take, SizeIs(kSeats)); }

TEST(DecideSeatsTest, AnEmptyRollMovesNothing) {
  const SeatMoves moves = DecideSeats({}, "a");
  EXPECT_THAT(moves.take, IsEmpty());
  EXPECT_THAT(moves.hand_over, IsEmpty());
}

TEST(DecideSeatsTest, EachSeatIsWantedByExactlyOne) {
  const Roll roll = RollOf({"a", "b", "c", "d"});
  std::multiset<int> taken;
  for (const Member& member : roll.members) {
    for (const int seat : DecideSeats(roll, member.id).take) taken.insert(seat);
  }
  EXPECT_THAT(taken, SizeIs(kSeats));
  EXPECT_THAT(std::set<int>(taken.begin(), taken.end()), SizeIs(kSeats));
}

TEST(DecideSeatsTest, WhoeverJoinsGetsAShareAndFewSeatsMove) {
  Roll roll = RollOf({"a", "b", "c"});
  Settle(roll);
  for (const auto& [member, share] : Shares(roll)) EXPECT_GT(share, 8) << member;
  const std::string lead = roll.seats[kLeadSeat].member;
  roll.members.push_back({.id = "d", .term = 2, .address = "d:1"});
  const int moved = Settle(roll);
  EXPECT_EQ(moved, Shares(roll)["d"]) << "none moves between those who were there";
  EXPECT_GT(moved, 4);
  EXPECT_EQ(roll.seats[kLeadSeat].member, lead) << "the lead stays where it is";
}

TEST(DecideSeatsTest, SeatsOfWhoeverHasGoneAreTakenByTheOthers) {
  Roll roll = RollOf({"a", "b", "c"});
  Settle(roll);
  const int of_b = Shares(roll)["b"] + (roll.seats[kLeadSeat].member == "b" ? 1 : 0);
  roll.members.erase(roll.members.begin() + 1);
  EXPECT_EQ(Settle(roll), of_b);
  EXPECT_EQ(Shares(roll).count("b"), 0u);
}

TEST(DecideSeatsTest, TheExpiredAreEvictedByTheOthersAndGetNothing) {
  Roll roll = RollOf({"a", "b"});
  roll.members[1].expired = true;
  EXPECT_THAT(DecideSeats(roll, "a").evict, ElementsAre("b"));
  EXPECT_THAT(DecideSeats(roll, "b").evict, IsEmpty()) << "nobody evicts itself";
  EXPECT_THAT(DecideSeats(roll, "a").take, SizeIs(kSeats));
  EXPECT_THAT(DecideSeats(roll, "b").take, IsEmpty());
}

TEST(DecideSeatsTest, PassiveMembersHaveSeatsOnlyWhileNobodyElseIsThere) {
  Roll roll = RollOf({"a"});
  roll.members[0].passive = true;
  Settle(roll);
  EXPECT_EQ(roll.seats[kLeadSeat].member, "a");
  roll.members.push_back({.id = "b", .term = 2, .address = "b:1"});
  Settle(roll);
  EXPECT_EQ(Shares(roll)["b"], kShards);
  EXPECT_EQ(roll.seats[kLeadSeat].member, "b");
}

TEST(IsMovingTest, OnlyWhileASeatIsAnothers) {
  Roll roll = RollOf({"a", "b"});
  EXPECT_FALSE(IsMoving(roll, 3)) << "nobody has it";
  Settle(roll);
  for (int seat = 0; seat < kSeats; ++seat) EXPECT_FALSE(IsMoving(roll, seat));
  roll.members.push_back({.id = "c", .term = 2, .address = "c:1"});
  int moving = 0;
  for (int seat = 0; seat < kSeats; ++seat) moving += IsMoving(roll, seat) ? 1 : 0;
  EXPECT_EQ(moving, Settle(roll));
}

TEST(AfterMoveTest, ARunningChunkIsReadyUnderANewEpochWithoutBlame) {
  Chunk chunk;
  chunk.state = ChunkState::kRunning;
  chunk.epoch = 4;
  chunk.owner = "worker-1";
  chunk.attempts.crash = 1;
  chunk.hinted_at = absl::UnixEpoch();
  const Chunk moved = AfterMove(chunk);
  EXPECT_EQ(moved.state, ChunkState::kReady);
  EXPECT_EQ(moved.epoch, 5u);
  EXPECT_EQ(moved.owner, "");
  EXPECT_EQ(moved.attempts.crash, 1);
  EXPECT_EQ(moved.hinted_at, absl::InfinitePast());
}

}  // namespace
}  // namespace tikhaul
