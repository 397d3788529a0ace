// Values that break careless connectors: they land right, or are kept and reported.
#include <gmock/gmock.h>

#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Wanted WithNames() {
  return {.name = "ads_named",
          .stream = "basic_report",
          .level = "ad",
          .dimensions = {"stat_time_day"},
          .metrics = {"campaign_name", "ad_name", "tiktok_name", "currency", "spend", "impressions", "clicks", "cpc"},
          .settings = "backfill: 200",
          .first_day = "2025-11-28"};
}

Wanted Daily(const std::string& first_day) {
  return {.name = "ads_daily",
          .stream = "basic_report",
          .level = "ad",
          .dimensions = {"stat_time_day"},
          .metrics = {"spend", "impressions", "clicks", "ctr", "conversion"},
          .settings = "backfill: 30",
          .first_day = first_day};
}

TEST(AwkwardDataTest, IdsNamesMoneyAndDashesLandRight) {
  const std::vector<Wanted> wanted = {WithNames(), {.name = "adverts", .stream = "adverts"}};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  cluster.Backfill();
  EXPECT_THAT(cluster.WaitIdle().drift(), IsEmpty());
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_THAT(cluster.Query("SELECT DISTINCT typeof(ad_id), length(ad_id) FROM ads_named"),
              ElementsAre(ElementsAre("text", "19")));
  EXPECT_THAT(cluster.Query("SELECT DISTINCT typeof(spend) FROM ads_named"), ElementsAre(ElementsAre("real")));
  EXPECT_THAT(cluster.Query("SELECT DISTINCT typeof(impressions) FROM ads_named"), ElementsAre(ElementsAre("integer")));
  EXPECT_THAT(cluster.Query("SELECT DISTINCT typeof(tiktok_name) FROM ads_named"), ElementsAre(ElementsAre("null")))
      << "\"-\" is no value";
  EXPECT_THAT(cluster.Query("SELECT count(*) FROM ads_named WHERE _currency = 'JPY' AND spend <> round(spend)"),
              ElementsAre(ElementsAre("0")));
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM ads_named WHERE _currency = 'JPY' AND spend > 0"), 0);
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM ads_named WHERE _currency = 'USD' AND spend <> round(spend)"), 0);
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM (SELECT campaign_name AS name FROM ads_named UNION SELECT ad_name "
                             "FROM ads_named) WHERE name LIKE '%🎉%' OR name LIKE '%\"%' OR name LIKE '%家%' OR "
                             "name LIKE '%セール%' OR name LIKE '%' || char(10) || '%'"),
            0)
      << "the data set has no awkward names any more";
  EXPECT_THAT(cluster.Query("SELECT DISTINCT _raw FROM ads_named"), ElementsAre(ElementsAre("NULL")));
}

TEST(AwkwardDataTest, FieldsThatNobodyKnowsAreKeptAndReported) {
  const std::vector<Wanted> wanted = {Daily("2026-05-17"), {.name = "campaigns", .stream = "campaigns"}};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Fault(R"({"kind": "unknown_fields", "match": {"path": "report/integrated/get/"}, "times": -1})");
  cluster.Fault(R"({"kind": "unknown_fields", "match": {"path": "campaign/get/"}, "times": -1})");
  cluster.Start();
  cluster.Backfill();
  const v1::Status status = cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  for (const std::string table : {"ads_daily", "campaigns"}) {
    EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM " + table + " WHERE json_valid(_extra) IS NOT 1"), 0) << table;
    bool reported = false;
    for (const v1::Drift& drift : status.drift()) {
      if (drift.extract() != table) continue;
      reported = true;
      EXPECT_EQ(drift.kind(), "unknown field");
      EXPECT_EQ(drift.count(), static_cast<uint64_t>(cluster.QueryInt("SELECT count(*) FROM " + table))) << table;
    }
    EXPECT_TRUE(reported) << table;
  }
}

TEST(AwkwardDataTest, NumbersWhereTextsAreUsualAreTheSameNumbers) {
  const std::vector<Wanted> wanted = {Daily("2026-05-17"), {.name = "adverts", .stream = "adverts"}};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Fault(R"({"kind": "number_strings", "match": {"path": "report/integrated/get/"}, "times": -1})");
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_GT(cluster.FaultHits(), 0);
  ExpectEqualsTruth(cluster, wanted);
}

TEST(AwkwardDataTest, FiguresThatAreNoneAreKeptAsTheyCame) {
  // Beside search terms the API hides small figures: "<5" impressions.
  const std::vector<Wanted> wanted = {{.name = "terms",
                                       .stream = "basic_report",
                                       .level = "campaign",
                                       .dimensions = {"stat_time_day", "search_terms"},
                                       .metrics = {"spend", "impressions", "clicks"},
                                       .settings = "backfill: 730",
                                       .first_day = "2024-06-16"}};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = "quickstart", .slots = 16});
  cluster.Start();
  cluster.Backfill();
  const v1::Status status = cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  const int64_t hidden = cluster.QueryInt("SELECT count(*) FROM terms WHERE _raw IS NOT NULL");
  EXPECT_GT(hidden, 0) << "no figure was hidden: the test proves nothing";
  EXPECT_THAT(cluster.Query("SELECT DISTINCT impressions, json_extract(_raw, '$.impressions') FROM terms "
                            "WHERE _raw IS NOT NULL"),
              ElementsAre(ElementsAre("NULL", "<5")));
  ASSERT_THAT(status.drift(), SizeIs(1));
  EXPECT_EQ(status.drift(0).kind(), "unparsed value");
  EXPECT_EQ(status.drift(0).name(), "impressions");
  EXPECT_EQ(status.drift(0).count(), static_cast<uint64_t>(hidden));
}

}  // namespace
}  // namespace tikhaul
