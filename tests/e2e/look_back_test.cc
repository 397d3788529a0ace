// Twelve days of increments over accounts whose figures move for one, seven and 28 days: what is kept is the truth,
// what was recorded as changed is the difference of two truths, and each account gets the look-back that it needs.
#include <gmock/gmock.h>

#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

const Wanted kDaily = {.name = "ads_daily",
                       .stream = "basic_report",
                       .level = "ad",
                       .dimensions = {"stat_time_day"},
                       .metrics = {"spend", "impressions", "clicks", "conversion"},
                       .settings = "look_back: auto, look_back_check: 4, backfill: 50",
                       .first_day = "2026-04-27"};

class LookBackTest : public testing::Test {
 protected:
  void Live(int days) {
    for (int i = 0; i < days; ++i) {
      cluster_.Advance(absl::Hours(24));
      EXPECT_EQ(cluster_.Sync().runs_size(), 1);
      cluster_.WaitIdle();
      if (HasFailure()) return;
    }
  }

  std::string ExportTruth() { return cluster_.ExportTruth(TruthSpecOf({kDaily})); }

  // By advertiser, day and metric, to the hundredth, where it is not 0.
  using Sums = std::map<std::tuple<std::string, std::string, std::string>, std::string>;
  static Sums SumsOf(const SqlRows& rows) {
    Sums sums;
    for (const auto& row : rows) {
      if (row[3] != "0.00") sums[{row[0], row[1], row[2]}] = row[3];
    }
    return sums;
  }
  // Of days up to `last`.
  Sums TruthDifference(const std::string& before, const std::string& after, const std::string& last) {
    Sums sums;
    for (const std::string& metric : kDaily.metrics) {
      const auto part = [&](const std::string& schema, const std::string& sign) {
        return absl::StrCat("SELECT advertiser_id, stat_time_day, ", sign, metric, " AS value FROM ", schema,
                            ".ads_daily WHERE stat_time_day <= '", last, "'");
      };
      const SqlRows rows =
          QueryFile(after,
                    absl::StrCat("SELECT advertiser_id, stat_time_day, '", metric,
                                 "', printf('%.2f', total(value)) FROM (", part("main", ""), " UNION ALL ",
                                 part("truth", "-"), ") GROUP BY 1, 2 HAVING abs(total(value)) > 0.001"),
                    before);
      sums.merge(SumsOf(rows));
    }
    return sums;
  }
  Sums Restated(const std::string& since, const std::string& last) {
    return SumsOf(cluster_.Query(
        absl::StrCat("SELECT advertiser, day, metric, printf('%.2f', total(difference)) FROM "
                     "tikhaul_restatements WHERE metric IS NOT NULL AND settled_at > '",
                     since, "' AND day <= '", last, "' GROUP BY 1, 2, 3 HAVING abs(total(difference)) > 0.001")));
  }

  std::map<std::string, v1::Cursor> Cursors() {
    std::map<std::string, v1::Cursor> cursors;
    v1::ListCursorsResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(cluster_.admin().ListCursors(&context, v1::ListCursorsRequest(), &response).ok());
    for (const v1::Cursor& cursor : response.cursors()) cursors[cursor.advertiser_name()] = cursor;
    return cursors;
  }

  TestCluster cluster_{ClusterOptions{.extracts = YamlOf({kDaily}), .data_set = "windows"}};
};

TEST_F(LookBackTest, EachAccountGetsWhatItsFiguresNeed) {
  cluster_.Start();
  cluster_.Backfill();
  cluster_.WaitIdle();
  for (const auto& [name, cursor] : Cursors()) {
    EXPECT_EQ(cursor.look_back_days(), 7u) << name;
    EXPECT_THAT(cursor.look_back_why(), HasSubstr("to begin with")) << name;
  }

  Live(4);  // the fourth is a check of all days that are not final
  ExpectEqualsTruth(cluster_, {kDaily});
  const std::string truth_before = ExportTruth();
  const std::string read_before = cluster_.Query("SELECT max(committed_at) FROM tikhaul_ledger")[0][0];
  const std::string newest = cluster_.Query(
      "SELECT min(last) FROM (SELECT max(stat_time_day) AS last FROM ads_daily "
      "GROUP BY advertiser_id)")[0][0];
  Live(4);
  ExpectEqualsTruth(cluster_, {kDaily});
  const Sums difference = TruthDifference(truth_before, ExportTruth(), newest);
  EXPECT_GT(difference.size(), 30u) << "too little has moved: the test proves little";
  EXPECT_EQ(Restated(read_before, newest), difference);

  std::map<std::string, v1::Cursor> cursors = Cursors();
  EXPECT_EQ(cursors["One day"].look_back_days(), 2u) << cursors["One day"].look_back_why();
  EXPECT_THAT(cursors["A week"].look_back_days(), AllOf(Ge(8u), Le(12u))) << cursors["A week"].look_back_why();
  EXPECT_EQ(cursors["Four weeks"].look_back_days(), 28u) << cursors["Four weeks"].look_back_why();
  EXPECT_THAT(cursors["Four weeks"].look_back_why(), HasSubstr("conversion moved that long"));

  // What nobody could expect: a day of twelve days' age gets more of everything.
  const std::string day = FormatDay(DayIn(absl::UTCTimeZone(), cluster_.VirtualNow()) - 12);
  cluster_.Restate(cursors["One day"].advertiser(), day, day, 20);
  Live(4);
  ExpectEqualsTruth(cluster_, {kDaily});
  cursors = Cursors();
  EXPECT_THAT(cursors["One day"].look_back_days(), AllOf(Ge(14u), Le(18u))) << cursors["One day"].look_back_why();
  EXPECT_GT(cluster_.QueryInt(absl::StrCat("SELECT count(*) FROM tikhaul_restatements WHERE day = '", day,
                                           "' AND metric = 'impressions' AND finality_before = 'settling' AND "
                                           "advertiser = '",
                                           cursors["One day"].advertiser(), "'")),
            0);
  EXPECT_EQ(cluster_.QueryInt("SELECT count(*) FROM ads_daily WHERE _finality = 'provisional' AND stat_time_day <= "
                              "(SELECT min(cursor_day) FROM tikhaul_cursor)"),
            0);
}

}  // namespace
}  // namespace tikhaul
