// Making and widening row tables.
#include "tests/contract/store/row_maker.h"
#include "tests/contract/store/store_fixture.h"

namespace tikhaul {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class TableContract : public StoreContract {
 protected:
  absl::Status Ensure(const TableSchema& table) {
    return Write([&](StoreTransaction& tx) { return tx.EnsureTable(table); });
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, TableContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(TableContract, MadeOnceThenLeftAlone) {
  EXPECT_OK(Ensure(DailyTable()));
  EXPECT_OK(Ensure(DailyTable()));
  EXPECT_THAT(harness().Query("SELECT count(*) FROM ads_daily"), ElementsAre(ElementsAre("0")));
}

TEST_P(TableContract, MissingColumnsAreAddedAndOldOnesStay) {
  TableSchema table = DailyTable();
  ASSERT_OK(Ensure(table));
  harness().Execute(
      "INSERT INTO ads_daily (advertiser_id, stat_time_day, ad_id, clicks) VALUES ('7', '2026-03-01', '1', 5)");
  table.columns.erase(table.columns.begin() + 3);  // clicks is no longer asked for
  table.columns.insert(table.columns.begin() + 3, {"reach", ColumnType::kInt64, false});
  ASSERT_OK(Ensure(table));
  EXPECT_THAT(harness().Query("SELECT clicks, reach FROM ads_daily"), ElementsAre(ElementsAre("5", "NULL")));
}

TEST_P(TableContract, AnotherTypeIsRefusedWithTheMend) {
  ASSERT_OK(Ensure(DailyTable()));
  TableSchema table = DailyTable();
  table.columns[3].type = ColumnType::kDecimal;
  const absl::Status status = Ensure(table);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("ads_daily"), HasSubstr("clicks"), HasSubstr("another table name")));
}

TEST_P(TableContract, AnotherKeyIsRefusedWithTheMend) {
  ASSERT_OK(Ensure(DailyTable()));
  TableSchema more = DailyTable();
  more.columns[3].key = true;
  const absl::Status status = Ensure(more);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("ads_daily"), HasSubstr("clicks"), HasSubstr("another table name")));
  EXPECT_EQ(Ensure(DailyTable(WriteMode::kAppend)).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(TableContract, TableOfSomebodyElseIsRefused) {
  harness().Execute("CREATE TABLE ads_daily (id INTEGER PRIMARY KEY)");
  const absl::Status status = Ensure(DailyTable());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("ads_daily"), HasSubstr("another table name")));
}

TEST_P(TableContract, InternalNamesAreRefused) {
  TableSchema table = DailyTable();
  table.name = "tikhaul_chunk";
  EXPECT_EQ(Ensure(table).code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(TableContract, ColumnsThatDifferOnlyInCaseAreRefused) {
  TableSchema table = DailyTable();
  table.columns.push_back({"Clicks", ColumnType::kInt64, false});
  EXPECT_EQ(Ensure(table).code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(TableContract, AnyNameIsQuoted) {
  TableSchema table = DailyTable();
  table.name = "my \"select\"; DROP TABLE x --";
  table.columns.push_back({"order \"by\"", ColumnType::kInt64, false});
  ASSERT_OK(Ensure(table));
  TextRowSource rows(table, {"stat_time_day", "ad_id", "order \"by\""}, {{"2026-03-01", "1", "8"}});
  const SettleRequest request{
      .table = table,
      .scope = {.advertiser = "7", .day_column = "stat_time_day", .first = Day(1), .last = Day(1)},
      .constants = {TextConstant("advertiser_id", "7")}};
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.SettleRows(request, rows).status(); }));
  EXPECT_THAT(harness().Query("SELECT \"order \"\"by\"\"\" FROM \"my \"\"select\"\"; DROP TABLE x --\""),
              ElementsAre(ElementsAre("8")));
}

}  // namespace
}  // namespace tikhaul
