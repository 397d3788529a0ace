#include "coordinator/ingest/stamped_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "coordinator/spool/spool.h"
#include "tests/unit/coordinator/coordinator_test_util.h"

namespace tikhaul {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr char kHourly[] =
    "  - {name: ads_hourly, stream: basic_report, level: ad, dimensions: [stat_time_hour], metrics: [spend]}\n";
constexpr char kNoTime[] =
    "  - {name: totals, stream: basic_report, level: ad, dimensions: [country_code], metrics: [spend]}\n";
constexpr char kCampaigns[] = "  - {name: campaigns, stream: campaigns}\n";

// The spool's batches under a name for their column.
class NamedRows : public RowSource {
 public:
  NamedRows(std::string column, const ChunkSpool& spool) : columns_({std::move(column)}), reader_(spool.Read()) {}
  const std::vector<std::string>& columns() const override { return columns_; }
  absl::StatusOr<const RowBatch*> Next() override { return reader_.Next(); }

 private:
  const std::vector<std::string> columns_;
  ChunkSpool::Reader reader_;
};

// Rows of one column, the day or hour, spooled.
class StampedRowsTest : public testing::Test {
 protected:
  void Prepare(absl::string_view extracts, Window window, absl::string_view zone = "America/Los_Angeles") {
    store_ = std::make_unique<StoreWithExtracts>(extracts);
    input_.extract = &store_->registry.all()[0];
    input_.chunk.run_id = "bf-1";
    input_.chunk.advertiser = kAdvertiserId;
    input_.chunk.window = window;
    input_.advertiser = AdvertiserIn(zone);
    input_.zone = LoadZone(zone).value();
    input_.read_at = Utc("2026-03-10 13:00:00");
    input_.extracted_at = Utc("2026-03-10 13:05:00");
    pool_ =
        SpoolPool::Open({.directory = folder_.Path("spool"), .memory_bytes = 1 << 20, .disk_bytes = 1 << 20}).value();
    spool_ = pool_->NewSpool();
  }

  void Spool(ColumnType type, const std::vector<int64_t>& numbers) {
    Column column(type);
    for (const int64_t number : numbers) column.AppendNumber(number);
    RowBatch batch;
    batch.rows = numbers.size();
    batch.columns.push_back(std::move(column));
    ASSERT_OK(spool_->Append(std::move(batch)));
  }

  std::map<std::string, std::string> Constants(const std::vector<std::string>& batch_columns) {
    std::map<std::string, std::string> cells;
    for (const ConstantCell& cell : ConstantCells(input_, batch_columns)) {
      cells[cell.column] = cell.text.has_value()     ? *cell.text
                           : cell.number.has_value() ? absl::StrCat(*cell.number)
                                                     : "null";
    }
    return cells;
  }

  ScratchFolder folder_;
  std::unique_ptr<StoreWithExtracts> store_;
  std::unique_ptr<SpoolPool> pool_;
  std::unique_ptr<ChunkSpool> spool_;
  StampInput input_;
};

TEST_F(StampedRowsTest, DayRowsGetTheFinalityOfTheirDay) {
  Prepare(kAdsDaily, Days("2026-01-01", "2026-03-10"));
  // Read on 10 March 13:00 UTC: the day goes on; 8 March is repaired and may still change; 1 January is final.
  Spool(ColumnType::kDate, {DayNumber(Day("2026-03-10")), DayNumber(Day("2026-03-08")), DayNumber(Day("2026-01-01"))});
  NamedRows spooled("stat_time_day", *spool_);
  StampedRows rows(input_, spooled);
  EXPECT_THAT(rows.columns(), ElementsAre("stat_time_day", "_finality"));
  const RowBatch* const batch = rows.Next().value();
  ASSERT_NE(batch, nullptr);
  ASSERT_EQ(batch->columns.size(), 2u);
  EXPECT_EQ(batch->columns[1].Text(0), "provisional");
  EXPECT_EQ(batch->columns[1].Text(1), "settling");
  EXPECT_EQ(batch->columns[1].Text(2), "final");
  EXPECT_EQ(rows.Next().value(), nullptr);
}

TEST_F(StampedRowsTest, HourRowsAlsoGetTheInstant) {
  Prepare(kHourly, Days("2026-03-08", "2026-03-08"));
  const auto hour = [](absl::string_view text) { return SecondNumber(ParseCivilSecond(text).value()); };
  // On 8 March clocks in Los Angeles go from UTC-8 to UTC-7 at 02:00.
  Spool(ColumnType::kLocalHour, {hour("2026-03-08 01:00:00"), hour("2026-03-08 03:00:00")});
  NamedRows spooled("stat_time_hour", *spool_);
  StampedRows rows(input_, spooled);
  EXPECT_THAT(rows.columns(), ElementsAre("stat_time_hour", "_finality", "_utc_start"));
  const RowBatch* const batch = rows.Next().value();
  EXPECT_EQ(FormatInstant(absl::FromUnixSeconds(batch->columns[2].Number(0))), "2026-03-08T09:00:00Z");
  EXPECT_EQ(FormatInstant(absl::FromUnixSeconds(batch->columns[2].Number(1))), "2026-03-08T10:00:00Z");
}

TEST_F(StampedRowsTest, TheRepeatedHourIsItsFirstOccurrence) {
  Prepare(kHourly, Days("2025-11-02", "2025-11-02"));
  Spool(ColumnType::kLocalHour, {SecondNumber(ParseCivilSecond("2025-11-02 01:00:00").value())});
  NamedRows spooled("stat_time_hour", *spool_);
  StampedRows rows(input_, spooled);
  EXPECT_EQ(FormatInstant(absl::FromUnixSeconds(rows.Next().value()->columns[2].Number(0))), "2025-11-02T08:00:00Z");
}

TEST_F(StampedRowsTest, ConstantsOfADayReport) {
  Prepare(kAdsDaily, Days("2026-03-01", "2026-03-10"));
  const auto cells = Constants({"stat_time_day", "ad_id", "spend", "clicks"});
  EXPECT_EQ(cells.at("advertiser_id"), kAdvertiserId);
  EXPECT_EQ(cells.at("_run_id"), "bf-1");
  EXPECT_EQ(cells.at("_currency"), "USD");
  EXPECT_EQ(cells.at("_timezone"), "America/Los_Angeles");
  EXPECT_EQ(cells.at("_extracted_at"), absl::StrCat(absl::ToUnixSeconds(input_.extracted_at)));
  EXPECT_EQ(cells.count("_finality"), 0u) << "it differs by day";
  EXPECT_EQ(cells.count("_window_start"), 0u);
}

TEST_F(StampedRowsTest, AReportWithoutTimeIsStampedWithItsWindow) {
  Prepare(kNoTime, Days("2026-01-01", "2026-03-10"));
  const auto cells = Constants({"ad_id", "country_code", "spend"});
  EXPECT_EQ(cells.at("_window_start"), absl::StrCat(DayNumber(Day("2026-01-01"))));
  EXPECT_EQ(cells.at("_window_end"), absl::StrCat(DayNumber(Day("2026-03-10"))));
  EXPECT_EQ(cells.at("_finality"), "provisional");
  Spool(ColumnType::kString, {});
  NamedRows spooled("ad_id", *spool_);
  StampedRows rows(input_, spooled);
  EXPECT_THAT(rows.columns(), ElementsAre("ad_id"));
}

TEST_F(StampedRowsTest, WhatTheAnswerBringsIsNotStampedOver) {
  Prepare(kCampaigns, Window{});
  const auto cells = Constants({"advertiser_id", "campaign_id"});
  EXPECT_EQ(cells.count("advertiser_id"), 0u);
  EXPECT_EQ(cells.count("_finality"), 0u) << "objects have none";
  EXPECT_EQ(cells.at("_run_id"), "bf-1");
}

TEST_F(StampedRowsTest, TheDigestIsThatOfTheRowsAsTheyCame) {
  Prepare(kAdsDaily, Days("2026-03-01", "2026-03-02"));
  Spool(ColumnType::kDate, {DayNumber(Day("2026-03-01"))});
  Spool(ColumnType::kDate, {DayNumber(Day("2026-03-02"))});
  RowDigest expected;
  ChunkSpool::Reader reader = spool_->Read();
  for (const RowBatch* batch = reader.Next().value(); batch != nullptr; batch = reader.Next().value())
    expected.Add(*batch);
  for (int pass = 0; pass < 2; ++pass) {  // a publication may be repeated
    NamedRows spooled("stat_time_day", *spool_);
    StampedRows rows(input_, spooled);
    while (rows.Next().value() != nullptr) {
    }
    EXPECT_EQ(rows.digest(), expected.value());
  }
}

}  // namespace
}  // namespace tikhaul
