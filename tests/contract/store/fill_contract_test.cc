// Filling single columns of rows that are there.
#include "common/base/civil.h"
#include "tests/contract/store/settle_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FillContract : public SettleFixture {
 protected:
  // Rows of the key and clicks: day of March 2026, ad, clicks; and what _raw keeps, where it is not "NULL".
  struct Row {
    int day;
    std::string ad, clicks, raw = "NULL";
  };

  static TableSchema Table(WriteMode mode = WriteMode::kMerge) {
    TableSchema table = DailyTable(mode);
    table.columns.push_back({"_raw", ColumnType::kJson});
    return table;
  }

  absl::StatusOr<FillCounts> Fill(const std::vector<Row>& rows, const Read& read = {},
                                  const TableSchema& table = Table()) {
    std::vector<std::vector<std::string>> cells;
    for (const Row& row : rows) cells.push_back({FormatDay(Day(row.day)), row.ad, row.clicks, row.raw});
    TextRowSource source(table, {"stat_time_day", "ad_id", "clicks", "_raw"}, cells);
    const SettleRequest settle = RequestFor(table, "stat_time_day", read);
    const FillRequest request{.table = table,
                              .scope = settle.scope,
                              .columns = {"clicks"},
                              .constants = settle.constants,
                              .not_after = absl::FromUnixSeconds(read.extracted_at)};
    absl::StatusOr<FillCounts> counts = absl::UnknownError("not called");
    const absl::Status status = Write([&](StoreTransaction& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.EnsureTable(Table()));
      counts = tx.FillRows(request, source);
      return counts.status();
    });
    if (!status.ok()) return status;
    return counts;
  }

  TextRows All() {
    return harness().Query(
        "SELECT substr(stat_time_day, 9), ad_id, clicks, spend, ad_name, _finality, _run_id, _raw FROM ads_daily ORDER "
        "BY stat_time_day, ad_id");
  }

  static constexpr int64_t kLater = 1'772'700'000;
};
INSTANTIATE_TEST_SUITE_P(Stores, FillContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(FillContract, WritesTheColumnAndNothingElse) {
  SettleDaily({{1, "a", "NULL", "1.50", "Ad A"}, {2, "a", "6", "2.50", "NULL"}}, {.finality = "settling"});
  const auto counts = Fill({{2, "a", "6"}, {1, "a", "5"}}, {.run = "run-2", .extracted_at = kLater});
  ASSERT_OK(counts.status());
  EXPECT_EQ(counts->rows, 2u);
  EXPECT_EQ(counts->distinct_keys, 2u);
  EXPECT_EQ(counts->updated, 1u);
  EXPECT_EQ(counts->unchanged, 1u);
  EXPECT_THAT(counts->other_days, IsEmpty());
  EXPECT_THAT(All(), ElementsAre(ElementsAre("01", "a", "5", "1.5", "Ad A", "settling", "run-1", "NULL"),
                                 ElementsAre("02", "a", "6", "2.5", "NULL", "settling", "run-1", "NULL")));
}

TEST_P(FillContract, RowsAreNeitherMadeNorRemovedAndTheirDaysAreNamed) {
  SettleDaily(
      {{1, "a", "NULL", "1", "x"}, {2, "a", "NULL", "1", "x"}, {2, "b", "NULL", "1", "x"}, {4, "a", "7", "1", "x"}},
      {});
  const auto counts =
      Fill({{1, "a", "1"}, {2, "a", "2"}, {3, "new", "3"}}, {.first = 1, .last = 3, .extracted_at = kLater});
  ASSERT_OK(counts.status());
  EXPECT_EQ(counts->updated, 2u);
  EXPECT_EQ(counts->distinct_keys, 3u);
  EXPECT_THAT(counts->other_days, ElementsAre(Day(2), Day(3))) << "b is gone, new is new; day 4 is not this chunk's";
  EXPECT_THAT(harness().Query("SELECT substr(stat_time_day, 9), ad_id, clicks FROM ads_daily ORDER BY 1, 2"),
              ElementsAre(ElementsAre("01", "a", "1"), ElementsAre("02", "a", "2"), ElementsAre("02", "b", "NULL"),
                          ElementsAre("04", "a", "7")));
}

TEST_P(FillContract, RowsReadLaterKeepTheirs) {
  SettleDaily({{1, "a", "9", "1", "x"}, {1, "b", "9", "1", "x"}}, {.extracted_at = kLater + 1});
  const auto counts = Fill({{1, "a", "1"}}, {.extracted_at = kLater});
  ASSERT_OK(counts.status());
  EXPECT_EQ(counts->unchanged, 1u);
  EXPECT_THAT(counts->other_days, IsEmpty()) << "b came with the later read";
  EXPECT_THAT(harness().Query("SELECT ad_id, clicks FROM ads_daily ORDER BY 1"),
              ElementsAre(ElementsAre("a", "9"), ElementsAre("b", "9")));
}

TEST_P(FillContract, OriginalsOfTheColumnReplaceThoseThatWereKept) {
  const TableSchema table = Table();
  TextRowSource source(table, {"stat_time_day", "ad_id", "clicks", "spend", "_raw"},
                       {{"2026-03-01", "a", "NULL", "1", R"({"spend":"1.0000000000000000001","clicks":"old"})"},
                        {"2026-03-01", "b", "NULL", "1", R"({"clicks":"old"})"},
                        {"2026-03-01", "c", "NULL", "1", "NULL"}});
  ASSERT_OK(Settle(RequestFor(table, "stat_time_day", {}), source).status());
  ASSERT_OK(
      Fill({{1, "a", "NULL", R"({"clicks":"<5"})"}, {1, "b", "3"}, {1, "c", "NULL", R"({"ad_id":1,"clicks":"?"})"}},
           {.extracted_at = kLater})
          .status());
  EXPECT_THAT(harness().Query("SELECT ad_id, clicks, _raw FROM ads_daily ORDER BY 1"),
              ElementsAre(ElementsAre("a", "NULL", R"({"spend":"1.0000000000000000001","clicks":"<5"})"),
                          ElementsAre("b", "3", "NULL"), ElementsAre("c", "NULL", R"({"clicks":"?"})")));
}

TEST_P(FillContract, OtherAdvertisersAreNotTouched) {
  SettleDaily({{1, "a", "NULL", "1", "x"}}, {.advertiser = "7001"});
  SettleDaily({{1, "a", "NULL", "1", "x"}}, {.advertiser = "7002"});
  ASSERT_OK(Fill({{1, "a", "1"}}, {.advertiser = "7002", .extracted_at = kLater}).status());
  EXPECT_THAT(harness().Query("SELECT advertiser_id, clicks FROM ads_daily ORDER BY 1"),
              ElementsAre(ElementsAre("7001", "NULL"), ElementsAre("7002", "1")));
}

TEST_P(FillContract, WhatDoesNotFitIsRefused) {
  SettleDaily({{1, "a", "1", "1", "x"}}, {});
  EXPECT_EQ(Fill({{1, "a", "1"}}, {}, Table(WriteMode::kAppend)).status().code(), absl::StatusCode::kInvalidArgument);
  TableSchema other = Table();
  for (TableColumn& column : other.columns) {
    if (column.name == "clicks") column.key = true;
  }
  EXPECT_EQ(Fill({{1, "a", "1"}}, {}, other).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tikhaul
