// Coming from another tool: its names over our tables (scripts/moving-views), and beginning on the day on which it
// ended.
#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/files.h"
#include "tests/support/postgres_server.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kViews[] = TIKHAUL_SOURCE_DIR "/scripts/moving-views";

std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* const pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer;
  for (size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) output.append(buffer.data(), got);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return output;
}

// A few days of every extract that the views of a tool need, and the views over them.
class MovingTest : public testing::TestWithParam<bool> {
 protected:
  bool postgres() const { return GetParam(); }

  // `objects`: the extracts that are no reports, and are read whole.
  void Move(const std::string& tool, const std::vector<std::string>& objects) {
    const std::string extracts = OutputOf(absl::StrCat(kViews, " ", tool, " extracts --hourly"));
    ClusterOptions options{.extracts = extracts.substr(extracts.find('\n') + 1), .workers = 2};
    if (postgres()) {
      options.postgres = server_->Url();
      options.schema = tool + "_tables";
    }
    cluster_.emplace(options);
    cluster_->Start();
    cluster_->Backfill(objects);
    cluster_->Backfill({}, "2026-06-10", "2026-06-15");
    const v1::Status status = cluster_->WaitIdle();
    for (const v1::Run& run : status.runs()) EXPECT_EQ(run.state(), "done") << run.DebugString();
    ApplyViews(tool);
  }

  void ApplyViews(const std::string& tool) {
    const std::string views = absl::StrCat(kViews, " ", tool, postgres() ? " postgresql" : " sqlite", " --hourly");
    if (!postgres()) {
      // Twice: the second time they replace those that are there.
      for (int i = 0; i < 2; ++i) OutputOf(absl::StrCat(views, " | sqlite3 -bail '", cluster_->StorePath(), "'"));
      return;
    }
    path_ = absl::StrCat("SET search_path = ", tool, ", ", tool, "_tables; ");
    server_->Run("CREATE SCHEMA " + tool);
    for (int i = 0; i < 2; ++i) server_->Run("SET client_min_messages = error; " + path_ + OutputOf(views));
  }

  // One figure or text.
  std::string Ask(const std::string& sql) const {
    const auto rows = postgres() ? server_->Run(path_ + sql) : cluster_->Query(sql);
    EXPECT_EQ(rows.size(), 1u) << sql;
    return rows.empty() ? "" : rows[0][0];
  }

  std::vector<std::string> Views(const std::string& tool) const {
    std::vector<std::string> names;
    const auto rows =
        postgres() ? server_->Run("SELECT viewname FROM pg_views WHERE schemaname = '" + tool + "'")
                   : cluster_->Query("SELECT name FROM sqlite_master WHERE type = 'view' AND name NOT LIKE 'tikhaul%'");
    for (const auto& row : rows) names.push_back(row[0]);
    return names;
  }

  // Each view has the rows of its table, and all of its columns can be read.
  void ExpectTheRowsOfItsTable(const std::string& view) const {
    EXPECT_EQ(Ask("SELECT count(*) FROM (SELECT * FROM " + view + ") AS v"), Ask("SELECT count(*) FROM tt_" + view))
        << view;
    EXPECT_NE(Ask("SELECT count(*) FROM " + view), "0") << view << " proves nothing";
  }

  std::string Number(const std::string& json, const std::string& member) const {
    return postgres() ? absl::StrCat("(", json, "->>'", member, "')::numeric")
                      : absl::StrCat("json_extract(", json, ", '$.", member, "')");
  }

  PostgresServer* const server_ = GetParam() ? &PostgresServer::Shared() : nullptr;
  std::optional<TestCluster> cluster_;
  std::string path_;
};

INSTANTIATE_TEST_SUITE_P(Stores, MovingTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Postgres" : "Sqlite"; });

TEST_P(MovingTest, AirbytesNames) {
  Move("airbyte", {"tt_advertisers", "tt_campaigns", "tt_ad_groups", "tt_ads"});
  const std::vector<std::string> views = Views("airbyte");
  EXPECT_EQ(views.size(), 29u);
  for (const std::string& view : views) ExpectTheRowsOfItsTable(view);
  for (const std::string metric : {"spend", "clicks", "video_views_p100", "total_purchase_value", "conversion"}) {
    EXPECT_EQ(Ask(absl::StrCat("SELECT sum(", Number("metrics", metric), ") FROM ads_reports_daily")),
              Ask(absl::StrCat("SELECT sum(", metric, ") FROM tt_ads_reports_daily")))
        << metric;
  }
  // As in its recorded answers: ids are numbers, days have a time.
  EXPECT_EQ(
      Ask("SELECT count(*) FROM ads_reports_daily AS v JOIN ads AS a ON a.ad_id = v.ad_id WHERE v.ad_id > 0 AND " +
          Number("dimensions", "ad_id") + " = v.ad_id"),
      Ask("SELECT count(*) FROM tt_ads_reports_daily"));
  EXPECT_EQ(Ask("SELECT min(stat_time_day) FROM campaigns_audience_reports_by_country_daily"), "2026-06-10 00:00:00");
  EXPECT_EQ(Ask("SELECT count(DISTINCT gender) FROM advertisers_audience_reports_daily"), "3");
  EXPECT_THAT(Ask("SELECT min(create_time) FROM campaigns"), testing::MatchesRegex("20..-..-.. ..:..:.."));
  EXPECT_EQ(Ask("SELECT min(create_time) FROM advertisers"),
            postgres() ? Ask("SELECT extract(epoch FROM min(create_time))::bigint FROM tt_advertisers")
                       : Ask("SELECT strftime('%s', min(create_time)) FROM tt_advertisers"));
}

TEST_P(MovingTest, FivetransNames) {
  Move("fivetran", {"tt_advertiser", "tt_campaign", "tt_adgroup", "tt_ad"});
  const std::vector<std::string> views = Views("fivetran");
  EXPECT_EQ(views.size(), 18u);
  for (const std::string& view : views) ExpectTheRowsOfItsTable(view);
  for (const std::string table : {"ad_report_daily", "adgroup_report_hourly", "campaign_report_hourly"}) {
    EXPECT_EQ(Ask("SELECT sum(video_views_p_25) + sum(video_watched_2_s) + sum(clicks) FROM " + table),
              Ask("SELECT sum(video_views_p25) + sum(video_watched_2s) + sum(clicks) FROM tt_" + table));
    EXPECT_EQ(Ask("SELECT sum(spend) FROM " + table), Ask("SELECT sum(spend) FROM tt_" + table));
  }
  EXPECT_EQ(Ask("SELECT min(stat_time_day) FROM campaign_country_report"), "2026-06-10 00:00:00");
  EXPECT_EQ(Ask("SELECT min(stat_time_hour) FROM ad_report_hourly"), "2026-06-10 00:00:00");
  // The newest version of each object, as its users ask for it.
  EXPECT_EQ(
      Ask("SELECT count(*) FROM ad_report_daily AS r JOIN (SELECT ad_id, ad_name, row_number() OVER (PARTITION BY "
          "ad_id ORDER BY updated_at DESC) AS n FROM ad_history) AS a ON a.ad_id = r.ad_id AND a.n = 1"),
      Ask("SELECT count(*) FROM tt_ad_report_daily"));
  EXPECT_EQ(Ask("SELECT count(*) FROM advertiser WHERE id > 0 AND currency IS NOT NULL"), "3");
}

Wanted Daily(const std::string& settings) {
  return {.name = "ads_daily",
          .stream = "basic_report",
          .level = "ad",
          .dimensions = {"stat_time_day"},
          .metrics = {"spend", "impressions", "clicks"},
          .settings = settings,
          .first_day = "2026-06-01"};
}

// The old tool has read up to 31 May; its history is not wanted again.
TEST(TakeOverTest, NothingBeforeTheFirstDayIsEverRead) {
  const Wanted wanted = Daily("backfill: 2y");
  TestCluster cluster({.extracts = YamlOf({wanted})});
  cluster.Start();
  cluster.Tikhaul({"backfill", "ads_daily", "--from", "2026-06-01", "--wait"});
  ExpectEqualsTruth(cluster, {wanted});
  for (int day = 0; day < 2; ++day) {
    cluster.Advance(absl::Hours(24));
    cluster.Sync();
    cluster.WaitIdle();
  }
  EXPECT_THAT(cluster.Query("SELECT min(stat_time_day) FROM ads_daily"), ElementsAre(ElementsAre("2026-06-01")));
  EXPECT_THAT(cluster.Query("SELECT min(first_day) FROM tikhaul_chunk"), ElementsAre(ElementsAre("2026-06-01")));
  EXPECT_THAT(cluster.Query("SELECT max(stat_time_day) FROM ads_daily"), ElementsAre(ElementsAre("2026-06-17")));
  // From its first day on it has no hole: the cursors stand at the end.
  EXPECT_THAT(cluster.Query("SELECT advertiser FROM tikhaul_cursor WHERE extract = 'ads_daily' AND "
                            "coalesce(cursor_day, '') < '2026-06-15'"),
              IsEmpty());
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_cursor WHERE extract = 'ads_daily'"), 3);
}

// The same by configuration, for `tikhaul local` and for backfills without words: only so many days back.
TEST(TakeOverTest, TheDepthOfTheConfigurationBoundsIt) {
  const Wanted wanted = Daily("backfill: 15d");
  TestCluster cluster({.extracts = YamlOf({wanted})});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_THAT(cluster.Query("SELECT min(first_day) FROM tikhaul_chunk"), ElementsAre(ElementsAre("2026-06-01")));
  ExpectEqualsTruth(cluster, {wanted});
}

}  // namespace
}  // namespace tikhaul
