// Days of each account's own zone, and hours on the days on which clocks change.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Wanted Hours(const std::string& name, const std::string& first_day, const std::string& last_day) {
  return {.name = name,
          .stream = "basic_report",
          .level = "advertiser",
          .dimensions = {"stat_time_hour"},
          .metrics = {"spend", "impressions", "clicks"},
          .first_day = first_day,
          .last_day = last_day};
}

TEST(ZonesTest, HoursOfDaysOnWhichClocksChange) {
  // Clocks go back in London on 26 October and in Los Angeles on 2 November; they go forward on 8 and 29 March; on Lord
  // Howe they go back by half an hour on 5 April.
  const std::vector<Wanted> wanted = {Hours("autumn", "2025-10-26", "2025-11-02"),
                                      Hours("march", "2026-03-08", "2026-03-08"),
                                      Hours("spring", "2026-03-29", "2026-04-05")};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = "quickstart"});
  cluster.Start();
  for (const Wanted& one : wanted) cluster.Backfill({one.name}, one.first_day, one.last_day);
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);

  int hours = 0;
  for (const Wanted& one : wanted) {
    for (const auto& row : cluster.Query("SELECT _timezone, stat_time_hour, _utc_start FROM " + one.name)) {
      const absl::TimeZone zone = LoadZone(row[0]).value();
      absl::Time start;
      std::string error;
      ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, row[2], &start, &error)) << error;
      ASSERT_EQ(FormatCivilSecond(absl::ToCivilSecond(start, zone)), row[1]) << row[0];
      ++hours;
    }
    EXPECT_THAT(cluster.Query(absl::StrCat("SELECT _utc_start FROM ", one.name,
                                           " GROUP BY advertiser_id, _utc_start HAVING count(*) > 1")),
                IsEmpty())
        << "no two hours of an account begin together";
  }
  EXPECT_GT(hours, 1000);
  const auto instants = [&](const std::string& table, const std::string& zone, const std::string& hours_like) {
    return cluster.Query(absl::StrCat("SELECT stat_time_hour, _utc_start FROM ", table, " WHERE _timezone = '", zone,
                                      "' AND stat_time_hour BETWEEN ", hours_like, " ORDER BY 1"));
  };
  EXPECT_THAT(instants("march", "America/Los_Angeles", "'2026-03-08 01:00:00' AND '2026-03-08 03:00:00'"),
              ElementsAre(ElementsAre("2026-03-08 01:00:00", "2026-03-08T09:00:00Z"),
                          ElementsAre("2026-03-08 03:00:00", "2026-03-08T10:00:00Z")))
      << "a day of 23 hours";
  EXPECT_THAT(instants("autumn", "America/Los_Angeles", "'2025-11-02 00:00:00' AND '2025-11-02 02:00:00'"),
              ElementsAre(ElementsAre("2025-11-02 00:00:00", "2025-11-02T07:00:00Z"),
                          ElementsAre("2025-11-02 01:00:00", "2025-11-02T08:00:00Z"),
                          ElementsAre("2025-11-02 02:00:00", "2025-11-02T10:00:00Z")))
      << "a day of 25 hours, the doubled one from its first occurrence on";
  EXPECT_THAT(instants("autumn", "Europe/London", "'2025-10-26 01:00:00' AND '2025-10-26 02:00:00'"),
              ElementsAre(ElementsAre("2025-10-26 01:00:00", "2025-10-26T00:00:00Z"),
                          ElementsAre("2025-10-26 02:00:00", "2025-10-26T02:00:00Z")));
}

TEST(ZonesTest, TodayIsTheAccountsOwn) {
  const Wanted daily = {.name = "ads_daily",
                        .stream = "basic_report",
                        .level = "ad",
                        .dimensions = {"stat_time_day"},
                        .metrics = {"spend"},
                        .settings = "backfill: 3"};
  // The 16th has begun in Tokyo, but neither in London nor in Los Angeles.
  TestCluster cluster({.extracts = YamlOf({daily}), .now = "2026-06-15T16:05:00Z"});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const std::string ranges =
      "SELECT timezone, min(first_day), max(last_day) FROM tikhaul_chunk JOIN tikhaul_advertiser a ON advertiser = "
      "a.id "
      "GROUP BY 1 ORDER BY 1";
  EXPECT_THAT(cluster.Query(ranges), ElementsAre(ElementsAre("America/Los_Angeles", "2026-06-13", "2026-06-15"),
                                                 ElementsAre("Asia/Tokyo", "2026-06-14", "2026-06-16"),
                                                 ElementsAre("Europe/London", "2026-06-13", "2026-06-15")));
  // 16:05 UTC: the 14th is complete (12:00 UTC of the 15th) everywhere, the 15th nowhere.
  EXPECT_THAT(cluster.Query("SELECT DISTINCT cursor_day FROM tikhaul_cursor"), ElementsAre(ElementsAre("2026-06-14")));
  EXPECT_TRUE(EqualsTruth({.store = cluster.StorePath(),
                           .truth = cluster.ExportTruth(TruthSpecOf({daily})),
                           .table = "ads_daily",
                           .where = "stat_time_day >= '2026-06-14'",
                           .truth_where = "stat_time_day >= '2026-06-14'"}));

  // At 23:20 UTC it has begun in London, too.
  cluster.Advance(absl::Hours(7) + absl::Minutes(15));
  cluster.Sync();
  cluster.WaitIdle();
  EXPECT_THAT(
      cluster.Query("SELECT timezone, through_day FROM tikhaul_cursor JOIN tikhaul_advertiser a ON advertiser = "
                    "a.id ORDER BY 1"),
      ElementsAre(ElementsAre("America/Los_Angeles", "2026-06-15"), ElementsAre("Asia/Tokyo", "2026-06-16"),
                  ElementsAre("Europe/London", "2026-06-16")));
}

}  // namespace
}  // namespace tikhaul
