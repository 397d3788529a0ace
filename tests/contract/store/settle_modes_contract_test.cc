// Settling of hours, entities, appended and replaced tables, and many rows at once.
#include "tests/contract/store/settle_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SettleModesContract : public SettleFixture {
 protected:
  // Rows of AdTable: ad_id, create_time, ad_name.
  absl::StatusOr<SettleCounts> SettleAds(const std::vector<std::vector<std::string>>& rows, const Read& read,
                                         Vanished vanished = Vanished::kMarkGone) {
    const TableSchema table = AdTable();
    TextRowSource source(table, {"ad_id", "create_time", "ad_name"}, rows);
    SettleRequest request = RequestFor(table, "create_time", read);
    request.vanished = vanished;
    return Settle(request, source);
  }
  TextRows Ads() { return harness().Query("SELECT ad_id, ad_name, _gone_at, _run_id FROM ads ORDER BY ad_id"); }
};
INSTANTIATE_TEST_SUITE_P(Stores, SettleModesContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(SettleModesContract, AppendKeepsTheRowsOfEveryRun) {
  EXPECT_EQ(
      SettleDaily({{1, "a", "5", "1", "x"}, {1, "a", "6", "1", "x"}, {2, "a", "1", "1", "x"}}, {}, WriteMode::kAppend),
      (SettleCounts{.rows = 3, .distinct_keys = 2, .inserted = 2}));
  EXPECT_EQ(SettleDaily({{2, "a", "1", "1", "x"}}, {.run = "run-2"}, WriteMode::kAppend),
            (SettleCounts{.rows = 1, .distinct_keys = 1, .inserted = 1}));
  EXPECT_THAT(DailyRows(), ElementsAre(ElementsAre("7001", "01", "a", "6", "x", "run-1"),
                                       ElementsAre("7001", "02", "a", "1", "x", "run-1"),
                                       ElementsAre("7001", "02", "a", "1", "x", "run-2")));
}

TEST_P(SettleModesContract, ReplaceHoldsTheLastReadOfEachAdvertiser) {
  const TableSchema table = DailyTable(WriteMode::kReplace);
  const auto settle = [&](const std::string& advertiser, const std::vector<std::vector<std::string>>& cells) {
    TextRowSource rows(table, {"stat_time_day", "ad_id"}, cells);
    SettleRequest request = RequestFor(table, "", {.advertiser = advertiser});
    request.vanished = Vanished::kKeep;  // replace removes all the same
    return Settle(request, rows).value_or(SettleCounts{});
  };
  settle("7001", {{"2026-03-01", "a"}, {"2026-03-02", "b"}});
  settle("7002", {{"2026-03-01", "z"}});
  EXPECT_EQ(settle("7001", {{"2026-03-02", "b"}, {"2026-03-09", "c"}}),
            (SettleCounts{.rows = 2, .distinct_keys = 2, .inserted = 1, .unchanged = 1, .removed = 1}));
  EXPECT_THAT(harness().Query("SELECT ad_id FROM ads_daily ORDER BY ad_id"),
              ElementsAre(ElementsAre("b"), ElementsAre("c"), ElementsAre("z")));
}

TEST_P(SettleModesContract, VanishedEntitiesAreMarkedGoneAndComeBack) {
  const std::vector<std::string> a = {"a", "2026-03-01 10:00:00", "Ad A"}, b = {"b", "2026-03-02 23:59:59", "Ad B"},
                                 c = {"c", "2026-03-03 00:00:00", "Ad C"};
  ASSERT_OK(SettleAds({a, b, c}, {}).status());
  // Only the days 1 and 2 are read again: c lies outside.
  const Read second{.first = 1, .last = 2, .run = "run-2", .extracted_at = 1'772'700'000};
  EXPECT_EQ(*SettleAds({a}, second), (SettleCounts{.rows = 1, .distinct_keys = 1, .unchanged = 1, .removed = 1}));
  EXPECT_THAT(Ads(), ElementsAre(ElementsAre("a", "Ad A", "NULL", "run-1"),
                                 ElementsAre("b", "Ad B", "2026-03-05T08:40:00Z", "run-1"),
                                 ElementsAre("c", "Ad C", "NULL", "run-1")));
  // Still gone: the first time counts.
  const Read third{.first = 1, .last = 2, .run = "run-3", .extracted_at = 1'772'800'000};
  EXPECT_EQ(*SettleAds({a}, third), (SettleCounts{.rows = 1, .distinct_keys = 1, .unchanged = 1}));
  EXPECT_EQ(*SettleAds({a, b}, third), (SettleCounts{.rows = 2, .distinct_keys = 2, .updated = 1, .unchanged = 1}));
  EXPECT_THAT(Ads(), ElementsAre(ElementsAre("a", "Ad A", "NULL", "run-1"), ElementsAre("b", "Ad B", "NULL", "run-3"),
                                 ElementsAre("c", "Ad C", "NULL", "run-1")));
}

// Objects with a picture whose address is another one at each read.
class HistoryContract : public SettleFixture {
 protected:
  HistoryContract() : table_(AdTable()) {
    table_.columns.push_back({"picture", ColumnType::kString, false, true});
    table_.history = true;
  }
  void SettleAt(int64_t extracted_at, const std::vector<std::vector<std::string>>& rows) {
    TextRowSource source(table_, {"ad_id", "create_time", "ad_name", "picture"}, rows);
    SettleRequest request = RequestFor(table_, "create_time", {.extracted_at = extracted_at});
    request.vanished = Vanished::kMarkGone;
    ASSERT_OK(Settle(request, source).status());
  }
  TextRows Versions() {
    return harness().Query(
        "SELECT ad_id, ad_name, substr(_valid_from, 12, 8), substr(_valid_to, 12, 8) "
        "FROM ads_history ORDER BY ad_id, _valid_from");
  }

  static constexpr int64_t kMonday = 1'772'600'000, kTuesday = kMonday + 3600, kWednesday = kTuesday + 3600;
  TableSchema table_;
};
INSTANTIATE_TEST_SUITE_P(Stores, HistoryContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(HistoryContract, EveryVersionHasItsTime) {
  const std::string made = "2026-03-01 10:00:00";
  SettleAt(kMonday, {{"a", made, "Ad A", "p1"}, {"b", made, "Ad B", "p1"}, {"c", made, "Ad C", "p1"}});
  SettleAt(kTuesday, {{"a", made, "Ad A", "p2"}, {"b", made, "New B", "p2"}});
  EXPECT_THAT(
      Versions(),
      ElementsAre(ElementsAre("a", "Ad A", "04:53:20", "NULL"), ElementsAre("b", "Ad B", "04:53:20", "05:53:20"),
                  ElementsAre("b", "New B", "05:53:20", "NULL"), ElementsAre("c", "Ad C", "04:53:20", "05:53:20")))
      << "a: only its picture's address is new; c: gone";
  SettleAt(kWednesday, {{"a", made, "Ad A", "p3"}, {"b", made, "New B", "p3"}, {"c", made, "Ad C", "p3"}});
  EXPECT_THAT(Versions(), testing::Contains(ElementsAre("c", "Ad C", "06:53:20", "NULL"))) << "it came back";
  EXPECT_EQ(Versions().size(), 5u);
}

TEST_P(HistoryContract, ANewAddressIsWrittenAndCountsAsUnchanged) {
  const std::string made = "2026-03-01 10:00:00";
  SettleAt(kMonday, {{"a", made, "Ad A", "p1"}});
  TextRowSource rows(table_, {"ad_id", "create_time", "ad_name", "picture"}, {{"a", made, "Ad A", "p2"}});
  EXPECT_EQ(*Settle(RequestFor(table_, "create_time", {.extracted_at = kTuesday}), rows),
            (SettleCounts{.rows = 1, .distinct_keys = 1, .unchanged = 1}));
  EXPECT_THAT(harness().Query("SELECT picture FROM ads"), ElementsAre(ElementsAre("p2")));
  EXPECT_EQ(Versions().size(), 1u);
}

TEST_P(HistoryContract, BeginsWithTheRowsThatAreThereAndRests) {
  const std::string made = "2026-03-01 10:00:00";
  table_.history = false;
  SettleAt(kMonday, {{"a", made, "Ad A", "p1"}});
  table_.history = true;
  SettleAt(kTuesday, {{"a", made, "New A", "p1"}});
  EXPECT_THAT(Versions(), ElementsAre(ElementsAre("a", "Ad A", "04:53:20", "05:53:20"),
                                      ElementsAre("a", "New A", "05:53:20", "NULL")));
  table_.history = false;
  SettleAt(kWednesday, {{"a", made, "Newer A", "p1"}});
  EXPECT_EQ(Versions().size(), 2u) << "it is not kept now";
  table_.history = true;
  SettleAt(kWednesday + 3600, {{"a", made, "Newest A", "p1"}});
  EXPECT_THAT(Versions(), ElementsAre(ElementsAre("a", "Ad A", "04:53:20", "05:53:20"),
                                      ElementsAre("a", "New A", "05:53:20", "06:53:20"),
                                      ElementsAre("a", "Newer A", "06:53:20", "07:53:20"),
                                      ElementsAre("a", "Newest A", "07:53:20", "NULL")));
}

TEST_P(HistoryContract, IsForTablesThatAreMergedAndMarked) {
  TableSchema table = DailyTable();
  table.history = true;
  EXPECT_TRUE(absl::IsInvalidArgument(Write([&](StoreTransaction& tx) { return tx.EnsureTable(table); })));
}

TEST_P(SettleModesContract, VanishedRowsMayBeKept) {
  ASSERT_OK(SettleAds({{"a", "2026-03-01 10:00:00", "Ad A"}}, {}).status());
  EXPECT_EQ(*SettleAds({}, {}, Vanished::kKeep), SettleCounts{});
  EXPECT_THAT(Ads(), ElementsAre(ElementsAre("a", "Ad A", "NULL", "run-1")));
}

TEST_P(SettleModesContract, MarkingGoneNeedsItsColumn) {
  const TableSchema table = DailyTable();
  TextRowSource rows(table, {"stat_time_day", "ad_id"}, {});
  SettleRequest request = RequestFor(table, "stat_time_day", {});
  request.vanished = Vanished::kMarkGone;
  EXPECT_EQ(Settle(request, rows).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(SettleModesContract, HoursBelongToTheirLocalDay) {
  TableSchema table = DailyTable();
  table.columns[0] = {"stat_time_hour", ColumnType::kLocalHour, true};
  const auto settle = [&](int first, int last, const std::vector<std::vector<std::string>>& cells) {
    TextRowSource rows(table, {"stat_time_hour", "ad_id"}, cells);
    return *Settle(RequestFor(table, "stat_time_hour", {.first = first, .last = last}), rows);
  };
  settle(1, 3,
         {{"2026-03-01 23:00:00", "a"},
          {"2026-03-02 00:00:00", "a"},
          {"2026-03-02 23:00:00", "a"},
          {"2026-03-03 00:00:00", "a"}});
  EXPECT_EQ(settle(2, 2, {}), (SettleCounts{.removed = 2}));
  EXPECT_THAT(harness().Query("SELECT stat_time_hour FROM ads_daily ORDER BY 1"),
              ElementsAre(ElementsAre("2026-03-01 23:00:00"), ElementsAre("2026-03-03 00:00:00")));
}

TEST_P(SettleModesContract, ThousandsOfRowsAreComparedRight) {
  const auto rows_of = [](int from, int to, int changed_every) {
    std::vector<Daily> rows;
    for (int i = from; i < to; ++i) {
      rows.push_back({1 + i % 28, std::to_string(i * 7919 % 100'003), std::to_string(i % changed_every == 0 ? -i : i),
                      std::to_string(i) + ".25", "ad " + std::to_string(i)});
    }
    return rows;
  };
  EXPECT_EQ(SettleDaily(rows_of(0, 6000, 1'000'000), {}),
            (SettleCounts{.rows = 6000, .distinct_keys = 6000, .inserted = 6000}));
  // 1000 are no longer there, 5000 stay of which every tenth changes, 500 are new.
  EXPECT_EQ(
      SettleDaily(rows_of(1000, 6500, 10), {.run = "run-2"}),
      (SettleCounts{
          .rows = 5500, .distinct_keys = 5500, .inserted = 500, .updated = 500, .unchanged = 4500, .removed = 1000}));
  EXPECT_THAT(harness().Query("SELECT count(*), sum(clicks < 0), sum(_run_id = 'run-2') FROM ads_daily"),
              ElementsAre(ElementsAre("5500", "550", "1000")));
}

}  // namespace
}  // namespace tikhaul
