// What people find in row tables: types, texts, sums (docs: the form in which SQLite holds each column type).
#include <cstdlib>

#include "common/base/decimal.h"
#include "common/base/status_macros.h"
#include "coordinator/store/sqlite/row_encoder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/store/row_maker.h"
#include "tests/contract/store/sqlite_harness.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;

TableSchema AllTypes() {
  return {.name = "all_types",
          .mode = WriteMode::kMerge,
          .columns = {{"advertiser_id", ColumnType::kString, true},
                      {"id", ColumnType::kInt64, true},
                      {"money", ColumnType::kDecimal, false},
                      {"label", ColumnType::kString, false},
                      {"day", ColumnType::kDate, false},
                      {"instant", ColumnType::kTimestamp, false},
                      {"hour", ColumnType::kLocalHour, false},
                      {"tree", ColumnType::kJson, false},
                      {"flag", ColumnType::kBool, false}}};
}

const std::vector<std::string> kColumns = {"id", "money", "label", "day", "instant", "hour", "tree", "flag"};

absl::StatusOr<SettleCounts> Settle(Store& store, const std::vector<std::vector<std::string>>& cells) {
  const TableSchema table = AllTypes();
  TextRowSource rows(table, kColumns, cells);
  absl::StatusOr<SettleCounts> counts = absl::UnknownError("not called");
  const SettleRequest request{
      .table = table, .scope = WholeScope("7001"), .constants = {TextConstant("advertiser_id", "7001")}};
  EXPECT_TRUE(store
                  .Write([&](StoreTransaction& tx) -> absl::Status {
                    RETURN_IF_ERROR(tx.EnsureTable(table));
                    counts = tx.SettleRows(request, rows);
                    return counts.status();
                  })
                  .ok());
  return counts;
}

const std::vector<std::string> kRow = {
    "1", "20.05", "caf\xc3\xa9", "2026-03-01", "2026-03-01 05:06:07", "2026-03-01 23:00:00", "{\"a\":[1]}", "1"};

TEST(SqliteStorageFormTest, EachTypeHasItsForm) {
  SqliteHarness harness;
  ASSERT_TRUE(Settle(harness.store(), {kRow}).ok());
  EXPECT_THAT(harness.Query("SELECT money, label, day, instant, hour, tree, flag FROM all_types"),
              ElementsAre(ElementsAre("20.05", "caf\xc3\xa9", "2026-03-01", "2026-03-01T05:06:07Z",
                                      "2026-03-01 23:00:00", "{\"a\":[1]}", "1")));
  EXPECT_THAT(harness.Query("SELECT typeof(money), typeof(label), typeof(day), typeof(instant), typeof(hour), "
                            "typeof(tree), typeof(flag), typeof(id) FROM all_types"),
              ElementsAre(ElementsAre("real", "text", "text", "text", "text", "text", "integer", "integer")));
}

TEST(SqliteStorageFormTest, EachTypeIsRecognisedWhenReadAgain) {
  SqliteHarness harness;
  std::vector<std::string> empty(kColumns.size(), "NULL"), round = kRow;
  empty[0] = "2";
  round[0] = "3";
  round[1] = "-5.00";  // SQLite keeps whole reals as integers inside
  ASSERT_TRUE(Settle(harness.store(), {kRow, empty, round}).ok());
  const absl::StatusOr<SettleCounts> again = Settle(harness.store(), {round, empty, kRow});
  EXPECT_EQ(again->unchanged, 3u);
  EXPECT_EQ(again->updated + again->inserted + again->removed, 0u);
}

TEST(SqliteStorageFormTest, MoneyComparesAndSums) {
  SqliteHarness harness;
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < 100; ++i) {
    rows.push_back(kRow);
    rows.back()[0] = std::to_string(i);
    rows.back()[1] = i % 2 == 0 ? "0.10" : "20.05";
  }
  ASSERT_TRUE(Settle(harness.store(), rows).ok());
  EXPECT_THAT(harness.Query("SELECT round(sum(money), 2), sum(money > 10), sum(money = 20.05), sum(money = 0.1) "
                            "FROM all_types"),
              ElementsAre(ElementsAre("1007.5", "50", "50", "50")));
}

TEST(SqliteStorageFormTest, DecimalsBecomeTheNearestDouble) {
  for (const char* text : {"0.1", "-0.1", "20.05", "123456789.123456", "0.000000000000000001", "9007199254740991",
                           "9007199254740993", "9223372036854775807", "-92233720368547758.07", "4503599627370497.5",
                           "0.300000000000000004", "1234567890.12345678"}) {
    EXPECT_EQ(NearestDouble(*ParseDecimal(text)), std::strtod(text, nullptr)) << text;
  }
}

TEST(SqliteStorageFormTest, ExtremesSurvive) {
  SqliteHarness harness;
  std::vector<std::string> row = kRow;
  row[0] = "9223372036854775807";
  row[2] = std::string("a\0b", 3);
  row[3] = "0001-01-01";
  row[4] = "9999-12-31 23:59:59";
  ASSERT_TRUE(Settle(harness.store(), {row}).ok());
  EXPECT_THAT(harness.Query("SELECT id, hex(label), day, instant FROM all_types"),
              ElementsAre(ElementsAre("9223372036854775807", "610062", "0001-01-01", "9999-12-31T23:59:59Z")));
  EXPECT_EQ(Settle(harness.store(), {row})->unchanged, 1u);
}

TEST(SqliteStorageFormTest, RowsLieInTheOrderOfTheirKey) {
  SqliteHarness harness;
  const TableSchema table = DailyTable();
  ASSERT_TRUE(harness.store().Write([&](StoreTransaction& tx) { return tx.EnsureTable(table); }).ok());
  EXPECT_THAT(harness.Query("SELECT name FROM pragma_table_info('ads_daily') WHERE pk > 0 ORDER BY pk"),
              ElementsAre(ElementsAre("advertiser_id"), ElementsAre("stat_time_day"), ElementsAre("ad_id")));
  // A scope is a range of that key, not a scan of the table.
  const TextRows plan = harness.Query(
      "EXPLAIN QUERY PLAN SELECT clicks FROM ads_daily WHERE advertiser_id = '7' AND stat_time_day BETWEEN "
      "'2026-01-01' AND "
      "'2026-01-02'");
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_THAT(plan[0].back(), testing::HasSubstr("SEARCH ads_daily USING PRIMARY KEY"));
}

}  // namespace
}  // namespace tikhaul
