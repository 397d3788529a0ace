// Reports of every granularity, and accounts and objects with peculiar lives.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Extracts only what is wanted and compares it.
void RunAndCompare(TestCluster& cluster, const std::vector<Wanted>& wanted) {
  cluster.Start();
  cluster.Backfill();
  const v1::Status status = cluster.WaitIdle();
  EXPECT_EQ(status.dead_letters(), 0u) << status.DebugString();
  ExpectEqualsTruth(cluster, wanted);
}

TEST(ShapesTest, HoursCarryTheirInstant) {
  const std::vector<Wanted> wanted = {HoursOf(4)};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  RunAndCompare(cluster, wanted);
  EXPECT_THAT(cluster.Query("SELECT count(*) FROM ads_hourly WHERE _timezone = 'Asia/Tokyo' AND "
                            "_utc_start <> strftime('%Y-%m-%dT%H:%M:%SZ', stat_time_hour, '-9 hours')"),
              ElementsAre(ElementsAre("0")));
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM ads_hourly WHERE _timezone = 'Asia/Tokyo'"), 0);
}

TEST(ShapesTest, TotalsOfAYearHaveOneRowPerKeyAndWindow) {
  // Without a time dimension figures belong to the window asked for: a whole cell of the grid, here cut at today.
  std::vector<Wanted> wanted = {{.name = "by_country",
                                 .stream = "basic_report",
                                 .level = "ad",
                                 .dimensions = {"country_code"},
                                 .metrics = {"spend", "impressions", "clicks"},
                                 .settings = "backfill: 2"}};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const SqlRows window = cluster.Query("SELECT DISTINCT _window_start, _window_end FROM by_country ORDER BY 1");
  ASSERT_FALSE(window.empty());
  wanted[0].first_day = window.back()[0];
  wanted[0].last_day = window.back()[1];
  EXPECT_EQ(wanted[0].last_day, "2026-06-15");
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_chunk"), 3) << "one per account";
}

TEST(ShapesTest, LifetimeTotals) {
  const std::vector<Wanted> wanted = {{.name = "campaign_totals",
                                       .stream = "basic_report",
                                       .level = "campaign",
                                       .metrics = {"spend", "impressions", "clicks"},
                                       .settings = "lifetime: true"}};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  RunAndCompare(cluster, wanted);
}

TEST(ShapesTest, EveryLevelAndABreakdown) {
  const auto report = [](const std::string& name, const std::string& level, std::vector<std::string> dimensions) {
    return Wanted{.name = name,
                  .stream = "basic_report",
                  .level = level,
                  .dimensions = std::move(dimensions),
                  .metrics = {"spend", "impressions", "clicks", "ctr"},
                  .settings = "backfill: 45",
                  .first_day = "2026-05-02"};
  };
  const std::vector<Wanted> wanted = {
      report("by_advertiser", "advertiser", {"stat_time_day"}),
      report("by_campaign", "campaign", {"stat_time_day"}),
      report("by_group", "ad_group", {"stat_time_day", "country_code"}),
  };
  TestCluster cluster({.extracts = YamlOf(wanted)});
  RunAndCompare(cluster, wanted);
}

TEST(ShapesTest, AYoungAccountIsNotAskedForItsPast) {
  const std::vector<Wanted> wanted = {SixExtracts()[0]};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  RunAndCompare(cluster, wanted);
  const SqlRows young = cluster.Query(
      "SELECT id, substr(created_at, 1, 10) FROM tikhaul_advertiser WHERE created_at > '2025-09-01' AND "
      "timezone = 'Europe/London'");
  ASSERT_EQ(young.size(), 1u);
  EXPECT_EQ(cluster.Query("SELECT min(first_day) FROM tikhaul_chunk WHERE advertiser = '" + young[0][0] + "'")[0][0],
            young[0][1]);
  EXPECT_EQ(cluster.Query("SELECT first_day FROM tikhaul_cursor WHERE advertiser = '" + young[0][0] + "'")[0][0],
            young[0][1]);
  EXPECT_THAT(cluster.Query("SELECT DISTINCT min(first_day) FROM tikhaul_chunk WHERE advertiser <> '" + young[0][0] +
                            "' GROUP BY advertiser"),
              ElementsAre(ElementsAre("2024-06-16")))
      << "the old ones reach back two years";
}

TEST(ShapesTest, TopViewObjectsAreReadBesideTheOthers) {
  const std::vector<Wanted> wanted = {{.name = "adverts", .stream = "adverts"},
                                      {.name = "ad_groups", .stream = "ad_groups"},
                                      {.name = "campaigns", .stream = "campaigns"}};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  RunAndCompare(cluster, wanted);
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM campaigns WHERE rf_campaign_type = 'TOPVIEW'"), 0);
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM campaigns WHERE rf_campaign_type <> 'TOPVIEW'"), 0);
}

}  // namespace
}  // namespace tikhaul
