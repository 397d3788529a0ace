// Several coordinators on one schema: who is evicted, and that nothing of it is written afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/clock.h"
#include "common/base/process.h"
#include "tests/contract/store/postgres_harness.h"
#include "tests/contract/store/store_fixture.h"
#include "tests/support/eventually.h"

namespace tikhaul {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

// In the middle of a transaction that has changed the bookkeeping, from the beginning until GoOn().
class StuckWriter {
 public:
  explicit StuckWriter(Store& store)
      : thread_([this, &store] {
          written_ = store.Write([&](StoreTransaction& tx) -> absl::Status {
            const absl::Status put = tx.PutSeat(5, {.term = 1, .member = store.Self()});
            if (!inside_.HasBeenNotified()) inside_.Notify();
            go_on_.WaitForNotification();
            return put;
          });
        }) {
    inside_.WaitForNotification();
  }
  // How the transaction ended. To be called once.
  absl::Status GoOn() {
    go_on_.Notify();
    thread_.join();
    return written_;
  }

 private:
  absl::Notification inside_, go_on_;
  absl::Status written_;
  std::thread thread_;  // the last, which uses the others
};

class PostgresMemberTest : public testing::Test {
 protected:
  PostgresMemberTest() {
    EXPECT_OK(harness_.store().Resign());
    harness_.Close();
  }

  std::unique_ptr<Store> Open(absl::Duration membership) {
    StoreOptions options = harness_.options();
    options.membership = membership;
    options.address = absl::StrCat("host-", ++opened_, ":7733");
    absl::StatusOr<std::unique_ptr<Store>> store = OpenStore(options);
    EXPECT_OK(store.status());
    return std::move(store).value();
  }

  static absl::Status InsertChunk(Store& store, int day) {
    return store.Write([&](StoreTransaction& tx) {
      Chunk chunk;
      chunk.run_id = "run-1";
      chunk.extract = "ads_daily";
      chunk.connection = "main";
      chunk.advertiser = "7001";
      chunk.window = Days(day, day);
      return tx.InsertChunks({chunk}).status();
    });
  }
  std::string Chunks() { return harness_.Query("SELECT count(*) FROM tikhaul_chunk")[0][0]; }

  static bool Expired(Store& store, const std::string& member) {
    const absl::StatusOr<Roll> roll = store.Renew();
    EXPECT_OK(roll.status());
    for (const Member& one : roll->members) {
      if (one.id == member) return one.expired;
    }
    return false;
  }
  // Until `member` may be evicted, and then evicts it.
  static void Evict(Store& by, const std::string& member) {
    EXPECT_TRUE(Eventually([&] { return Expired(by, member); }));
    const absl::StatusOr<bool> evicted = by.Evict(member);
    EXPECT_OK(evicted.status());
    EXPECT_TRUE(evicted.value_or(false));
  }

  PostgresHarness harness_;
  int opened_ = 0;
};

TEST_F(PostgresMemberTest, SeveralShareTheStoreAndKnowOfEachOther) {
  const auto first = Open(absl::Seconds(60)), second = Open(absl::Seconds(60));
  EXPECT_OK(InsertChunk(*first, 1));
  EXPECT_OK(InsertChunk(*second, 2));
  EXPECT_EQ(Chunks(), "2");
  for (Store* store : {first.get(), second.get()}) {
    const absl::StatusOr<Roll> roll = store->Renew();
    ASSERT_OK(roll.status());
    ASSERT_THAT(roll->members, SizeIs(2));
    EXPECT_NE(roll->members[0].term, roll->members[1].term);
    for (const Member& member : roll->members) {
      EXPECT_EQ(member.address, member.id == first->Self() ? "host-1:7733" : "host-2:7733");
    }
  }
}

TEST_F(PostgresMemberTest, WhoeverWasEvictedWritesNothingUntilItHasJoinedAgain) {
  const auto silent = Open(absl::Seconds(1)), other = Open(absl::Seconds(60));
  ASSERT_OK(silent->Write([&](StoreTransaction& tx) { return tx.PutSeat(5, {.term = 1, .member = silent->Self()}); }));
  const int64_t term = silent->Renew()->members[0].term;
  Evict(*other, silent->Self());
  const absl::Status refused = InsertChunk(*silent, 1);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("others have taken its work over"));
  EXPECT_EQ(Chunks(), "0");
  const absl::StatusOr<Roll> roll = silent->Renew();
  ASSERT_OK(roll.status());
  ASSERT_THAT(roll->members, SizeIs(2));
  EXPECT_EQ(roll->seats[5].member, "") << "its seats went with its membership";
  EXPECT_EQ(roll->seats[5].term, 2);
  for (const Member& member : roll->members) {
    if (member.id == silent->Self()) {
      EXPECT_GT(member.term, term);
    }
  }
  EXPECT_OK(InsertChunk(*silent, 1));
}

TEST_F(PostgresMemberTest, AMemberThatRenewsItselfStays) {
  const auto one = Open(absl::Seconds(4)), other = Open(absl::Seconds(60));
  for (int i = 0; i < 12; ++i) {
    EXPECT_OK(one->Renew().status());
    EXPECT_FALSE(Expired(*other, one->Self()));
    EXPECT_FALSE(*other->Evict(one->Self()));
    tikhaul::SleepFor(absl::Milliseconds(500));
  }
  EXPECT_OK(InsertChunk(*one, 1));
}

TEST_F(PostgresMemberTest, AnEvictionEndsTheTransactionsThatAreStillOpen) {
  const auto stuck = Open(absl::Seconds(1)), other = Open(absl::Seconds(60));
  StuckWriter writer(*stuck);
  Evict(*other, stuck->Self());
  EXPECT_OK(InsertChunk(*other, 1));  // the lock on the bookkeeping is free
  const absl::Status written = writer.GoOn();
  EXPECT_EQ(written.code(), absl::StatusCode::kUnavailable) << written;
  EXPECT_EQ(other->Renew()->seats[5].member, "");
}

// As a process that is frozen in the middle of one: the others cannot evict it while they wait for its lock.
TEST_F(PostgresMemberTest, ATransactionThatStandsStillHoldsTheOthersUpForSecondsOnly) {
  const auto stuck = Open(absl::Seconds(60)), other = Open(absl::Seconds(60));
  StuckWriter writer(*stuck);
  const SystemClock clock;
  const absl::Duration start = clock.Monotonic();
  EXPECT_OK(InsertChunk(*other, 1));
  EXPECT_LT(clock.Monotonic() - start, absl::Seconds(15)) << "within this a takeover is promised";
  writer.GoOn().IgnoreError();
}

TEST_F(PostgresMemberTest, TheDeadAreNotWaitedForAsLongAsTheSilent) {
  auto dead = Open(absl::Minutes(10));
  const auto other = Open(absl::Minutes(10));
  const std::string id = dead->Self();
  EXPECT_FALSE(Expired(*other, id));
  dead.reset();  // without a word: its sessions end with it, as with a process that is killed
  Evict(*other, id);
  EXPECT_THAT(other->Renew()->members, SizeIs(1));
}

TEST_F(PostgresMemberTest, WhoeverResignsLeavesItsSeatsAtOnce) {
  const auto leaving = Open(absl::Seconds(60)), other = Open(absl::Seconds(60));
  ASSERT_OK(leaving->Write(
      [&](StoreTransaction& tx) { return tx.PutSeat(kLeadSeat, {.term = 1, .member = leaving->Self()}); }));
  ASSERT_OK(leaving->Resign());
  const absl::StatusOr<Roll> roll = other->Renew();
  ASSERT_OK(roll.status());
  EXPECT_THAT(roll->members, SizeIs(1));
  EXPECT_EQ(roll->seats[kLeadSeat].member, "");
  EXPECT_FALSE(InsertChunk(*leaving, 1).ok());
}

}  // namespace
}  // namespace tikhaul
