#include "tests/contract/store/store_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ChunkContract : public StoreContract {};
INSTANTIATE_TEST_SUITE_P(Stores, ChunkContract, testing::ValuesIn(AllStores()), StoreName);

Chunk FullChunk() {
  Chunk chunk;
  chunk.run_id = "run-1";
  chunk.extract = "ads_daily";
  chunk.connection = "main";
  chunk.advertiser = "7001";
  chunk.window = Days(1, 30);
  chunk.state = ChunkState::kRunning;
  chunk.epoch = 7;
  chunk.priority = 1;
  chunk.not_before = absl::FromUnixMicros(1'770'000'000'123'456);
  chunk.attempts = {.transient = 1, .drift = 2, .crash = 3, .deliveries = 4};
  chunk.owner = "worker-a";
  chunk.last_failure = FailureClass::kTooBig;
  chunk.last_error = "answer \"too\" big; 'x' \xc3\xa9";
  chunk.parent = 99;
  chunk.calls = 12;
  chunk.hinted_at = absl::FromUnixMicros(1'770'000'001'654'321);
  return chunk;
}

void ExpectSame(const Chunk& actual, const Chunk& wanted) {
  EXPECT_EQ(actual.run_id, wanted.run_id);
  EXPECT_EQ(actual.extract, wanted.extract);
  EXPECT_EQ(actual.connection, wanted.connection);
  EXPECT_EQ(actual.advertiser, wanted.advertiser);
  EXPECT_EQ(actual.window, wanted.window);
  EXPECT_EQ(actual.state, wanted.state);
  EXPECT_EQ(actual.epoch, wanted.epoch);
  EXPECT_EQ(actual.priority, wanted.priority);
  EXPECT_EQ(actual.not_before, wanted.not_before);
  EXPECT_EQ(actual.attempts.transient, wanted.attempts.transient);
  EXPECT_EQ(actual.attempts.drift, wanted.attempts.drift);
  EXPECT_EQ(actual.attempts.crash, wanted.attempts.crash);
  EXPECT_EQ(actual.attempts.deliveries, wanted.attempts.deliveries);
  EXPECT_EQ(actual.owner, wanted.owner);
  EXPECT_EQ(actual.last_failure, wanted.last_failure);
  EXPECT_EQ(actual.last_error, wanted.last_error);
  EXPECT_EQ(actual.parent, wanted.parent);
  EXPECT_EQ(actual.calls, wanted.calls);
  EXPECT_EQ(actual.hinted_at, wanted.hinted_at);
}

TEST_P(ChunkContract, InsertedChunkComesBackWhole) {
  const std::vector<Chunk> stored = Insert({FullChunk()});
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_GT(stored[0].id, 0);
  ExpectSame(stored[0], FullChunk());
  ExpectSame(Reread(stored[0].id), FullChunk());
}

TEST_P(ChunkContract, DefaultsComeBackAsDefaults) {
  const std::vector<Chunk> stored = Insert({MakeChunk("run-1", "7001", Window{})});
  ExpectSame(stored[0], MakeChunk("run-1", "7001", Window{}));
  EXPECT_EQ(stored[0].window.kind, WindowKind::kWhole);
  EXPECT_EQ(stored[0].not_before, absl::InfinitePast());
}

TEST_P(ChunkContract, UnknownChunkIsNothing) {
  EXPECT_FALSE(Get([](StoreReader& r) { return r.GetChunk(12345); }).has_value());
}

TEST_P(ChunkContract, InsertTwiceKeepsTheFirst) {
  const std::vector<Chunk> chunks = {MakeChunk("run-1", "7001", Days(1, 10)), MakeChunk("run-1", "7001", Days(11, 20)),
                                     MakeChunk("run-1", "7001", Window{})};
  ASSERT_OK(Write([&](StoreTransaction& tx) -> absl::Status {
    EXPECT_EQ(*tx.InsertChunks(chunks), 3u);
    EXPECT_EQ(*tx.InsertChunks(chunks), 0u);
    std::vector<Chunk> more = chunks;
    more.push_back(MakeChunk("run-1", "7002", Days(1, 10)));
    more.push_back(MakeChunk("run-2", "7001", Days(1, 10)));
    Chunk created = MakeChunk("run-1", "7001", Days(1, 10));
    created.window.kind = WindowKind::kCreated;
    more.push_back(created);
    EXPECT_EQ(*tx.InsertChunks(more), 3u);
    return absl::OkStatus();
  }));
  EXPECT_THAT(Insert(chunks), SizeIs(6));
}

TEST_P(ChunkContract, OnlyMetricsAreKeptAndMakeAnotherChunkOfAWindow) {
  Chunk filling = MakeChunk("run-1", "7001", Days(1, 10));
  filling.only_metrics = "clicks,ctr";
  const std::vector<Chunk> stored = Insert({filling, MakeChunk("run-1", "7001", Days(1, 10)), filling});
  ASSERT_THAT(stored, SizeIs(2));
  EXPECT_EQ(stored[0].only_metrics, "clicks,ctr");
  EXPECT_EQ(stored[1].only_metrics, "");
}

TEST_P(ChunkContract, SplitChunkDoesNotKeepItsWindowTaken) {
  std::vector<Chunk> stored = Insert({MakeChunk("run-1", "7001", Days(1, 10))});
  stored[0].state = ChunkState::kSplit;
  Update(stored[0]);
  EXPECT_THAT(Insert({MakeChunk("run-1", "7001", Days(1, 10))}), SizeIs(2));
  EXPECT_THAT(Insert({MakeChunk("run-1", "7001", Days(1, 10))}), SizeIs(2));
}

TEST_P(ChunkContract, UpdateWritesAllButTheName) {
  std::vector<Chunk> stored = Insert({MakeChunk("run-1", "7001", Days(1, 30))});
  Chunk changed = FullChunk();
  changed.id = stored[0].id;
  changed.connection = "other";
  Update(changed);
  ExpectSame(Reread(changed.id), changed);
  changed.run_id = "run-9";
  changed.extract = "x";
  changed.advertiser = "9";
  changed.window = Window{};
  Update(changed);
  const Chunk after = Reread(changed.id);
  EXPECT_EQ(after.run_id, "run-1");
  EXPECT_EQ(after.extract, "ads_daily");
  EXPECT_EQ(after.advertiser, "7001");
  EXPECT_EQ(after.window, Days(1, 30));
}

TEST_P(ChunkContract, UpdateOfUnknownChunkIsNotFound) {
  Chunk chunk = FullChunk();
  chunk.id = 4711;
  EXPECT_EQ(Write([&](StoreTransaction& tx) { return tx.UpdateChunk(chunk); }).code(), absl::StatusCode::kNotFound);
}

TEST_P(ChunkContract, ClaimByCompareAndSetIsGivenOnce) {
  const ChunkId id = Insert({MakeChunk("run-1", "7001", Days(1, 30))})[0].id;
  int granted = 0;
  for (const std::string worker : {"a", "b"}) {
    ASSERT_OK(Write([&](StoreTransaction& tx) -> absl::Status {
      Chunk chunk = **tx.GetChunk(id);
      if (chunk.state != ChunkState::kReady) return absl::OkStatus();
      ++granted;
      chunk.state = ChunkState::kRunning;
      ++chunk.epoch;
      chunk.owner = worker;
      return tx.UpdateChunk(chunk);
    }));
  }
  EXPECT_EQ(granted, 1);
  EXPECT_EQ(Reread(id).owner, "a");
  EXPECT_EQ(Reread(id).epoch, 1u);
}

TEST_P(ChunkContract, ListFiltersAndPages) {
  Chunk other = MakeChunk("run-1", "7001", Days(1, 1));
  other.extract = "audience";
  Chunk failed = MakeChunk("run-2", "7002", Days(1, 1));
  failed.last_failure = FailureClass::kAuth;
  failed.state = ChunkState::kDead;
  const std::vector<Chunk> all =
      Insert({MakeChunk("run-1", "7001", Days(1, 10)), MakeChunk("run-1", "7002", Days(1, 10)),
              MakeChunk("run-2", "7001", Days(1, 10)), other, failed});
  const auto list = [&](const ChunkFilter& filter, ChunkId after = 0, size_t limit = 0) {
    return IdsOf(Get([&](StoreReader& r) { return r.ListChunks(filter, after, limit); }));
  };
  const auto id = [&](int i) { return all[i].id; };
  ChunkFilter filter;
  EXPECT_THAT(list(filter), ElementsAre(id(0), id(1), id(2), id(3), id(4)));
  EXPECT_THAT(list(filter, id(1), 2), ElementsAre(id(2), id(3)));
  EXPECT_THAT(list(filter, id(4)), IsEmpty());
  filter.run_id = "run-1";
  EXPECT_THAT(list(filter), ElementsAre(id(0), id(1), id(3)));
  filter.extract = "ads_daily";
  EXPECT_THAT(list(filter), ElementsAre(id(0), id(1)));
  filter.advertiser = "7002";
  EXPECT_THAT(list(filter), ElementsAre(id(1)));
  filter = {};
  filter.state = ChunkState::kDead;
  EXPECT_THAT(list(filter), ElementsAre(id(4)));
  filter = {};
  filter.last_failure = FailureClass::kAuth;
  EXPECT_THAT(list(filter), ElementsAre(id(4)));
}

TEST_P(ChunkContract, CountsFollowEveryChange) {
  std::vector<Chunk> chunks = {MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-1", "7001", Days(2, 2)),
                               MakeChunk("run-1", "7001", Days(3, 3)), MakeChunk("run-1", "7001", Days(4, 4)),
                               MakeChunk("run-1", "7001", Days(5, 5)), MakeChunk("run-1", "7001", Days(6, 6)),
                               MakeChunk("run-2", "7001", Days(1, 1))};
  chunks[5].not_before = At(60);
  chunks = Insert(chunks);
  const auto count = [&](const std::string& run) {
    return Get([&](StoreReader& r) { return r.CountChunks(run, At(0)); });
  };
  EXPECT_EQ(count("run-1").ready, 6u);
  EXPECT_EQ(count("run-1").waiting, 1u);
  const ChunkState states[] = {ChunkState::kRunning, ChunkState::kDone, ChunkState::kSplit, ChunkState::kCancelled,
                               ChunkState::kDead};
  for (int i = 0; i < 5; ++i) {
    chunks[i].state = states[i];
    chunks[i].calls = 10 + i;
    Update(chunks[i]);
  }
  chunks[1].connection = "moved";
  Update(chunks[1]);
  LedgerEntry entry;
  entry.run_id = "run-1";
  entry.window = Days(2, 2);
  entry.rows = 500;
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.AddLedger(entry); }));
  const ChunkCounts counts = count("run-1");
  EXPECT_EQ(counts.ready, 1u);
  EXPECT_EQ(counts.running, 1u);
  EXPECT_EQ(counts.done, 1u);
  EXPECT_EQ(counts.split, 1u);
  EXPECT_EQ(counts.cancelled, 1u);
  EXPECT_EQ(counts.dead, 1u);
  EXPECT_EQ(counts.waiting, 1u);
  EXPECT_EQ(counts.rows, 500u);
  EXPECT_EQ(counts.calls, 60u);
  EXPECT_EQ(count("run-2").ready, 1u);
  EXPECT_EQ(count("run-2").rows, 0u);
  EXPECT_EQ(count("").ready, 2u);
  EXPECT_EQ(count("no such run").ready, 0u);
  const std::map<std::string, ChunkCounts> by_extract = Get([](StoreReader& r) { return r.CountChunksByExtract(); });
  ASSERT_EQ(by_extract.size(), 1u);
  EXPECT_EQ(by_extract.begin()->first, chunks[0].extract);
  const ChunkCounts& all = by_extract.begin()->second;
  EXPECT_EQ(all.ready, 2u);
  EXPECT_EQ(all.running + all.done + all.split + all.cancelled + all.dead, 5u);
  EXPECT_EQ(all.dead, 1u);
  EXPECT_EQ(Get([&](StoreReader& r) { return r.CountChunks("run-1", At(61)); }).waiting, 0u);
}

TEST_P(ChunkContract, CancelEndsReadyAndRunningOfOneRun) {
  std::vector<Chunk> chunks = Insert({MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-1", "7001", Days(2, 2)),
                                      MakeChunk("run-1", "7001", Days(3, 3)), MakeChunk("run-2", "7001", Days(1, 1))});
  chunks[1].state = ChunkState::kRunning;
  chunks[1].epoch = 4;
  chunks[1].owner = "worker-a";
  chunks[2].state = ChunkState::kDone;
  Update(chunks[1]);
  Update(chunks[2]);
  ASSERT_OK(Write([&](StoreTransaction& tx) -> absl::Status {
    EXPECT_EQ(*tx.CancelChunks("run-1"), 2u);
    return absl::OkStatus();
  }));
  EXPECT_EQ(Reread(chunks[0].id).state, ChunkState::kCancelled);
  EXPECT_EQ(Reread(chunks[0].id).epoch, 1u);
  EXPECT_EQ(Reread(chunks[1].id).state, ChunkState::kCancelled);
  EXPECT_EQ(Reread(chunks[1].id).epoch, 5u);
  EXPECT_EQ(Reread(chunks[1].id).owner, "");
  EXPECT_EQ(Reread(chunks[2].id).state, ChunkState::kDone);
  EXPECT_EQ(Reread(chunks[3].id).state, ChunkState::kReady);
  EXPECT_EQ(Get([&](StoreReader& r) { return r.CountChunks("run-1", At(0)); }).cancelled, 2u);
}

}  // namespace
}  // namespace tikhaul
