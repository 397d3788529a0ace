// Ledger, coverage, cursors.
#include "tests/contract/store/store_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ProofContract : public StoreContract {
 protected:
  static LedgerEntry Entry(ChunkId chunk, Window window, absl::Time committed) {
    LedgerEntry entry;
    entry.chunk = chunk;
    entry.run_id = "run-1";
    entry.extract = "ads_daily";
    entry.advertiser = "7001";
    entry.window = window;
    entry.committed = committed;
    return entry;
  }
  void Add(const LedgerEntry& entry) {
    ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.AddLedger(entry); }));
  }
  static LedgerFilter WithFills() {
    LedgerFilter filter;
    filter.fills_too = true;
    return filter;
  }
  std::vector<ChunkId> Ledger(const LedgerFilter& filter, size_t offset = 0, size_t limit = 0) {
    std::vector<ChunkId> chunks;
    for (const LedgerEntry& entry : Get([&](StoreReader& r) { return r.ListLedger(filter, offset, limit); })) {
      chunks.push_back(entry.chunk);
    }
    return chunks;
  }
  std::optional<double> RowsPerDay() {
    return Get([](StoreReader& r) { return r.RowsPerDay("ads_daily", "7001"); });
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, ProofContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(ProofContract, LedgerEntryComesBackWhole) {
  LedgerEntry entry = Entry(5, Days(1, 10), At(0));
  entry.epoch = 3;
  entry.promised_rows = 100;
  entry.rows = 101;
  entry.distinct_keys = 100;
  entry.pages = 2;
  entry.calls = 4;
  entry.digest = 0xfedcba9876543210u;
  entry.request_ids = {"2026A", "2026B"};
  entry.attempts = 2;
  entry.worker = "worker-a";
  entry.road = Road::kTask;
  entry.finality = Finality::kSettling;
  entry.claimed = At(-60);
  entry.inserted = 1;
  entry.updated = 2;
  entry.removed = 3;
  entry.unchanged = 94;
  entry.by_probe = true;
  entry.only_metrics = "clicks,ctr";
  Add(entry);
  const std::vector<LedgerEntry> ledger = Get([](StoreReader& r) { return r.ListLedger(WithFills(), 0, 0); });
  ASSERT_EQ(ledger.size(), 1u);
  const LedgerEntry& stored = ledger[0];
  EXPECT_EQ(stored.chunk, 5);
  EXPECT_EQ(stored.run_id, "run-1");
  EXPECT_EQ(stored.only_metrics, "clicks,ctr");
  EXPECT_EQ(stored.extract, "ads_daily");
  EXPECT_EQ(stored.advertiser, "7001");
  EXPECT_EQ(stored.window, entry.window);
  EXPECT_EQ(stored.epoch, 3u);
  EXPECT_EQ(stored.claimed, At(-60));
  EXPECT_EQ(stored.promised_rows, 100u);
  EXPECT_EQ(stored.rows, 101u);
  EXPECT_EQ(stored.distinct_keys, 100u);
  EXPECT_EQ(stored.pages, 2u);
  EXPECT_EQ(stored.calls, 4u);
  EXPECT_EQ(stored.digest, 0xfedcba9876543210u);
  EXPECT_THAT(stored.request_ids, ElementsAre("2026A", "2026B"));
  EXPECT_EQ(stored.attempts, 2);
  EXPECT_EQ(stored.worker, "worker-a");
  EXPECT_EQ(stored.road, Road::kTask);
  EXPECT_EQ(stored.finality, Finality::kSettling);
  EXPECT_EQ(stored.committed, At(0));
  EXPECT_EQ(stored.inserted, 1u);
  EXPECT_EQ(stored.updated, 2u);
  EXPECT_EQ(stored.removed, 3u);
  EXPECT_EQ(stored.unchanged, 94u);
  EXPECT_TRUE(stored.by_probe);
}

TEST_P(ProofContract, LedgerIsListedByNewestWindowThenCommit) {
  Add(Entry(1, Days(1, 10), At(0)));
  Add(Entry(2, Days(11, 20), At(1)));
  Add(Entry(3, Days(11, 20), At(5)));
  Add(Entry(4, Days(11, 20), At(5)));
  Add(Entry(5, Days(21, 30), At(2)));
  EXPECT_THAT(Ledger({}), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(Ledger({}, 1, 2), ElementsAre(4, 3));
  EXPECT_THAT(Ledger({}, 4, 2), ElementsAre(1));
  EXPECT_THAT(Ledger({}, 5, 2), IsEmpty());
}

TEST_P(ProofContract, LedgerFilterTakesOverlappingWindows) {
  Add(Entry(1, Days(1, 10), At(0)));
  Add(Entry(2, Days(11, 20), At(1)));
  LedgerEntry other = Entry(3, Days(1, 31), At(2));
  other.advertiser = "7002";
  Add(other);
  Add(Entry(4, Window{}, At(3)));
  LedgerFilter filter;
  filter.extract = "ads_daily";
  filter.advertiser = "7001";
  EXPECT_THAT(Ledger(filter), ElementsAre(2, 1, 4));
  filter.first_day = filter.last_day = Day(10);
  EXPECT_THAT(Ledger(filter), ElementsAre(1, 4));
  filter.last_day = Day(11);
  EXPECT_THAT(Ledger(filter), ElementsAre(2, 1, 4));
  filter.first_day = filter.last_day = Day(21);
  EXPECT_THAT(Ledger(filter), ElementsAre(4));
  filter.advertiser.clear();
  EXPECT_THAT(Ledger(filter), ElementsAre(3, 4));
  filter.extract = "audience";
  EXPECT_THAT(Ledger(filter), IsEmpty());
}

TEST_P(ProofContract, RowsPerDayIsTheAverageOfTheNewestEntries) {
  EXPECT_EQ(RowsPerDay(), std::nullopt);
  LedgerEntry entry = Entry(1, Days(1, 10), At(0));
  entry.promised_rows = 100;
  Add(entry);
  EXPECT_DOUBLE_EQ(RowsPerDay().value(), 10);
  entry.window = Days(11, 15);
  entry.promised_rows = 0;
  entry.rows = 200;
  Add(entry);
  EXPECT_DOUBLE_EQ(RowsPerDay().value(), 20);
  entry.window = Days(1, 1);
  entry.rows = 7;
  for (int i = 0; i < 50; ++i) Add(entry);
  EXPECT_DOUBLE_EQ(RowsPerDay().value(), 7);
}

TEST_P(ProofContract, FillsAreListedAndCountedOnlyWhereTheyAreAskedFor) {
  LedgerEntry entry = Entry(1, Days(1, 10), At(0));
  entry.promised_rows = 100;
  Add(entry);
  entry = Entry(2, Days(1, 10), At(5));
  entry.promised_rows = 300;
  entry.only_metrics = "clicks";
  Add(entry);
  EXPECT_THAT(Ledger({}), ElementsAre(1));
  EXPECT_THAT(Ledger(WithFills()), ElementsAre(2, 1));
  EXPECT_DOUBLE_EQ(RowsPerDay().value(), 10);
}

TEST_P(ProofContract, WhatNoChunkReadIsToldApart) {
  LedgerEntry entry = Entry(1, Days(1, 10), At(0));
  entry.promised_rows = 100;
  Add(entry);
  entry = Entry(0, Days(11, 20), At(1));
  entry.by_probe = true;
  Add(entry);
  LedgerFilter filter;
  filter.only_by_probe = true;
  EXPECT_THAT(Ledger(filter), ElementsAre(0));
  EXPECT_DOUBLE_EQ(RowsPerDay().value(), 10) << "idle days say nothing of the others";
}

TEST_P(ProofContract, ActivityIsReplacedByAdvertiser) {
  const auto activity = [&](const std::string& advertiser) {
    return Get([&](StoreReader& r) { return r.ListActivity(advertiser); });
  };
  EXPECT_THAT(activity("7001"), IsEmpty());
  const std::vector<ActivitySpan> spans = {
      {.first = Day(1), .last = Day(9), .active = false, .exact = false, .asked = At(5), .request_id = "2026A"},
      {.first = Day(10), .last = Day(12), .active = true, .exact = true, .asked = At(6), .request_id = "2026B"}};
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.PutActivity("7001", spans); }));
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.PutActivity("7002", {spans[1]}); }));
  EXPECT_EQ(activity("7001"), spans);
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.PutActivity("7001", {spans[0]}); }));
  EXPECT_THAT(activity("7001"), ElementsAre(spans[0]));
  EXPECT_THAT(activity("7002"), ElementsAre(spans[1]));
}

TEST_P(ProofContract, RowsPerDayOfWholeReadsIsRowsPerRead) {
  LedgerEntry entry = Entry(1, Window{}, At(0));
  entry.promised_rows = 120;
  Add(entry);
  entry.promised_rows = 130;
  Add(entry);
  EXPECT_DOUBLE_EQ(RowsPerDay().value(), 125);
}

TEST_P(ProofContract, CoverageIsReplacedPerPair) {
  const auto put = [&](const std::string& advertiser, const std::vector<Coverage>& coverage) {
    return Write([&](StoreTransaction& tx) { return tx.PutCoverage("ads_daily", advertiser, coverage); });
  };
  const auto list = [&](const std::string& advertiser) {
    return Get([&](StoreReader& r) { return r.ListCoverage("ads_daily", advertiser); });
  };
  ASSERT_OK(put("7001", {{Day(20), Day(25)}, {Day(1), Day(10)}}));
  ASSERT_OK(put("7002", {{Day(1), Day(2)}}));
  EXPECT_THAT(list("7001"), ElementsAre(Coverage{Day(1), Day(10)}, Coverage{Day(20), Day(25)}));
  const auto within = [&](int first, int last) {
    return Get([&](StoreReader& r) { return r.ListCoverageWithin("ads_daily", "7001", Day(first), Day(last)); });
  };
  EXPECT_THAT(within(5, 22), ElementsAre(Coverage{Day(5), Day(10)}, Coverage{Day(20), Day(22)}));
  EXPECT_THAT(within(10, 20), ElementsAre(Coverage{Day(10), Day(10)}, Coverage{Day(20), Day(20)}));
  EXPECT_THAT(within(11, 19), IsEmpty());
  EXPECT_THAT(within(2, 3), ElementsAre(Coverage{Day(2), Day(3)}));
  ASSERT_OK(put("7001", {{Day(1), Day(25)}}));
  EXPECT_THAT(list("7001"), ElementsAre(Coverage{Day(1), Day(25)}));
  EXPECT_THAT(list("7002"), ElementsAre(Coverage{Day(1), Day(2)}));
  ASSERT_OK(put("7001", {}));
  EXPECT_THAT(list("7001"), IsEmpty());
}

TEST_P(ProofContract, CursorIsKeptPerPair) {
  Cursor cursor;
  cursor.extract = "ads_daily";
  cursor.advertiser = "7002";
  cursor.first_day = Day(1);
  cursor.updated = At(0);
  const auto put = [&] { return Write([&](StoreTransaction& tx) { return tx.PutCursor(cursor); }); };
  ASSERT_OK(put());
  std::optional<Cursor> stored = Get([](StoreReader& r) { return r.GetCursor("ads_daily", "7002"); });
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->first_day, Day(1));
  EXPECT_FALSE(stored->through.has_value());
  EXPECT_FALSE(stored->cursor.has_value());
  EXPECT_EQ(stored->updated, At(0));
  cursor.through = Day(20);
  cursor.cursor = Day(18);
  ASSERT_OK(put());
  stored = Get([](StoreReader& r) { return r.GetCursor("ads_daily", "7002"); });
  EXPECT_EQ(stored->through, Day(20));
  EXPECT_EQ(stored->cursor, Day(18));
  EXPECT_FALSE(Get([](StoreReader& r) { return r.GetCursor("ads_daily", "7001"); }).has_value());
  cursor.advertiser = "7001";
  ASSERT_OK(put());
  cursor.extract = "audience";
  ASSERT_OK(put());
  const auto list = [&](const std::string& extract) {
    std::vector<std::string> names;
    for (const Cursor& c : Get([&](StoreReader& r) { return r.ListCursors(extract); })) {
      names.push_back(c.extract + "/" + c.advertiser);
    }
    return names;
  };
  EXPECT_THAT(list(""), ElementsAre("ads_daily/7001", "ads_daily/7002", "audience/7001"));
  EXPECT_THAT(list("audience"), ElementsAre("audience/7001"));
}

}  // namespace
}  // namespace tikhaul
