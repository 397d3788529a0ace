// Settling in merge mode: what is new, changed, the same, gone, twice.
#include "tests/contract/store/settle_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SettleContract : public SettleFixture {};
INSTANTIATE_TEST_SUITE_P(Stores, SettleContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(SettleContract, EmptyScopeTakesAllRows) {
  EXPECT_EQ(SettleDaily({{1, "a", "5", "1.50", "Ad A"}, {2, "a", "6", "2.50", "Ad A"}, {1, "b", "7", "3", "NULL"}}, {}),
            (SettleCounts{.rows = 3, .distinct_keys = 3, .inserted = 3}));
  EXPECT_THAT(DailyRows(), ElementsAre(ElementsAre("7001", "01", "a", "5", "Ad A", "run-1"),
                                       ElementsAre("7001", "01", "b", "7", "NULL", "run-1"),
                                       ElementsAre("7001", "02", "a", "6", "Ad A", "run-1")));
}

TEST_P(SettleContract, NoRowsInAnEmptyScopeIsFine) {
  EXPECT_EQ(SettleDaily({}, {}), SettleCounts{});
  EXPECT_THAT(DailyRows(), IsEmpty());
}

TEST_P(SettleContract, SecondReadWritesOnlyDifferences) {
  SettleDaily({{1, "a", "5", "1.50", "Ad A"}, {1, "b", "6", "1", "Ad B"}, {2, "c", "7", "1", "NULL"}}, {});
  Read again{.run = "run-2", .extracted_at = 1'772'700'000};
  EXPECT_EQ(
      SettleDaily({{1, "a", "5", "1.5000", "Ad A"}, {1, "b", "60", "1", "Ad B"}, {3, "d", "8", "1", "Ad D"}}, again),
      (SettleCounts{.rows = 3, .distinct_keys = 3, .inserted = 1, .updated = 1, .unchanged = 1, .removed = 1}));
  EXPECT_THAT(DailyRows(), ElementsAre(ElementsAre("7001", "01", "a", "5", "Ad A", "run-1"),
                                       ElementsAre("7001", "01", "b", "60", "Ad B", "run-2"),
                                       ElementsAre("7001", "03", "d", "8", "Ad D", "run-2")));
}

TEST_P(SettleContract, NullIsAValueOfItsOwn) {
  SettleDaily({{1, "a", "NULL", "1", "x"}, {1, "b", "0", "NULL", ""}, {1, "c", "1", "NULL", "NULL"}}, {});
  EXPECT_EQ(SettleDaily({{1, "a", "0", "1", "x"}, {1, "b", "0", "NULL", "NULL"}, {1, "c", "1", "NULL", "NULL"}}, {}),
            (SettleCounts{.rows = 3, .distinct_keys = 3, .updated = 2, .unchanged = 1}));
}

TEST_P(SettleContract, FinalityIsContent) {
  SettleDaily({{1, "a", "5", "1", "x"}}, {.finality = "provisional"});
  EXPECT_EQ(SettleDaily({{1, "a", "5", "1", "x"}}, {.finality = "final"}),
            (SettleCounts{.rows = 1, .distinct_keys = 1, .updated = 1}));
  EXPECT_THAT(harness().Query("SELECT _finality FROM ads_daily"), ElementsAre(ElementsAre("final")));
}

TEST_P(SettleContract, LaterRowOfADoubleKeyCounts) {
  EXPECT_EQ(
      SettleDaily({{1, "a", "1", "1", "x"}, {1, "b", "1", "1", "x"}, {1, "a", "2", "1", "x"}, {1, "a", "3", "1", "x"}},
                  {}),
      (SettleCounts{.rows = 4, .distinct_keys = 2, .inserted = 2}));
  // Compared with what is there: a stays as the later row says, b changes with its second row, c is new twice. Whether
  // a was updated, twice, or is unchanged, a store may say as it likes: such a read is not published.
  const SettleCounts counts = SettleDaily({{1, "a", "9", "1", "x"},
                                           {1, "a", "3", "1", "x"},
                                           {1, "b", "1", "1", "x"},
                                           {1, "b", "8", "1", "x"},
                                           {1, "c", "1", "1", "x"},
                                           {1, "c", "2", "1", "x"}},
                                          {});
  EXPECT_EQ(counts.updated + counts.unchanged, 2u);
  EXPECT_GE(counts.updated, 1u);
  EXPECT_EQ(
      counts,
      (SettleCounts{
          .rows = 6, .distinct_keys = 3, .inserted = 1, .updated = counts.updated, .unchanged = counts.unchanged}));
  EXPECT_THAT(harness().Query("SELECT ad_id, clicks FROM ads_daily ORDER BY ad_id"),
              ElementsAre(ElementsAre("a", "3"), ElementsAre("b", "8"), ElementsAre("c", "2")));
}

TEST_P(SettleContract, EqualRowTwiceIsUnchangedOnce) {
  SettleDaily({{1, "a", "1", "1", "x"}}, {});
  EXPECT_EQ(SettleDaily({{1, "a", "1", "1", "x"}, {1, "a", "1", "1", "x"}}, {.run = "run-2"}),
            (SettleCounts{.rows = 2, .distinct_keys = 1, .unchanged = 1}));
  EXPECT_THAT(DailyRows(), ElementsAre(ElementsAre("7001", "01", "a", "1", "x", "run-1")));
}

TEST_P(SettleContract, RowsOutsideTheScopeAreNotTouched) {
  SettleDaily({{1, "a", "1", "1", "x"}, {2, "a", "2", "1", "x"}, {3, "a", "3", "1", "x"}}, {.first = 1, .last = 3});
  SettleDaily({{2, "a", "9", "1", "x"}}, {.advertiser = "7002", .first = 1, .last = 3});
  EXPECT_EQ(SettleDaily({}, {.first = 2, .last = 2}), (SettleCounts{.removed = 1}));
  EXPECT_THAT(DailyRows(), ElementsAre(ElementsAre("7001", "01", "a", "1", "x", "run-1"),
                                       ElementsAre("7001", "03", "a", "3", "x", "run-1"),
                                       ElementsAre("7002", "02", "a", "9", "x", "run-1")));
}

TEST_P(SettleContract, RowOutsideItsOwnScopeReplacesTheOneThere) {
  SettleDaily({{5, "a", "1", "1", "x"}}, {.first = 5, .last = 5});
  EXPECT_EQ(SettleDaily({{5, "a", "2", "1", "x"}, {5, "a", "3", "1", "x"}}, {.first = 1, .last = 1, .run = "run-2"}),
            (SettleCounts{.rows = 2, .distinct_keys = 1, .updated = 1}));
  EXPECT_THAT(DailyRows(), ElementsAre(ElementsAre("7001", "05", "a", "3", "x", "run-2")));
}

TEST_P(SettleContract, KeyCellsWithoutAValueAreEmptyTexts) {
  EXPECT_EQ(SettleDaily({{1, "NULL", "1", "1", "x"}}, {}),
            (SettleCounts{.rows = 1, .distinct_keys = 1, .inserted = 1}));
  EXPECT_EQ(SettleDaily({{1, "NULL", "1", "1", "x"}, {1, "", "2", "1", "x"}}, {}),
            (SettleCounts{.rows = 2, .distinct_keys = 1, .updated = 1}));
  EXPECT_THAT(harness().Query("SELECT ad_id, clicks FROM ads_daily"), ElementsAre(ElementsAre("", "2")));
}

TEST_P(SettleContract, AddedColumnIsFilledAndDroppedOneKept) {
  SettleDaily({{1, "a", "5", "1", "x"}}, {});
  TableSchema table = DailyTable();
  table.columns[3] = {"reach", ColumnType::kInt64, false};  // instead of clicks
  TextRowSource rows(table, {"stat_time_day", "ad_id", "reach", "spend", "ad_name"},
                     {{"2026-03-01", "a", "40", "1", "x"}});
  SettleRequest request = RequestFor(table, "stat_time_day", {});
  request.constants.push_back(TextConstant("_finality", "final"));
  const absl::StatusOr<SettleCounts> counts = Settle(request, rows);
  ASSERT_OK(counts.status());
  EXPECT_EQ(*counts, (SettleCounts{.rows = 1, .distinct_keys = 1, .updated = 1}));
  EXPECT_THAT(harness().Query("SELECT clicks, reach FROM ads_daily"), ElementsAre(ElementsAre("5", "40")));
}

TEST_P(SettleContract, ConstantsFillTheirColumns) {
  SettleDaily({{1, "a", "5", "1", "x"}}, {.extracted_at = 1'772'600'000, .finality = "settling"});
  EXPECT_THAT(harness().Query("SELECT advertiser_id, _run_id, _extracted_at, _finality FROM ads_daily"),
              ElementsAre(ElementsAre("7001", "run-1", "2026-03-04T04:53:20Z", "settling")));
}

TEST_P(SettleContract, SchemaColumnsThatNothingBringsAreNull) {
  const TableSchema table = DailyTable();
  TextRowSource rows(table, {"stat_time_day", "ad_id"}, {{"2026-03-01", "a"}});
  ASSERT_OK(Settle(RequestFor(table, "stat_time_day", {}), rows).status());
  EXPECT_THAT(harness().Query("SELECT clicks, spend, ad_name, _finality FROM ads_daily"),
              ElementsAre(ElementsAre("NULL", "NULL", "NULL", "NULL")));
}

TEST_P(SettleContract, FailingSourceLeavesNothing) {
  const TableSchema table = DailyTable();
  TextRowSource rows(table, {"stat_time_day", "ad_id"}, {{"2026-03-01", "a"}, {"2026-03-02", "a"}});
  rows.FailAtEnd(absl::DataLossError("spool"));
  EXPECT_EQ(Settle(RequestFor(table, "stat_time_day", {}), rows).status(), absl::DataLossError("spool"));
  SettleDaily({}, {});
  EXPECT_THAT(DailyRows(), IsEmpty());
}

TEST_P(SettleContract, RowsThatDoNotFitTheTableAreRefused) {
  const auto refused = [&](const TableSchema& of_rows, std::vector<std::string> columns, std::vector<std::string> row,
                           const SettleRequest& request) {
    TextRowSource rows(of_rows, std::move(columns), {std::move(row)});
    return Settle(request, rows).status().code() == absl::StatusCode::kInvalidArgument;
  };
  const TableSchema table = DailyTable();
  const SettleRequest request = RequestFor(table, "stat_time_day", {});
  TableSchema wider = table;
  wider.columns.push_back({"reach", ColumnType::kInt64, false});
  EXPECT_TRUE(refused(wider, {"stat_time_day", "ad_id", "reach"}, {"2026-03-01", "a", "1"}, request));
  TableSchema other_type = table;
  other_type.columns[3].type = ColumnType::kDecimal;
  EXPECT_TRUE(refused(other_type, {"stat_time_day", "ad_id", "clicks"}, {"2026-03-01", "a", "1"}, request));
  EXPECT_TRUE(refused(table, {"stat_time_day", "ad_id", "_run_id"}, {"2026-03-01", "a", "r"}, request));
  EXPECT_TRUE(refused(table, {"stat_time_day", "ad_id"}, {"2026-03-01", "a"}, RequestFor(table, "ad_name", {})));
  EXPECT_TRUE(refused(table, {"stat_time_day", "ad_id"}, {"2026-03-01", "a"}, RequestFor(table, "no_such", {})));
}

}  // namespace
}  // namespace tikhaul
