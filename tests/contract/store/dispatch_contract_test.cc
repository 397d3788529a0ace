#include "tests/contract/store/store_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class DispatchContract : public StoreContract {
 protected:
  std::vector<ChunkId> Dispatchable(absl::Time now = At(0), size_t limit = 0) {
    return IdsOf(Get(
        [&](StoreReader& r) { return r.ListDispatchable(Dispatchable::kAll, now, now - absl::Seconds(30), limit); }));
  }
  std::vector<ChunkId> Lost(absl::Time now = At(0), size_t limit = 0) {
    return IdsOf(Get(
        [&](StoreReader& r) { return r.ListDispatchable(Dispatchable::kLost, now, now - absl::Seconds(30), limit); }));
  }
  void Pause(const std::string& scope, const std::string& name) {
    tikhaul::Pause pause;
    pause.scope = scope;
    pause.name = name;
    ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.PutPause(pause); }));
  }
  void PutExtract(const std::string& name, const std::string& endpoint) {
    StoredExtract extract;
    extract.name = extract.table = name;
    extract.endpoint = endpoint;
    ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.PutExtract(extract); }));
  }
  // Of advertiser 7001 at the reports' endpoint.
  void PutAccess(AccessState state, absl::Time retry_at) {
    Access access;
    access.advertiser = "7001";
    access.endpoint = "report/integrated/get/";
    access.state = state;
    access.retry_at = retry_at;
    ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.PutAccess(access); }));
  }
  void Resume(const std::string& scope, const std::string& name) {
    ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.RemovePause(scope, name); }));
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, DispatchContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(DispatchContract, OrderIsPriorityThenNewestWindowThenId) {
  std::vector<Chunk> chunks = {MakeChunk("backfill", "7001", Days(1, 10)), MakeChunk("backfill", "7001", Days(11, 20)),
                               MakeChunk("backfill", "7002", Days(11, 20)), MakeChunk("increment", "7001", Days(1, 2)),
                               MakeChunk("other", "7003", Days(15, 15))};
  for (Chunk& chunk : chunks) chunk.priority = chunk.run_id == "increment" ? 0 : 1;
  chunks[2].connection = "second";
  chunks = Insert(chunks);
  const auto id = [&](int i) { return chunks[i].id; };
  EXPECT_THAT(Dispatchable(), ElementsAre(id(3), id(1), id(2), id(4), id(0)));
  EXPECT_THAT(Dispatchable(At(0), 3), ElementsAre(id(3), id(1), id(2)));
}

TEST_P(DispatchContract, LostChunksAreFoundAmongMany) {
  std::vector<Chunk> chunks;
  for (int day = 1; day <= 20; ++day) chunks.push_back(MakeChunk("run-1", "7001", Days(day, day)));
  chunks = Insert(chunks);
  EXPECT_THAT(Lost(), IsEmpty()) << "none of them had a worker";
  for (Chunk* const chunk : {&chunks[2], &chunks[5], &chunks[7], &chunks[9]}) chunk->attempts.deliveries = 1;
  chunks[2].last_failure = FailureClass::kCrash;
  chunks[7].last_failure = FailureClass::kTransient;
  chunks[9].not_before = At(10);
  for (const int i : {2, 5, 7, 9}) Update(chunks[i]);
  EXPECT_THAT(Lost(), ElementsAre(chunks[5].id, chunks[2].id)) << "newest first; neither what failed nor what waits";
  EXPECT_THAT(Lost(At(0), 1), ElementsAre(chunks[5].id));
  EXPECT_THAT(Lost(At(20)), ElementsAre(chunks[9].id, chunks[5].id, chunks[2].id));
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.MarkHinted({chunks[5].id}, At(0)); }));
  EXPECT_THAT(Lost(At(100)), ElementsAre(chunks[9].id, chunks[2].id)) << "what was hinted since is one among all";
  EXPECT_THAT(Dispatchable(At(100)), testing::SizeIs(20));
  Pause("run", "run-1");
  EXPECT_THAT(Lost(), IsEmpty());
}

TEST_P(DispatchContract, OnlyReadyChunksThatMayRunNow) {
  std::vector<Chunk> chunks = Insert({MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-1", "7001", Days(2, 2)),
                                      MakeChunk("run-1", "7001", Days(3, 3))});
  chunks[0].state = ChunkState::kRunning;
  chunks[1].not_before = At(10) + absl::Microseconds(1);
  Update(chunks[0]);
  Update(chunks[1]);
  EXPECT_THAT(Dispatchable(At(10)), ElementsAre(chunks[2].id));
  EXPECT_THAT(Dispatchable(At(11)), ElementsAre(chunks[2].id, chunks[1].id));
}

TEST_P(DispatchContract, HintedChunksComeAgainWhenTheHintIsOldOrForgotten) {
  const std::vector<Chunk> chunks =
      Insert({MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-1", "7001", Days(2, 2))});
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.MarkHinted({chunks[1].id}, At(0)); }));
  EXPECT_THAT(Dispatchable(At(1)), ElementsAre(chunks[0].id));
  EXPECT_THAT(Dispatchable(At(30)), ElementsAre(chunks[0].id));
  EXPECT_THAT(Dispatchable(At(31)), ElementsAre(chunks[1].id, chunks[0].id));
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.ForgetHints(); }));
  EXPECT_THAT(Dispatchable(At(1)), ElementsAre(chunks[1].id, chunks[0].id));
}

TEST_P(DispatchContract, PausesHoldWhatTheyName) {
  std::vector<Chunk> chunks = {MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-2", "7001", Days(2, 2)),
                               MakeChunk("run-3", "7001", Days(3, 3))};
  chunks[1].extract = "audience";
  chunks[2].connection = "second";
  chunks = Insert(chunks);
  const auto id = [&](int i) { return chunks[i].id; };
  Pause("run", "run-1");
  EXPECT_THAT(Dispatchable(), UnorderedElementsAre(id(1), id(2)));
  Pause("extract", "audience");
  EXPECT_THAT(Dispatchable(), ElementsAre(id(2)));
  Pause("connection", "second");
  EXPECT_THAT(Dispatchable(), IsEmpty());
  Resume("run", "run-1");
  EXPECT_THAT(Dispatchable(), ElementsAre(id(0)));
  Resume("extract", "audience");
  Resume("connection", "second");
  EXPECT_THAT(Dispatchable(), UnorderedElementsAre(id(0), id(1), id(2)));
  Pause("all", "");
  EXPECT_THAT(Dispatchable(), IsEmpty());
}

TEST_P(DispatchContract, APausedAdvertiserIsHeldBackInAllExtractsAndRuns) {
  std::vector<Chunk> chunks = {MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-1", "7002", Days(2, 2)),
                               MakeChunk("run-2", "7001", Days(3, 3))};
  chunks[2].extract = "audience";
  chunks = Insert(chunks);
  const auto id = [&](int i) { return chunks[i].id; };
  Pause("extract", "7002");  // a name counts in its scope only
  Pause("advertiser", "7001");
  EXPECT_THAT(Dispatchable(), ElementsAre(id(1)));
  EXPECT_THAT(Dispatchable(At(0), 1), ElementsAre(id(1))) << "what is held back takes nobody's place";
  Resume("advertiser", "7001");
  EXPECT_THAT(Dispatchable(), UnorderedElementsAre(id(0), id(1), id(2)));
}

TEST_P(DispatchContract, AClosedAccessWaitsUntilItsRetry) {
  PutExtract("ads_daily", "report/integrated/get/");
  PutExtract("audience", "campaign/get/");
  std::vector<Chunk> chunks = {MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-1", "7002", Days(1, 1)),
                               MakeChunk("run-2", "7001", Days(1, 1))};
  chunks[2].extract = "audience";
  chunks = Insert(chunks);
  PutAccess(AccessState::kNoGrant, At(100));
  EXPECT_THAT(Dispatchable(At(99)), ElementsAre(chunks[1].id, chunks[2].id));
  EXPECT_THAT(Dispatchable(At(100)), ElementsAre(chunks[0].id, chunks[1].id, chunks[2].id));
  PutAccess(AccessState::kOpen, At(100));
  EXPECT_THAT(Dispatchable(At(0)), ElementsAre(chunks[0].id, chunks[1].id, chunks[2].id));
}

TEST_P(DispatchContract, AnAccessThatIsNotOpenLetsOneChunkAhead) {
  PutExtract("ads_daily", "report/integrated/get/");
  PutExtract("ads_hourly", "report/integrated/get/");
  std::vector<Chunk> chunks = {MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-1", "7001", Days(2, 2)),
                               MakeChunk("run-2", "7001", Days(3, 3)), MakeChunk("run-1", "7002", Days(1, 1))};
  chunks[2].extract = "ads_hourly";
  chunks = Insert(chunks);
  const ChunkId others = chunks[3].id;
  PutAccess(AccessState::kUnknown, absl::InfinitePast());
  EXPECT_EQ(Dispatchable(At(0)).size(), 4u) << "which one goes ahead is the caller's choice";
  const auto scout = [&](ChunkId chunk) {
    ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.SetScout("report/integrated/get/", "7001", chunk); }));
  };
  scout(chunks[1].id);
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.MarkHinted({chunks[1].id}, At(0)); }));
  EXPECT_THAT(Dispatchable(At(1)), ElementsAre(others)) << "hinted";
  EXPECT_EQ(Dispatchable(At(31)).size(), 4u) << "the hint is lost";
  chunks[1].state = ChunkState::kRunning;
  Update(chunks[1]);
  EXPECT_THAT(Dispatchable(At(31)), ElementsAre(others)) << "running, in whatever extract of the endpoint";
  PutAccess(AccessState::kOpen, absl::InfinitePast());
  EXPECT_EQ(Dispatchable(At(31)).size(), 3u);
  scout(chunks[1].id);
  EXPECT_EQ(Dispatchable(At(31)).size(), 3u) << "what is open needs no scout";
}

TEST_P(DispatchContract, PostponeMovesTheReadyChunksOfAnAccess) {
  PutExtract("ads_daily", "report/integrated/get/");
  PutExtract("ads_hourly", "report/integrated/get/");
  PutExtract("campaigns", "campaign/get/");
  std::vector<Chunk> chunks = {MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-2", "7001", Days(2, 2)),
                               MakeChunk("run-1", "7002", Days(1, 1)), MakeChunk("run-1", "7001", Days(3, 3)),
                               MakeChunk("run-3", "7001", Days(1, 1))};
  chunks[1].extract = "ads_hourly";
  chunks[3].state = ChunkState::kRunning;
  chunks[4].extract = "campaigns";
  chunks = Insert(chunks);
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.Postpone("report/integrated/get/", "7001", At(50)); }));
  EXPECT_THAT(Dispatchable(At(0)), UnorderedElementsAre(chunks[2].id, chunks[4].id));
  EXPECT_EQ(Reread(chunks[0].id).not_before, At(50));
  EXPECT_EQ(Reread(chunks[1].id).not_before, At(50));
  EXPECT_EQ(Reread(chunks[3].id).not_before, absl::InfinitePast());
}

TEST_P(DispatchContract, NextNotBeforeIsTheEarliestOfTheFuture) {
  const auto next = [&](absl::Time now) { return Get([&](StoreReader& r) { return r.NextNotBefore(now); }); };
  EXPECT_FALSE(next(At(0)).has_value());
  std::vector<Chunk> chunks = {MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-1", "7001", Days(2, 2)),
                               MakeChunk("run-1", "7001", Days(3, 3)), MakeChunk("run-1", "7001", Days(4, 4))};
  chunks[0].not_before = At(20);
  chunks[1].not_before = At(10);
  chunks[2].not_before = At(5);
  chunks[2].state = ChunkState::kRunning;
  Insert(chunks);
  EXPECT_EQ(next(At(0)), At(10));
  EXPECT_EQ(next(At(10)), At(20));
  EXPECT_FALSE(next(At(20)).has_value());
}

}  // namespace
}  // namespace tikhaul
