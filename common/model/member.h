// The coordinators that share a store, and who of them does what.
#ifndef TIKHAUL_COMMON_MODEL_MEMBER_H_
#define TIKHAUL_COMMON_MODEL_MEMBER_H_

#include <cstdint>
#include <string>
#include <vector>

namespace tikhaul {

// A coordinator as the others see it.
struct Member {
  std::string id;        // random per process start
  int64_t term = 0;      // grows with every joining of any member; a member that was evicted joins under a higher one
  std::string address;   // where workers, operators and other members reach it
  bool passive = false;  // it has seats only where all others are passive or expired
  bool expired = false;  // it has not renewed its membership in time, by the store's clock
};

// What one member at a time has: a shard, or the lead.
struct Seat {
  int64_t term = 0;    // grows with every change of its holder
  std::string member;  // empty: free
};

// Chunks of one connection and advertiser lie in one shard; whoever holds it grants and publishes them.
inline constexpr int kShards = 64;
// Whoever holds this seat plans, schedules, dispatches, keeps quota and accounts, and answers operators.
inline constexpr int kLeadSeat = kShards;
inline constexpr int kSeats = kShards + 1;

// Who is there and who has what, at one moment.
struct Roll {
  std::vector<Member> members;  // by id
  std::vector<Seat> seats;      // kSeats of them
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_MODEL_MEMBER_H_
