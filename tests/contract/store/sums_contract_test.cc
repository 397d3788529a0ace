// Adding up rows, counting objects, and what verification leaves behind.
#include "common/base/civil.h"
#include "tests/contract/store/settle_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SumsContract : public SettleFixture {
 protected:
  // "day run groups: rows | sums | unreadable" of each.
  std::vector<std::string> Sums(const SumRequest& request) {
    std::vector<std::string> lines;
    EXPECT_OK(store().Read([&](StoreReader& reader) {
      return reader.SumRows(request, [&](const RowSums& sums) {
        std::string line = FormatDay(sums.day) + (sums.run_id.empty() ? "" : " " + sums.run_id);
        for (const std::string& group : sums.groups) line += " " + group;
        line += ": " + std::to_string(sums.rows) + " |";
        for (const DecimalSum& sum : sums.sums) line += " " + sum.Text();
        for (const uint64_t cells : sums.unreadable) line += cells > 0 ? " ?" : "";
        lines.push_back(line);
        return absl::OkStatus();
      });
    }));
    return lines;
  }
  static SumRequest March(WriteMode mode = WriteMode::kMerge) {
    return {.table = DailyTable(mode),
            .advertiser = "7001",
            .day_column = "stat_time_day",
            .first = Day(1),
            .last = Day(31),
            .group_columns = {},
            .sum_columns = {"spend", "clicks"}};
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, SumsContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(SumsContract, RowsAddUpByDayExactly) {
  SettleDaily({{1, "ad1", "3", "0.10", "a"}, {1, "ad2", "4", "0.20", "b"}, {2, "ad1", "NULL", "1234.5678", "a"}}, {});
  Read other;
  other.advertiser = "7002";
  SettleDaily({{1, "ad9", "100", "100", "x"}}, other);
  EXPECT_THAT(Sums(March()), ElementsAre("2026-03-01: 2 | 0.3 7", "2026-03-02: 1 | 1234.5678 0"));

  SumRequest request = March();
  request.first = request.last = Day(2);
  EXPECT_THAT(Sums(request), ElementsAre("2026-03-02: 1 | 1234.5678 0"));
  request.day_column = "";
  EXPECT_THAT(Sums(request), ElementsAre("1970-01-01: 3 | 1234.8678 7"));
  request.advertiser = "7003";
  EXPECT_THAT(Sums(request), IsEmpty());
}

TEST_P(SumsContract, RowsAddUpByGroupInOrder) {
  SettleDaily({{1, "ad2", "1", "0.1", "a"}, {1, "ad1", "2", "0.2", "a"}, {2, "ad2", "3", "0.3", "b"}}, {});
  SumRequest request = March();
  request.group_columns = {"ad_id", "ad_name"};
  EXPECT_THAT(Sums(request),
              ElementsAre("2026-03-01 ad1 a: 1 | 0.2 2", "2026-03-01 ad2 a: 1 | 0.1 1", "2026-03-02 ad2 b: 1 | 0.3 3"));
}

TEST_P(SumsContract, ManyCentsDoNotDrift) {
  std::vector<Daily> rows;
  for (int i = 0; i < 1000; ++i) rows.push_back({1, "ad" + std::to_string(i), "1", "0.07", "a"});
  SettleDaily(rows, {});
  EXPECT_THAT(Sums(March()), ElementsAre("2026-03-01: 1000 | 70 1000"));
}

TEST_P(SumsContract, AppendedRunsAreAddedUpOneByOne) {
  SettleDaily({{1, "ad1", "1", "0.1", "a"}}, {}, WriteMode::kAppend);
  Read later;
  later.run = "run-2";
  SettleDaily({{1, "ad1", "2", "0.2", "a"}}, later, WriteMode::kAppend);
  EXPECT_THAT(Sums(March(WriteMode::kAppend)),
              ElementsAre("2026-03-01 run-1: 1 | 0.1 1", "2026-03-01 run-2: 1 | 0.2 2"));
}

TEST_P(SumsContract, KeptTextsCountExactlyOrAreUnreadable) {
  TableSchema table = DailyTable();
  table.columns.push_back({.name = "_raw", .type = ColumnType::kJson});
  TextRowSource source(table, {"stat_time_day", "ad_id", "clicks", "spend", "_raw"},
                       {{"2026-03-01", "ad1", "NULL", "NULL", R"({"clicks":"<5","spend":"0.1234567890123456"})"},
                        {"2026-03-01", "ad2", "1", "1", R"({"ad_name":7})"}});
  EXPECT_OK(Settle(RequestFor(table, "stat_time_day", {}), source).status());
  SumRequest request = March();
  request.table = table;
  EXPECT_THAT(Sums(request), ElementsAre("2026-03-01: 2 | 1.1234567890123456 1 ?"));
}

TEST_P(SumsContract, ColumnsThatCannotBeAddedAreRefused) {
  SettleDaily({{1, "ad1", "3", "0.10", "a"}}, {});
  for (const char* column : {"ad_name", "nothing"}) {
    SumRequest request = March();
    request.sum_columns = {column};
    const absl::Status status = store().Read(
        [&](StoreReader& reader) { return reader.SumRows(request, [](const RowSums&) { return absl::OkStatus(); }); });
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  }
}

TEST_P(SumsContract, ObjectsAreCountedAndMissedOnesNamed) {
  const TableSchema table = AdTable();
  TextRowSource source(table, {"ad_id", "create_time", "_gone_at"},
                       {{"ad1", "2026-03-01 00:00:00", "NULL"},
                        {"ad2", "2026-03-02 00:00:00", "2026-03-09 00:00:00"},
                        {"ad3", "2026-03-03 00:00:00", "NULL"}});
  EXPECT_OK(Settle(RequestFor(table, "", {}), source).status());
  SettleDaily({{1, "ad1", "1", "1", "a"},
               {1, "ad8", "1", "1", "a"},
               {2, "ad8", "1", "1", "a"},
               {1, "ad9", "NULL", "NULL", "NULL"}},
              {});
  const auto count = [&](absl::Time until) {
    return Get([&](StoreReader& r) { return r.CountObjects(table, "7001", until); });
  };
  EXPECT_EQ(count(absl::InfiniteFuture()).present, 2u);
  EXPECT_EQ(count(absl::InfiniteFuture()).gone, 1u);
  EXPECT_EQ(count(absl::FromCivil(absl::CivilDay(2026, 3, 2), absl::UTCTimeZone())).present, 1u);
  const auto unknown = [&](const std::string& advertiser, size_t limit) {
    return Get([&](StoreReader& r) { return r.ListUnknownIds("ads_daily", "ads", "ad_id", advertiser, limit); });
  };
  EXPECT_THAT(unknown("7001", 0), ElementsAre("ad8", "ad9"));
  EXPECT_THAT(unknown("7001", 1), ElementsAre("ad8"));
  EXPECT_THAT(unknown("7002", 0), IsEmpty());
}

TEST_P(SumsContract, TheNewestVerificationIsKept) {
  Verification first{.extract = "ads_daily",
                     .advertiser = "7001",
                     .verified = At(0),
                     .first_day = Day(1),
                     .last_day = Day(31),
                     .equal = 60,
                     .explained = 2,
                     .flagged = 1};
  Verification second{.extract = "ads", .advertiser = "7001", .verified = At(5), .first_day = {}, .last_day = {}};
  Verification again = first;
  again.verified = At(9);
  again.flagged = 0;
  for (const Verification& one : {first, second, again})
    EXPECT_OK(Write([&](StoreTransaction& tx) { return tx.PutVerification(one); }));
  const std::vector<Verification> kept = Get([](StoreReader& r) { return r.ListVerifications(); });
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].extract, "ads");
  EXPECT_EQ(kept[0].first_day, std::nullopt);
  EXPECT_EQ(kept[1].verified, At(9));
  EXPECT_EQ(kept[1].last_day, Day(31));
  EXPECT_EQ(kept[1].equal, 60u);
  EXPECT_EQ(kept[1].explained, 2u);
  EXPECT_EQ(kept[1].flagged, 0u);
}

}  // namespace
}  // namespace tikhaul
