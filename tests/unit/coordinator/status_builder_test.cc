#include "coordinator/admin/status_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/status_macros.h"
#include "tests/unit/coordinator/coordinator_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

const absl::Time kNow = Utc("2026-03-10 13:00:00");

class StatusBuilderTest : public testing::Test {
 protected:
  StatusBuilderTest()
      : quota_({.url = "unix:/nowhere/redis"}, "7009", {}, *store_.store, clock_, faults_),
        builder_(store_.config, *store_.store, peers_, quota_, clock_) {
    membership_.Renew();
  }

  Chunk AddChunk(ChunkState state, const std::string& advertiser = kAdvertiserId) {
    Chunk chunk;
    chunk.run_id = "bf-1";
    chunk.extract = "ads_daily";
    chunk.connection = "main";
    chunk.advertiser = advertiser;
    chunk.window = Days("2026-01-01", "2026-01-30");
    chunk.window.last += windows_++;
    chunk.state = state;
    chunk.calls = 5;
    Chunk stored;
    store_.Write([&](StoreTransaction& tx) -> absl::Status {
      absl::Status status = tx.InsertChunks({chunk}).status();
      const auto chunks =
          tx.ListChunks({.run_id = "bf-1", .extract = {}, .advertiser = {}, .state = {}, .last_failure = {}}, 0, 0);
      if (chunks.ok()) stored = chunks->back();
      // Inserted as ready; what the test wants is written after that.
      chunk.id = stored.id;
      status.Update(tx.UpdateChunk(chunk));
      return status;
    });
    return chunk;
  }

  void AddRun(const std::string& id = "bf-1", RunState state = RunState::kRunning) {
    tikhaul::Run run;  // not testing::Test::Run
    run.id = id;
    run.extract = "ads_daily";
    run.state = state;
    run.created = kNow - absl::Hours(1);
    if (state != RunState::kRunning) run.finished = kNow - absl::Minutes(30);
    store_.Write([&](StoreTransaction& tx) { return tx.InsertRun(run); });
  }

  v1::Status Build(uint32_t recent = 10) {
    absl::StatusOr<v1::Status> status = builder_.Build(recent);
    EXPECT_TRUE(status.ok()) << status.status();
    return status.value_or(v1::Status());
  }

  ManualClock clock_{kNow};
  StoreWithExtracts store_;
  FaultBoard faults_;
  ClaimTable claims_{clock_, {}};
  Membership membership_{*store_.store, clock_, faults_, {}, [](int) { return false; }};
  WantedBoard wanted_;
  PeerService peer_{claims_, faults_, wanted_};
  Peers peers_{membership_, peer_, store_.store->Self(), Dialer()};
  QuotaKeeper quota_;
  StatusBuilder builder_;
  int windows_ = 0;
};

TEST_F(StatusBuilderTest, AnEmptyStoreIsIdle) {
  const v1::Status status = Build();
  EXPECT_TRUE(status.idle());
  EXPECT_THAT(status.runs(), SizeIs(0));
  EXPECT_EQ(status.now().seconds(), absl::ToUnixSeconds(kNow));
  EXPECT_FALSE(status.queue_connected()) << "Redis has not answered yet";
}

TEST_F(StatusBuilderTest, WhatCanRunIsNotIdle) {
  AddRun();
  AddChunk(ChunkState::kReady);
  EXPECT_FALSE(Build().idle());
}

TEST_F(StatusBuilderTest, WhatRunsIsNotIdle) {
  AddRun();
  AddChunk(ChunkState::kRunning);
  EXPECT_FALSE(Build().idle());
}

TEST_F(StatusBuilderTest, WhatWaitsForItsTimeIsNotIdle) {
  AddRun();
  Chunk chunk = AddChunk(ChunkState::kReady);
  chunk.not_before = kNow + absl::Minutes(10);
  store_.Write([&](StoreTransaction& tx) { return tx.UpdateChunk(chunk); });
  const v1::Status status = Build();
  EXPECT_FALSE(status.idle());
  EXPECT_EQ(status.runs(0).chunks().waiting(), 1u);
}

TEST_F(StatusBuilderTest, WhatIsPausedIsIdle) {
  AddRun();
  AddChunk(ChunkState::kReady);
  store_.Write([](StoreTransaction& tx) {
    return tx.PutPause({.scope = "run", .name = "bf-1", .reason = "operator", .automatic = false, .since = kNow});
  });
  const v1::Status status = Build();
  EXPECT_TRUE(status.idle());
  EXPECT_TRUE(status.runs(0).paused());
  ASSERT_THAT(status.pauses(), SizeIs(1));
  EXPECT_EQ(status.pauses(0).mend(), "tikhaul resume run bf-1");
}

TEST_F(StatusBuilderTest, WhatIsBlockedIsIdleWhenNothingElseIsLeft) {
  AddRun();
  AddChunk(ChunkState::kReady);
  store_.Write([](StoreTransaction& tx) {
    RETURN_IF_ERROR(tx.PutExtract({.name = "ads_daily",
                                   .table = "ads_daily",
                                   .spec = "",
                                   .version = 1,
                                   .key = "",
                                   .endpoint = "report/integrated/get/"}));
    return tx.PutAccess({.advertiser = kAdvertiserId,
                         .endpoint = "report/integrated/get/",
                         .state = AccessState::kNoGrant,
                         .code = 40001,
                         .message = "no permission",
                         .since = kNow,
                         .checked = kNow,
                         .retry_at = kNow + absl::Minutes(15)});
  });
  EXPECT_TRUE(Build().idle());
  EXPECT_THAT(Build().blocks(), SizeIs(1));
  EXPECT_EQ(Build().access().no_grant(), 1u);
  EXPECT_NE(Build().blocks(0).mend(), "");
  AddChunk(ChunkState::kReady, "7001000000000000002");
  EXPECT_FALSE(Build().idle()) << "the other advertiser is open";
}

TEST_F(StatusBuilderTest, LiveCallsCountBesideRecordedOnes) {
  AddRun();
  Chunk chunk = AddChunk(ChunkState::kRunning);
  chunk.epoch = 1;
  LiveClaim claim;
  claim.chunk = chunk.id;
  claim.worker = "w1";
  claim.incarnation = "w1-start";
  claims_.Add(claim, [] {});
  claims_.Describe(chunk);
  claims_.Heard(chunk.id, 2, 7, false);
  const v1::Status status = Build();
  ASSERT_THAT(status.extracts(), SizeIs(1));
  EXPECT_EQ(status.extracts(0).calls(), 12u);
  ASSERT_THAT(status.workers(), SizeIs(1));
  EXPECT_EQ(status.workers(0).chunks(), 1u);
  EXPECT_EQ(status.workers(0).name(), "w1");
}

TEST_F(StatusBuilderTest, ThePaceIsThatOfWhatWasCommittedSinceTheLastLook) {
  AddRun();
  const Chunk chunk = AddChunk(ChunkState::kRunning);
  AddChunk(ChunkState::kDone);
  EXPECT_EQ(Build().extracts(0).calls_per_second(), 0) << "nothing to compare with yet";
  clock_.Advance(absl::Seconds(5));
  Chunk done = chunk;
  done.state = ChunkState::kRunning;
  done.calls = 55;
  store_.Write([&](StoreTransaction& tx) { return tx.UpdateChunk(done); });
  const v1::Status status = Build();
  EXPECT_GT(status.extracts(0).calls_per_second(), 0);
  EXPECT_GT(status.extracts(0).eta_seconds(), 0);
}

TEST_F(StatusBuilderTest, FinishedRunsAreListedAsManyAsAsked) {
  for (int i = 0; i < 4; ++i) AddRun(absl::StrCat("bf-", i), RunState::kDone);
  AddRun("bf-running");
  EXPECT_THAT(Build(2).runs(), SizeIs(3));
  EXPECT_EQ(Build(2).runs(0).id(), "bf-running");
  EXPECT_THAT(Build(10).runs(), SizeIs(5));
}

TEST_F(StatusBuilderTest, RunsThatEndedBeforeTheCoordinatorStartedAreNotProgress) {
  AddRun("bf-old", RunState::kDone);
  EXPECT_THAT(Build().extracts(), SizeIs(0));
}

TEST_F(StatusBuilderTest, FaultsDeadLettersAndDriftAreShown) {
  AddRun();
  const Chunk chunk = AddChunk(ChunkState::kDead);
  store_.Write([&](StoreTransaction& tx) -> absl::Status {
    absl::Status status = tx.PutDeadLetter({.chunk = chunk.id,
                                            .reason = FailureClass::kPermanent,
                                            .code = 40002,
                                            .http_status = 200,
                                            .message = "no",
                                            .request_id = "r",
                                            .exchange = "e",
                                            .died = kNow});
    status.Update(tx.AddDrift({.extract = "ads_daily",
                               .kind = "unknown field",
                               .name = "new_metric",
                               .count = 3,
                               .first_seen = kNow,
                               .last_seen = kNow}));
    return status;
  });
  faults_.Set("store", "the disk is full");
  const v1::Status status = Build();
  EXPECT_EQ(status.dead_letters(), 1u);
  ASSERT_THAT(status.drift(), SizeIs(1));
  EXPECT_EQ(status.drift(0).name(), "new_metric");
  EXPECT_EQ(status.drift(0).count(), 3u);
  EXPECT_THAT(status.faults(), ElementsAre("store: the disk is full"));
  EXPECT_TRUE(status.idle()) << "what is dead does not run by itself";
}

}  // namespace
}  // namespace tikhaul
