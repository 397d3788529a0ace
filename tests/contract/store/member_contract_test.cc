// The coordinators that share a store, and their seats. What only several at once can show stands in
// postgres_member_test.cc.
#include "tests/contract/store/store_fixture.h"

namespace tikhaul {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class MemberContract : public StoreContract {
 protected:
  Roll Renew() {
    const absl::StatusOr<Roll> roll = store().Renew();
    EXPECT_OK(roll.status());
    return roll.value_or(Roll());
  }
  Seat GetSeat(int number) {
    return Get([&](StoreReader& r) { return r.GetSeat(number); });
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, MemberContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(MemberContract, AnOpenStoreIsAMemberAndANewOneHasNoSeat) {
  const Roll roll = Renew();
  ASSERT_THAT(roll.members, SizeIs(1));
  EXPECT_EQ(roll.members[0].id, store().Self());
  EXPECT_GT(roll.members[0].term, 0);
  EXPECT_FALSE(roll.members[0].expired);
  ASSERT_THAT(roll.seats, SizeIs(kSeats));
  for (const Seat& seat : roll.seats) {
    EXPECT_THAT(seat.member, IsEmpty());
    EXPECT_EQ(seat.term, 0);
  }
}

TEST_P(MemberContract, SeatsAreWhatWasPut) {
  for (const int number : {0, kShards - 1, kLeadSeat}) {
    ASSERT_OK(Write(
        [&](StoreTransaction& tx) { return tx.PutSeat(number, {.term = number + 7, .member = store().Self()}); }));
    EXPECT_EQ(GetSeat(number).term, number + 7);
    EXPECT_EQ(GetSeat(number).member, store().Self());
  }
  EXPECT_THAT(GetSeat(1).member, IsEmpty());
  const Roll roll = Renew();
  EXPECT_EQ(roll.seats[kLeadSeat].term, kLeadSeat + 7);
  EXPECT_EQ(roll.seats[kLeadSeat].member, store().Self());
}

TEST_P(MemberContract, AFailedTransactionMovesNoSeat) {
  EXPECT_FALSE(Write([&](StoreTransaction& tx) -> absl::Status {
                 RETURN_IF_ERROR(tx.PutSeat(3, {.term = 1, .member = store().Self()}));
                 return absl::CancelledError("given up");
               }).ok());
  EXPECT_THAT(GetSeat(3).member, IsEmpty());
}

TEST_P(MemberContract, ARestartIsAnotherMemberUnderAHigherTerm) {
  const Member before = Renew().members[0];
  harness().Reopen();
  EXPECT_NE(store().Self(), before.id);
  const Roll roll = Renew();
  for (const Member& member : roll.members) {
    if (member.id == store().Self()) {
      EXPECT_GT(member.term, before.term);
    }
  }
}

TEST_P(MemberContract, ALiveMemberIsNotEvicted) {
  const absl::StatusOr<bool> evicted = store().Evict(store().Self());
  ASSERT_OK(evicted.status());
  EXPECT_FALSE(*evicted);
  EXPECT_THAT(Renew().members, SizeIs(1));
}

}  // namespace
}  // namespace tikhaul
