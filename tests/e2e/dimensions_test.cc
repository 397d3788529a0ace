// Every dimension of both reports, in its finest legal shape, against the truth.
#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/catalog/extract_shape.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

bool IsLegal(const Wanted& wanted) {
  v1::Extract extract;
  extract.set_name(wanted.name);
  extract.set_stream(wanted.stream);
  extract.set_level(wanted.level);
  for (const std::string& dimension : wanted.dimensions) extract.add_dimensions(dimension);
  for (const std::string& metric : wanted.metrics) extract.add_metrics(metric);
  return CheckExtract(extract).empty();
}

// By day where that is legal, with the parent's id where that is, at the finest level.
Wanted Finest(const std::string& stream, const std::vector<std::string>& breakdown) {
  Wanted wanted{.name = absl::StrCat(stream, "_by_", breakdown[0]), .stream = stream, .settings = "backfill: 10"};
  wanted.first_day = "2026-06-06";
  for (const char* level : {"ad", "ad_group", "campaign", "advertiser"}) {
    for (const bool by_day : {true, false}) {
      for (const char* parent : {"campaign_id", ""}) {
        wanted.level = level;
        wanted.dimensions = breakdown;
        if (by_day) wanted.dimensions.emplace_back("stat_time_day");
        wanted.metrics = {"spend", "impressions", "clicks"};
        if (parent[0] != '\0') wanted.metrics.emplace_back(parent);
        if (IsLegal(wanted)) return wanted;
      }
    }
  }
  ADD_FAILURE() << wanted.name << " is not legal at all";
  return wanted;
}

bool ByDay(const Wanted& wanted) {
  return std::find(wanted.dimensions.begin(), wanted.dimensions.end(), "stat_time_day") != wanted.dimensions.end();
}

// A report without time has figures of the window it was asked for: the truth must be asked for the same one.
void TakeWindow(TestCluster& cluster, Wanted& wanted) {
  const SqlRows windows =
      cluster.Query(absl::StrCat("SELECT DISTINCT _window_start, _window_end FROM ", wanted.name, " ORDER BY 1"));
  ASSERT_FALSE(windows.empty()) << wanted.name;
  wanted.first_day = windows.back()[0];
  wanted.last_day = windows.back()[1];
}

void ReadAndCompare(TestCluster& cluster, std::vector<Wanted> all) {
  cluster.Start();
  cluster.Backfill();
  EXPECT_EQ(cluster.WaitIdle().dead_letters(), 0u);
  for (Wanted& wanted : all) {
    if (!ByDay(wanted)) TakeWindow(cluster, wanted);
    EXPECT_GT(cluster.QueryInt(absl::StrCat("SELECT count(*) FROM ", wanted.name)), 0) << wanted.name;
  }
  ExpectEqualsTruth(cluster, all);
}

TEST(DimensionsTest, EachEqualsTheTruth) {
  std::vector<Wanted> all;
  for (const char* stream : {"basic_report", "audience_report"}) {
    for (const DimensionSpec& dimension : FindStream(stream)->dimensions) {
      if (dimension.kind == DimensionKind::kId || dimension.kind == DimensionKind::kTime) continue;
      std::vector<std::string> breakdown = {std::string(dimension.name)};
      if (!dimension.partner.empty()) breakdown.emplace_back(dimension.partner);
      all.push_back(Finest(stream, breakdown));
    }
  }
  ASSERT_GT(all.size(), 35u);
  TestCluster cluster({.extracts = YamlOf(all)});
  ReadAndCompare(cluster, all);
}

// tiktok-api.md 4.2: at most 100 ids per request for the third tier, 200 for behavior_id; more are refused with 40011.
TEST(DimensionsTest, RequestsWithTooManyIdsAreNarrowed) {
  const std::vector<Wanted> all = {Finest("audience_report", {"interest_category_tier3"}),
                                   Finest("audience_report", {"behavior_id"})};
  EXPECT_FALSE(ByDay(all[0]));
  EXPECT_TRUE(ByDay(all[1]));
  TestCluster cluster({.extracts = YamlOf(all), .data_set = "scale:1:350"});
  ReadAndCompare(cluster, all);
  EXPECT_EQ(cluster.QueryInt("SELECT count(DISTINCT extract) FROM tikhaul_slices WHERE ids BETWEEN 1 AND 100"), 2);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE state = 'split'"), 0)
      << "fewer days would not help";
}

}  // namespace
}  // namespace tikhaul
