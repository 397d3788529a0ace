// Settling in tests: rows as text, the chunk's facts in one place.
#ifndef TIKHAUL_TESTS_CONTRACT_STORE_SETTLE_FIXTURE_H_
#define TIKHAUL_TESTS_CONTRACT_STORE_SETTLE_FIXTURE_H_

#include <string>
#include <vector>

#include "tests/contract/store/row_maker.h"
#include "tests/contract/store/store_fixture.h"

namespace tikhaul {

inline bool operator==(const SettleCounts& a, const SettleCounts& b) {
  return a.rows == b.rows && a.distinct_keys == b.distinct_keys && a.inserted == b.inserted && a.updated == b.updated &&
         a.unchanged == b.unchanged && a.removed == b.removed && a.changes == b.changes;
}
inline void PrintTo(const SettleCounts& counts, std::ostream* out) {
  *out << "rows " << counts.rows << " keys " << counts.distinct_keys << " inserted " << counts.inserted << " updated "
       << counts.updated << " unchanged " << counts.unchanged << " removed " << counts.removed;
}

class SettleFixture : public StoreContract {
 protected:
  // What a chunk brings beside its rows.
  struct Read {
    std::string advertiser = "7001";
    int first = 1, last = 31;
    std::string run = "run-1";
    int64_t extracted_at = 1'772'600'000;
    std::string finality = "final";
  };

  static SettleRequest RequestFor(const TableSchema& table, const std::string& day_column, const Read& read) {
    SettleRequest request{.table = table,
                          .scope = {.advertiser = read.advertiser,
                                    .day_column = day_column,
                                    .first = Day(read.first),
                                    .last = Day(read.last)},
                          .constants = {TextConstant("advertiser_id", read.advertiser),
                                        TextConstant("_run_id", read.run),
                                        {.column = "_extracted_at", .text = {}, .number = read.extracted_at}}};
    return request;
  }

  absl::StatusOr<SettleCounts> Settle(const SettleRequest& request, TextRowSource& rows) {
    absl::StatusOr<SettleCounts> counts = absl::UnknownError("not called");
    const absl::Status made = Write([&](StoreTransaction& tx) { return tx.EnsureTable(request.table); });
    if (!made.ok()) return made;
    const absl::Status status = store().WriteRows([&](StoreTransaction& tx) -> absl::Status {
      rows.Rewind();
      counts = tx.SettleRows(request, rows);
      return counts.status();
    });
    if (!status.ok()) return status;
    return counts;
  }

  // Rows of DailyTable: day of March 2026, ad_id, clicks, spend, ad_name.
  struct Daily {
    int day;
    std::string ad, clicks, spend, name;
  };
  SettleCounts SettleDaily(const std::vector<Daily>& rows, const Read& read, WriteMode mode = WriteMode::kMerge) {
    const TableSchema table = DailyTable(mode);
    std::vector<std::vector<std::string>> cells;
    for (const Daily& row : rows) {
      cells.push_back({"2026-03-" + std::string(row.day < 10 ? "0" : "") + std::to_string(row.day), row.ad, row.clicks,
                       row.spend, row.name});
    }
    TextRowSource source(table, {"stat_time_day", "ad_id", "clicks", "spend", "ad_name"}, cells);
    SettleRequest request = RequestFor(table, "stat_time_day", read);
    request.constants.push_back(TextConstant("_finality", read.finality));
    const absl::StatusOr<SettleCounts> counts = Settle(request, source);
    EXPECT_OK(counts.status());
    return counts.value_or(SettleCounts{});
  }
  // advertiser, day, ad, clicks, name, run.
  TextRows DailyRows() {
    return harness().Query(
        "SELECT advertiser_id, substr(stat_time_day, 9), ad_id, clicks, ad_name, _run_id FROM ads_daily "
        "ORDER BY advertiser_id, stat_time_day, ad_id, _run_id");
  }
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_CONTRACT_STORE_SETTLE_FIXTURE_H_
