#include <atomic>
#include <thread>

#include "tests/contract/store/row_maker.h"
#include "tests/contract/store/store_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class TransactionContract : public StoreContract {};
INSTANTIATE_TEST_SUITE_P(Stores, TransactionContract, testing::ValuesIn(AllStores()), StoreName);

absl::Status WriteSomethingOfEverything(StoreTransaction& tx) {
  Chunk chunk;
  chunk.run_id = "run-1";
  chunk.extract = "ads_daily";
  chunk.advertiser = "7001";
  chunk.window = Days(1, 2);
  Run run;
  run.id = "run-1";
  LedgerEntry entry;
  entry.run_id = "run-1";
  entry.rows = 5;
  const TableSchema table = DailyTable();
  TextRowSource rows(table, {"stat_time_day", "ad_id", "clicks"}, {{"2026-03-01", "1", "5"}});
  RETURN_IF_ERROR(tx.InsertRun(run));
  RETURN_IF_ERROR(tx.InsertChunks({chunk}).status());
  RETURN_IF_ERROR(tx.AddLedger(entry));
  RETURN_IF_ERROR(tx.PutPause({}));
  RETURN_IF_ERROR(tx.EnsureTable(table));
  const SettleRequest request{
      .table = table, .scope = WholeScope("7001"), .constants = {TextConstant("advertiser_id", "7001")}};
  return tx.SettleRows(request, rows).status();
}

TEST_P(TransactionContract, FailedWorkLeavesNothing) {
  const absl::Status status = Write([](StoreTransaction& tx) -> absl::Status {
    RETURN_IF_ERROR(WriteSomethingOfEverything(tx));
    EXPECT_THAT(*tx.ListChunks({}, 0, 0), SizeIs(1));
    return absl::AbortedError("changed my mind");
  });
  EXPECT_EQ(status, absl::AbortedError("changed my mind"));
  EXPECT_THAT(Get([](StoreReader& r) { return r.ListChunks({}, 0, 0); }), IsEmpty());
  EXPECT_THAT(Get([](StoreReader& r) { return r.ListRuns("", 0); }), IsEmpty());
  EXPECT_THAT(Get([](StoreReader& r) { return r.ListLedger({}, 0, 0); }), IsEmpty());
  EXPECT_THAT(Get([](StoreReader& r) { return r.ListPauses(); }), IsEmpty());
  const ChunkCounts counts = Get([](StoreReader& r) { return r.CountChunks("run-1", At(0)); });
  EXPECT_EQ(counts.ready, 0u);
  EXPECT_EQ(counts.rows, 0u);
  // The table is gone too, so that it can be made again.
  EXPECT_OK(Write(WriteSomethingOfEverything));
  EXPECT_THAT(harness().Query("SELECT ad_id, clicks FROM ads_daily"), ElementsAre(ElementsAre("1", "5")));
}

TEST_P(TransactionContract, CommittedWorkOutlivesTheStore) {
  ASSERT_OK(Write(WriteSomethingOfEverything));
  const std::string instance = store().InstanceId();
  EXPECT_FALSE(instance.empty());
  harness().Reopen();
  EXPECT_EQ(store().InstanceId(), instance);
  EXPECT_THAT(Get([](StoreReader& r) { return r.ListChunks({}, 0, 0); }), SizeIs(1));
  EXPECT_EQ(Get([](StoreReader& r) { return r.CountChunks("run-1", At(0)); }).rows, 5u);
  EXPECT_THAT(harness().Query("SELECT ad_id, clicks FROM ads_daily"), ElementsAre(ElementsAre("1", "5")));
}

TEST_P(TransactionContract, ReadSeesOneStateBesideAWriter) {
  Insert({MakeChunk("run-1", "7001", Days(1, 1))});
  ASSERT_OK(store().Read([&](StoreReader& reader) -> absl::Status {
    EXPECT_THAT(*reader.ListChunks({}, 0, 0), SizeIs(1));
    EXPECT_OK(Write(
        [&](StoreTransaction& tx) { return tx.InsertChunks({MakeChunk("run-1", "7001", Days(2, 2))}).status(); }));
    EXPECT_THAT(*reader.ListChunks({}, 0, 0), SizeIs(1));
    return absl::OkStatus();
  }));
  EXPECT_THAT(Get([](StoreReader& r) { return r.ListChunks({}, 0, 0); }), SizeIs(2));
}

TEST_P(TransactionContract, ReadRunsWhileAWriteIsOpen) {
  ASSERT_OK(Write([&](StoreTransaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.InsertChunks({MakeChunk("run-1", "7001", Days(1, 1))}).status());
    std::thread reader([&] { EXPECT_THAT(Get([](StoreReader& r) { return r.ListChunks({}, 0, 0); }), IsEmpty()); });
    reader.join();
    return absl::OkStatus();
  }));
}

TEST_P(TransactionContract, ErrorsOfReadsComeBack) {
  EXPECT_EQ(store().Read([](StoreReader&) { return absl::NotFoundError("x"); }), absl::NotFoundError("x"));
}

// Writers of two threads move chunks on, each step from what it read itself; readers must never see a torn state.
TEST_P(TransactionContract, ConcurrentReadersAndWritersSeeWholeTransactions) {
  constexpr int kChunks = 20;
  std::vector<Chunk> chunks;
  for (int i = 0; i < kChunks; ++i) chunks.push_back(MakeChunk("run-1", std::to_string(i), Days(1, 1)));
  Insert(chunks);
  std::atomic<bool> stop = false;
  const auto write = [&] {
    for (int round = 0; round < 60; ++round) {
      EXPECT_OK(Write([](StoreTransaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(std::vector<Chunk> all, tx.ListChunks({}, 0, 0));
        for (Chunk& chunk : all) {
          ++chunk.calls;
          RETURN_IF_ERROR(tx.UpdateChunk(chunk));
        }
        return absl::OkStatus();
      }));
    }
  };
  const auto read = [&] {
    uint64_t last = 0;
    while (!stop) {
      EXPECT_OK(store().Read([&](StoreReader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(const ChunkCounts counts, reader.CountChunks("run-1", At(0)));
        ASSIGN_OR_RETURN(const std::vector<Chunk> all, reader.ListDispatchable(Dispatchable::kAll, At(0), At(0), 0));
        EXPECT_EQ(all.size(), static_cast<size_t>(kChunks));
        for (const Chunk& chunk : all) EXPECT_EQ(chunk.calls * kChunks, counts.calls);
        EXPECT_GE(counts.calls, last);
        last = counts.calls;
        return absl::OkStatus();
      }));
    }
  };
  std::vector<std::thread> readers, writers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  for (int i = 0; i < 2; ++i) writers.emplace_back(write);
  for (std::thread& thread : writers) thread.join();
  stop = true;
  for (std::thread& thread : readers) thread.join();
  EXPECT_EQ(Get([](StoreReader& r) { return r.CountChunks("run-1", At(0)); }).calls, 120u * kChunks);
}

}  // namespace
}  // namespace tikhaul
