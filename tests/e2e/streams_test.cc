// The streams beside the six: each table equals the simulator's truth, now and after the things have changed.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;

// Lists of objects, each with its history.
std::vector<Wanted> Lists() {
  std::vector<Wanted> lists;
  for (const char* stream :
       {"advertiser_info", "pixels", "custom_audiences", "identities", "videos", "images", "music", "portfolios",
        "smart_plus_campaigns", "smart_plus_ad_groups", "smart_plus_ads", "gmv_max_campaigns"}) {
    lists.push_back({.name = stream, .stream = stream, .settings = "history: true"});
  }
  return lists;
}

std::vector<Wanted> Trees() {
  return {{.name = "action_categories", .stream = "action_categories"}, {.name = "regions", .stream = "regions"}};
}

TEST(StreamsTest, EveryListEqualsTheTruthAndIsFollowed) {
  std::vector<Wanted> wanted = Lists();
  for (const Wanted& tree : Trees()) wanted.push_back(tree);
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  cluster.Backfill();
  EXPECT_EQ(cluster.WaitIdle().dead_letters(), 0u);
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_THAT(cluster.Query("SELECT kind, name FROM tikhaul_drift ORDER BY extract"),
              ElementsAre(ElementsAre("unknown field", "badge_show_time")))
      << "what the sheet does not name is kept and told, the rest is known";
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM portfolios WHERE json_extract(_extra, '$.badge_show_time') > 0"), 0);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM pixels WHERE _extra IS NOT NULL OR _raw IS NOT NULL"), 0);
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM smart_plus_ads WHERE modify_time IS NULL"), 0);

  cluster.Advance(absl::Hours(24 * 120));
  cluster.Sync();
  EXPECT_EQ(cluster.WaitIdle().dead_letters(), 0u);
  ExpectEqualsTruth(cluster, wanted);
  for (const Wanted& list : Lists()) {
    const std::string history = absl::StrCat(list.name, "_history");
    EXPECT_EQ(cluster.QueryInt(absl::StrCat("SELECT count(*) FROM ", history, " WHERE _valid_to IS NULL")),
              cluster.QueryInt(absl::StrCat("SELECT count(*) FROM ", list.name, " WHERE _gone_at IS NULL")))
        << list.name;
  }
  struct Changing {
    const char *table, *id, *name;
  };
  for (const Changing& c : {Changing{"pixels", "pixel_id", "pixel_name"}, Changing{"images", "image_id", "file_name"},
                            Changing{"videos", "video_id", "file_name"}, Changing{"music", "music_id", "name"},
                            Changing{"portfolios", "creative_portfolio_id", "title"},
                            Changing{"custom_audiences", "audience_id", "name"}}) {
    EXPECT_GT(cluster.QueryInt(absl::StrCat("SELECT count(*) FROM ", c.table, " WHERE _gone_at IS NOT NULL")), 0)
        << c.table << ": none was removed, so the test proves little";
    // A changed thing has another name. A new signed address alone makes no version.
    const std::string versions = absl::StrCat("SELECT count(*) FROM (SELECT 1 FROM ", c.table,
                                              "_history GROUP BY advertiser_id, ", c.id, " HAVING count(*) > 1");
    EXPECT_GT(cluster.QueryInt(versions + ")"), 0) << c.table << ": nothing has changed";
    EXPECT_EQ(cluster.QueryInt(absl::StrCat(versions, " AND count(DISTINCT ", c.name, ") = 1)")), 0) << c.table;
  }
}

TEST(StreamsTest, SignedAddressesAreTheNewestAndNoChange) {
  const std::vector<Wanted> wanted = {{.name = "images", .stream = "images", .settings = "history: true"}};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = "single"});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const SqlRows before = cluster.Query("SELECT image_url FROM images ORDER BY image_id LIMIT 1");
  cluster.Sync({"images"});
  cluster.WaitIdle();
  EXPECT_NE(cluster.Query("SELECT image_url FROM images ORDER BY image_id LIMIT 1"), before);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM images_history"), cluster.QueryInt("SELECT count(*) FROM images"));
  EXPECT_THAT(cluster.Query("SELECT updated, unchanged = rows FROM tikhaul_ledger ORDER BY id DESC LIMIT 1"),
              ElementsAre(ElementsAre("0", "1")));
}

TEST(StreamsTest, OfVeryManyVideosTheNewestAreReadAndNoneIsDropped) {
  const std::vector<Wanted> wanted = {{.name = "videos", .stream = "videos"}};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = "videos:18000"});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM videos"), 10'000);
  EXPECT_THAT(cluster.Query("SELECT extract, kind, name FROM tikhaul_drift"),
              ElementsAre(ElementsAre("videos", "out of reach", "beyond 10000")));

  cluster.Advance(absl::Hours(24 * 60));
  cluster.Sync();
  cluster.WaitIdle();
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM videos"), 10'000) << "older ones stay";
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM videos WHERE _gone_at IS NOT NULL"), 0)
      << "what cannot be reached is not gone";
}

TEST(StreamsTest, GmvMaxReportsOfAShop) {
  TestCluster cluster({.data_set = "small"});
  const std::string accounts = cluster.ExportTruth(R"({"extracts":[{"table":"a","stream":"advertiser_info"}]})");
  const std::string account = QueryFile(accounts, "SELECT advertiser_id FROM a LIMIT 1")[0][0];
  const std::string store = "749" + account.substr(account.size() - 16);
  const std::vector<Wanted> wanted = {{.name = "shop_by_campaign", .stream = "gmv_max_report", .level = "campaign"},
                                      {.name = "shop_by_day", .stream = "gmv_max_report", .level = "advertiser"}};
  std::string spec;
  for (const Wanted& table : wanted) {
    absl::StrAppend(&cluster.options().extracts, "  - {name: ", table.name,
                    ", stream: gmv_max_report, level: ", table.level,
                    ", dimensions: [stat_time_day], metrics: gmv_max, advertisers: [\"", account,
                    "\"], options: {store_ids: [\"", store, "\"]}, backfill: 100}\n");
    absl::StrAppend(&spec, spec.empty() ? "" : ",", R"({"table":")", table.name,
                    R"(","stream":"gmv_max_report","level":")", table.level,
                    R"(","first_day":"2026-03-08","stores":[")", store, R"("]})");
  }
  cluster.Start();
  cluster.Backfill();
  EXPECT_EQ(cluster.WaitIdle().dead_letters(), 0u);
  const std::string truth = cluster.ExportTruth(absl::StrCat(R"({"extracts":[)", spec, "]}"));
  for (const Wanted& table : wanted) {
    EXPECT_TRUE(EqualsTruth({.store = cluster.StorePath(), .truth = truth, .table = table.name}));
  }
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM shop_by_campaign WHERE cost_per_order IS NULL"), 0);
  EXPECT_THAT(cluster.Query("SELECT sum(orders) FROM shop_by_day"),
              cluster.Query("SELECT sum(orders) FROM shop_by_campaign"));
}

TEST(StreamsTest, WhatThePhoneAppMadeAndWhatTikTokTakesAwayIsKept) {
  std::vector<Wanted> wanted = {{.name = "adverts", .stream = "adverts", .settings = "backfill: all"},
                                {.name = "ad_groups", .stream = "ad_groups"},
                                {.name = "campaigns", .stream = "campaigns"}};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = "quickstart"});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  for (const char* table : {"adverts", "ad_groups", "campaigns"}) {
    const auto count = [&](const std::string& where) {
      return cluster.QueryInt(absl::StrCat("SELECT count(*) FROM ", table, " WHERE ", where));
    };
    EXPECT_GT(count("campaign_system_origin = 'PROMOTE'"), 0) << table;
    EXPECT_GT(count("campaign_automation_type = 'UPGRADED_SMART_PLUS'"), 0) << table;
    EXPECT_GT(count("secondary_status LIKE '%_DELETE'"), 0) << table;
  }
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM adverts WHERE modify_time IS NULL"), 0);

  const std::string campaign =
      cluster.Query("SELECT campaign_id FROM campaigns WHERE campaign_system_origin IS NULL ORDER BY 1 LIMIT 1")[0][0];
  const std::string below = absl::StrCat("campaign_id = '", campaign, "'");
  cluster.RemoveObject(campaign);
  cluster.Advance(absl::Hours(24));
  cluster.Sync();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  for (const char* table : {"adverts", "ad_groups", "campaigns"}) {
    EXPECT_GT(cluster.QueryInt(absl::StrCat("SELECT count(*) FROM ", table, " WHERE ", below)), 0) << table;
    EXPECT_EQ(cluster.QueryInt(absl::StrCat("SELECT count(*) FROM ", table, " WHERE _gone_at IS NULL AND ", below)), 0)
        << table;
    EXPECT_EQ(
        cluster.QueryInt(absl::StrCat("SELECT count(*) FROM ", table, " WHERE _gone_at IS NOT NULL AND NOT ", below)),
        0)
        << table;
  }
}

}  // namespace
}  // namespace tikhaul
