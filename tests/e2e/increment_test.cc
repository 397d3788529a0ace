// A day later: what each write mode makes of new, changed and vanished rows.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<std::string> kMetrics = {"spend", "impressions", "clicks", "conversion"};

Wanted Daily(const std::string& settings, const std::string& first_day) {
  return {.name = "ads_daily",
          .stream = "basic_report",
          .level = "ad",
          .dimensions = {"stat_time_day"},
          .metrics = kMetrics,
          .settings = settings,
          .first_day = first_day};
}

TEST(IncrementTest, AppendAddsTheLastDayAgainUnderAnotherRun) {
  const Wanted wanted = Daily("mode: append, backfill: 10", "2026-06-06");
  TestCluster cluster({.extracts = YamlOf({wanted})});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, {wanted});
  const std::string rows_before = cluster.Query("SELECT count(*), sum(spend) FROM ads_daily")[0][0];
  const std::string backfill_run = cluster.Query("SELECT DISTINCT _run_id FROM ads_daily")[0][0];

  cluster.Advance(absl::Hours(24));
  const v1::SyncResponse sync = cluster.Sync();
  ASSERT_THAT(sync.runs(), SizeIs(1));
  cluster.WaitIdle();
  const std::string run = sync.runs(0).id();
  const std::string of_run = absl::StrCat("_run_id = '", run, "'");
  EXPECT_EQ(cluster.Query("SELECT count(*) FROM ads_daily WHERE _run_id = '" + backfill_run + "'")[0][0], rows_before)
      << "rows of earlier runs stay as they were";
  EXPECT_THAT(cluster.Query("SELECT max(stat_time_day) FROM ads_daily WHERE " + of_run),
              ElementsAre(ElementsAre("2026-06-16")));
  EXPECT_THAT(cluster.Query("SELECT count(DISTINCT _run_id) FROM ads_daily WHERE stat_time_day = '2026-06-15'"),
              ElementsAre(ElementsAre("2")))
      << "the last appended day is appended again";
  EXPECT_THAT(cluster.Query("SELECT count(DISTINCT _run_id) FROM ads_daily WHERE stat_time_day = '2026-06-12'"),
              ElementsAre(ElementsAre("1")));
  const std::string first =
      cluster.Query("SELECT min(first_day) FROM tikhaul_chunk WHERE run_id = '" + run + "'")[0][0];
  EXPECT_GE(first, "2026-06-13");
  EXPECT_TRUE(EqualsTruth({.store = cluster.StoreFile(),
                           .truth = cluster.ExportTruth(TruthSpecOf({wanted})),
                           .table = "ads_daily",
                           .where = of_run,
                           .truth_where = "stat_time_day >= '" + first + "'"}));
  EXPECT_THAT(cluster.Query("SELECT * FROM ads_daily GROUP BY advertiser_id, stat_time_day, ad_id, _run_id "
                            "HAVING count(*) > 1"),
              IsEmpty());
}

TEST(IncrementTest, MergeSettlesWhatChangedAndReplaceReplaces) {
  // Conversions grow for seven days after a day's end, so a look-back of eight days sees every change of one day.
  const Wanted daily = Daily("look_back: 8, backfill: 60", "2026-04-17");
  const std::vector<Wanted> wanted = {daily,
                                      {.name = "interest_categories", .stream = "interest_categories"},
                                      {.name = "adverts", .stream = "adverts"},
                                      {.name = "campaigns", .stream = "campaigns"}};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);

  cluster.Advance(absl::Hours(24));
  const v1::SyncResponse sync = cluster.Sync();
  EXPECT_THAT(sync.runs(), SizeIs(4)) << sync.DebugString();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_GT(cluster.QueryInt("SELECT sum(updated) FROM tikhaul_ledger WHERE extract = 'ads_daily'"), 0)
      << "nothing was restated: the test proves little";
  EXPECT_GT(cluster.QueryInt("SELECT sum(unchanged) FROM tikhaul_ledger WHERE extract = 'ads_daily'"), 0);
  EXPECT_EQ(cluster.QueryInt("SELECT count(DISTINCT _run_id) FROM interest_categories"), 1);

  const int64_t calls = cluster.Stat("allowed");
  EXPECT_THAT(cluster.Sync().runs(), IsEmpty()) << "nothing is due on the same day";
  EXPECT_EQ(cluster.Stat("allowed"), calls);
}

TEST(IncrementTest, RowsThatTheApiNoLongerReturnsGo) {
  const Wanted wanted = Daily("look_back: 2, backfill: 3", "2026-06-15");
  TestCluster cluster({.extracts = YamlOf({wanted}), .data_set = "scale:1:1500"});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  cluster.Advance(absl::Hours(24));
  cluster.Sync();
  cluster.WaitIdle();
  EXPECT_GT(cluster.QueryInt("SELECT sum(removed) FROM tikhaul_ledger"), 0)
      << "no row vanished in the API: the test proves nothing";
  EXPECT_TRUE(EqualsTruth({.store = cluster.StoreFile(),
                           .truth = cluster.ExportTruth(TruthSpecOf({wanted})),
                           .table = "ads_daily",
                           .where = "stat_time_day >= '2026-06-15'"}));
}

TEST(IncrementTest, ObjectsAreFollowedOverMonths) {
  const std::vector<Wanted> wanted = {
      {.name = "adverts", .stream = "adverts"},
      {.name = "ad_groups", .stream = "ad_groups"},
      {.name = "campaigns", .stream = "campaigns", .settings = "history: true"},
      {.name = "living_campaigns", .stream = "campaigns", .include_deleted = false},
  };
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  const int64_t adverts = cluster.QueryInt("SELECT count(*) FROM adverts");
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM living_campaigns WHERE _gone_at IS NOT NULL"), 0);

  cluster.Advance(absl::Hours(24 * 90));
  cluster.Sync();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM adverts"), adverts) << "new ones came";
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM campaigns WHERE _gone_at IS NOT NULL"), 0)
      << "deleted ones are returned, so they are not gone";
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM living_campaigns WHERE _gone_at IS NOT NULL"), 0)
      << "where deleted ones are not wanted, they are marked";
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM campaigns_history WHERE _valid_to IS NULL"),
            cluster.QueryInt("SELECT count(*) FROM campaigns"));
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM campaigns_history h JOIN campaigns c USING (campaign_id) "
                             "WHERE h._valid_to = c._extracted_at"),
            0)
      << "no campaign has changed: the test proves nothing";
}

}  // namespace
}  // namespace tikhaul
