// `tikhaul verify` over the simulator: equal as long as nobody touches anything; then the store is damaged by hand, and
// each damage is found, at its place, and flagged or explained as it should be.
#include <gmock/gmock.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/support/eventually.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// 60 days up to 2026-06-15. Days up to 2026-05-17 were final when they were read.
constexpr char kFinalDay[] = "2026-05-04";
constexpr char kMovingDay[] = "2026-06-05";
// Figures of the day itself move between a read and the next question.
constexpr char kYesterday[] = "2026-06-14";

Wanted Ads(const std::string& name, const std::string& settings) {
  return {.name = name,
          .stream = "basic_report",
          .level = "ad",
          .dimensions = {"stat_time_day"},
          .metrics = {"spend", "impressions", "clicks", "conversion", "reach", "ctr", "campaign_id", "adgroup_id"},
          .settings = "backfill: 60" + (settings.empty() ? "" : ", " + settings)};
}

std::vector<v1::VerifyResult> Verify(TestCluster& cluster, const std::vector<std::string>& extracts,
                                     const std::string& first = "", const std::string& last = kYesterday,
                                     uint32_t search_calls = 0) {
  v1::VerifyRequest request;
  request.mutable_extracts()->Assign(extracts.begin(), extracts.end());
  request.mutable_range()->set_first_day(first);
  request.mutable_range()->set_last_day(last);
  request.set_search_calls(search_calls);
  grpc::ClientContext context;
  const auto reader = cluster.admin().Verify(&context, request);
  std::vector<v1::VerifyResult> results;
  v1::VerifyResult result;
  while (reader->Read(&result)) results.push_back(result);
  const grpc::Status status = reader->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  std::sort(results.begin(), results.end(), [](const auto& a, const auto& b) {
    return std::pair(a.extract(), a.advertiser()) < std::pair(b.extract(), b.advertiser());
  });
  return results;
}

// "flagged figure_differs spend 2026-05-04 ad 17..." of each finding.
std::vector<std::string> Lines(const std::vector<v1::VerifyResult>& results) {
  std::vector<std::string> lines;
  for (const v1::VerifyResult& result : results) {
    if (!result.note().empty()) lines.push_back(absl::StrCat(result.extract(), " ", result.note()));
    for (const v1::VerifyFinding& f : result.findings()) {
      lines.push_back(absl::StrCat(f.verdict() == v1::VerifyFinding::VERDICT_FLAGGED ? "flagged " : "explained ",
                                   f.reason(), " ", f.metric(), " ", f.first_day(), "..", f.last_day(), " ", f.level(),
                                   " ", f.id(), f.breakdown(), " ", f.stored(), " ", f.api()));
    }
  }
  return lines;
}
std::vector<std::string> States(const std::vector<v1::VerifyResult>& results) {
  std::vector<std::string> states;
  for (const v1::VerifyResult& result : results) states.push_back(result.state());
  return states;
}

// The ad of the day with the most spend, of whatever advertiser: advertiser, ad.
std::vector<std::string> TopAd(TestCluster& cluster, const std::string& day) {
  const SqlRows rows = cluster.Query("SELECT advertiser_id, ad_id FROM ads_daily WHERE stat_time_day = '" + day +
                                     "' AND spend > 0 ORDER BY spend DESC LIMIT 1");
  return rows.empty() ? std::vector<std::string>{"", ""} : rows[0];
}
std::string RowOf(const std::vector<std::string>& ad, const std::string& day) {
  return absl::StrCat(" WHERE stat_time_day = '", day, "' AND advertiser_id = '", ad[0], "' AND ad_id = '", ad[1], "'");
}

TEST(VerifyTest, DamageIsFoundAndFlaggedAndMends) {
  TestCluster cluster({.extracts = YamlOf({Ads("ads_daily", "")})});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const std::vector<v1::VerifyResult> clean = Verify(cluster, {"ads_daily"});
  EXPECT_THAT(clean, SizeIs(3));
  EXPECT_THAT(States(clean), Each("equal")) << testing::PrintToString(Lines(clean));
  EXPECT_THAT(clean[0].metrics(), ElementsAre("spend", "impressions", "clicks", "conversion"));
  EXPECT_THAT(clean[0].other_metrics(), ElementsAre("reach", "ctr"));
  EXPECT_EQ(clean[0].level(), "advertiser");
  EXPECT_EQ(clean[0].calls(), 2u) << "30 days a call";
  EXPECT_GT(clean[0].equal(), 100u);
  EXPECT_THAT(cluster.GetStatus().verified(), SizeIs(3));

  const std::vector<std::string> ad = TopAd(cluster, kFinalDay);
  EXPECT_EQ(ChangeFile(cluster.StorePath(),
                       "UPDATE ads_daily SET spend = spend + 1, clicks = clicks + 2" + RowOf(ad, kFinalDay)),
            1);
  std::vector<v1::VerifyResult> damaged = Verify(cluster, {"ads_daily"});
  std::vector<std::string> lines = Lines(damaged);
  EXPECT_THAT(lines, SizeIs(2)) << testing::PrintToString(lines);
  EXPECT_THAT(
      lines,
      Contains(HasSubstr(absl::StrCat("flagged figure_differs spend ", kFinalDay, "..", kFinalDay, " ad ", ad[1]))));
  EXPECT_THAT(lines, Contains(HasSubstr("flagged figure_differs clicks")));
  EXPECT_THAT(States(damaged), Contains("flagged").Times(1));
  for (const v1::VerifyResult& result : damaged) {
    if (result.state() != "flagged") continue;
    EXPECT_EQ(result.advertiser(), ad[0]);
    EXPECT_EQ(result.findings(0).difference(), result.findings(0).metric() == "spend" ? "-1" : "-2");
    EXPECT_EQ(result.findings(0).mend(), absl::StrCat("tikhaul backfill ads_daily --advertiser ", ad[0], " --from ",
                                                      kFinalDay, " --to ", kFinalDay, " --again"));
    EXPECT_LE(result.calls(), 2u + 3u) << "campaign, ad group, ad";
  }
  const v1::Status status = cluster.GetStatus();
  EXPECT_EQ(std::count_if(status.verified().begin(), status.verified().end(),
                          [](const v1::Verification& one) { return one.flagged() > 0; }),
            1);

  EXPECT_EQ(ChangeFile(cluster.StorePath(), "DELETE FROM ads_daily" + RowOf(ad, kFinalDay)), 1);
  lines = Lines(Verify(cluster, {"ads_daily"}));
  EXPECT_THAT(lines, Contains(HasSubstr("flagged rows_lost")));
  EXPECT_THAT(lines, Contains(HasSubstr(absl::StrCat("flagged row_missing spend ", kFinalDay, "..", kFinalDay, " ad ",
                                                     ad[1], " 0 "))));

  // Without calls to look for the place, it is flagged where it was seen.
  lines = Lines(Verify(cluster, {"ads_daily"}, kFinalDay, kFinalDay, 1));
  EXPECT_THAT(lines, Contains(HasSubstr("flagged not_located spend")));

  v1::BackfillRequest again;
  again.add_extracts("ads_daily");
  again.add_advertisers(ad[0]);
  again.mutable_range()->set_first_day(kFinalDay);
  again.mutable_range()->set_last_day(kFinalDay);
  again.set_again_key("again");
  v1::BackfillResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(cluster.admin().Backfill(&context, again, &response).ok());
  cluster.WaitIdle();
  const std::vector<v1::VerifyResult> mended = Verify(cluster, {"ads_daily"});
  EXPECT_THAT(States(mended), Each("equal")) << testing::PrintToString(Lines(mended));
}

TEST(VerifyTest, DaysThatMoveAndDaysThatAreMissingAreExplained) {
  TestCluster cluster({.extracts = YamlOf({Ads("ads_daily", "")})});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const std::vector<std::string> ad = TopAd(cluster, kMovingDay);
  EXPECT_EQ(ChangeFile(cluster.StorePath(), "UPDATE ads_daily SET clicks = clicks + 5" + RowOf(ad, kMovingDay)), 1);
  std::vector<std::string> lines = Lines(Verify(cluster, {"ads_daily"}));
  EXPECT_THAT(lines, ElementsAre(HasSubstr(absl::StrCat("explained not_final clicks ", kMovingDay, "..", kMovingDay))));

  // A day that nobody has read: neither rows nor coverage.
  const std::string of_ad = " advertiser_id = '" + ad[0] + "' AND stat_time_day = '" + kFinalDay + "'";
  EXPECT_GT(ChangeFile(cluster.StorePath(), "DELETE FROM ads_daily WHERE" + of_ad), 0);
  EXPECT_EQ(ChangeFile(cluster.StorePath(), absl::StrCat("UPDATE tikhaul_coverage SET last_day = '2026-05-03' WHERE "
                                                         "advertiser = '",
                                                         ad[0], "'")),
            1);
  EXPECT_EQ(ChangeFile(cluster.StorePath(),
                       absl::StrCat("INSERT INTO tikhaul_coverage SELECT extract, advertiser, '2026-05-05', "
                                    "'2026-06-15' FROM tikhaul_coverage WHERE advertiser = '",
                                    ad[0], "'")),
            1);
  std::vector<v1::VerifyResult> results = Verify(cluster, {"ads_daily"}, kFinalDay, kFinalDay);
  lines = Lines(results);
  EXPECT_THAT(lines, Contains(HasSubstr(absl::StrCat("explained not_read  ", kFinalDay, "..", kFinalDay))));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("flagged"))));

  // The figures of the newest days move on by themselves.
  cluster.Advance(absl::Hours(48));
  results = Verify(cluster, {"ads_daily"}, "2026-06-10", "2026-06-15");
  EXPECT_THAT(States(results), Each("explained"));
  for (const v1::VerifyResult& result : results) {
    EXPECT_EQ(result.flagged(), 0u) << result.DebugString();
    EXPECT_THAT(result.findings(0).mend(), HasSubstr("tikhaul backfill ads_daily --advertiser " + result.advertiser()));
  }
}

TEST(VerifyTest, WhatTheConfigurationLeavesOutIsMeasured) {
  const std::string only_reserved = "filters: [{field: buying_type, value: [RESERVATION_RF]}]";
  Wanted living = Ads("living", "");
  living.include_deleted = false;
  TestCluster cluster({.extracts = YamlOf({Ads("ads_daily", ""), living, Ads("reserved", only_reserved)})});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const std::vector<v1::VerifyResult> results = Verify(cluster, {"living", "reserved"});
  ASSERT_THAT(results, SizeIs(6));
  EXPECT_THAT(States(results), Contains("explained").Times(5)) << "one account has no deleted object with figures";
  for (const v1::VerifyResult& result : results) {
    double left_out = 0;
    for (const v1::VerifyFinding& finding : result.findings()) {
      EXPECT_EQ(finding.reason(), "left_out");
      EXPECT_THAT(finding.detail(), HasSubstr(result.extract() == "living" ? "deleted objects" : "buying types"));
      if (finding.metric() == "spend") left_out += std::stod(finding.difference());
    }
    const std::string of =
        absl::StrCat(" WHERE stat_time_day <= '", kYesterday, "' AND advertiser_id = '", result.advertiser(), "'");
    const SqlRows rows = cluster.Query(absl::StrCat("SELECT (SELECT sum(spend) FROM ads_daily", of,
                                                    ") - (SELECT total(spend) FROM ", result.extract(), of, ")"));
    EXPECT_NEAR(left_out, std::stod(rows.at(0).at(0)), 0.005) << result.extract() << " " << result.advertiser();
  }

  // Damage is told apart from what is left out.
  const SqlRows top = cluster.Query(absl::StrCat("SELECT advertiser_id, ad_id FROM living WHERE stat_time_day = '",
                                                 kFinalDay, "' ORDER BY spend DESC LIMIT 1"));
  ASSERT_THAT(top, SizeIs(1));
  EXPECT_EQ(ChangeFile(cluster.StorePath(), "UPDATE living SET clicks = clicks + 3" + RowOf(top[0], kFinalDay)), 1);
  const std::vector<std::string> lines = Lines(Verify(cluster, {"living"}));
  EXPECT_THAT(lines, Contains(HasSubstr("flagged")).Times(1)) << testing::PrintToString(lines);
  EXPECT_THAT(lines, Contains(HasSubstr(absl::StrCat("flagged figure_differs clicks ", kFinalDay, "..", kFinalDay,
                                                     " ad ", top[0][1]))));
}

TEST(VerifyTest, AllShapesAddUp) {
  const std::vector<Wanted> wanted = {
      {.name = "groups_hourly",
       .stream = "basic_report",
       .level = "ad_group",
       .dimensions = {"stat_time_hour"},
       .metrics = {"spend", "clicks"},
       .settings = "backfill: 5"},
      {.name = "countries",
       .stream = "basic_report",
       .level = "campaign",
       .dimensions = {"stat_time_day", "country_code"},
       .metrics = {"spend", "clicks"},
       .settings = "backfill: 40"},
      {.name = "age_gender",
       .stream = "audience_report",
       .level = "ad",
       .dimensions = {"stat_time_day", "age", "gender"},
       .metrics = {"spend", "impressions"},
       .settings = "backfill: 40"},
      {.name = "interests",
       .stream = "audience_report",
       .level = "ad_group",
       .dimensions = {"interest_category"},
       .metrics = {"spend", "impressions"},
       .settings = "backfill: 100"},
      {.name = "accounts",
       .stream = "basic_report",
       .level = "advertiser",
       .dimensions = {"stat_time_day"},
       .metrics = {"spend", "reach"},
       .settings = "backfill: 40"},
      {.name = "totals",
       .stream = "basic_report",
       .level = "ad",
       .metrics = {"spend", "clicks"},
       .settings = "backfill: 400"},
      Ads("appended", "mode: append"),
  };
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  for (const v1::VerifyResult& result : Verify(cluster, {})) {
    EXPECT_EQ(result.flagged(), 0u) << result.DebugString();
    // The newest window of a report without days holds the present day, whose figures move.
    const std::string state = result.extract() == "totals" && result.flagged() == 0 ? "equal" : result.state();
    EXPECT_EQ(state, "equal") << result.DebugString();
    EXPECT_GT(result.equal(), 0u) << result.extract();
  }
  cluster.Advance(absl::Hours(24));
  cluster.Sync({"appended"});
  cluster.WaitIdle();
  for (const v1::VerifyResult& result : Verify(cluster, {"appended"}, "2026-04-20", "2026-05-16"))
    EXPECT_EQ(result.state(), "equal") << result.DebugString();

  for (const char* damage :
       {"UPDATE countries SET clicks = clicks + 1 WHERE stat_time_day = '2026-05-10' AND country_code"
        " = (SELECT max(country_code) FROM countries WHERE stat_time_day = '2026-05-10')",
        "UPDATE totals SET clicks = clicks + 1 WHERE _window_end < '2026-04-01'"}) {
    EXPECT_GT(ChangeFile(cluster.StorePath(), damage), 0) << damage;
  }
  const std::vector<std::string> lines = Lines(Verify(cluster, {"countries", "totals"}));
  EXPECT_THAT(lines, Contains(HasSubstr("flagged figure_differs clicks 2026-05-10..2026-05-10 campaign")));
  EXPECT_THAT(lines, Contains(HasSubstr("country_code=")));
}

TEST(VerifyTest, ObjectsAreCountedAndThoseThatReportsMentionAreThere) {
  TestCluster cluster({.extracts = YamlOf({Ads("ads_daily", ""),
                                           {.name = "campaigns", .stream = "campaigns"},
                                           {.name = "ad_groups", .stream = "ad_groups"},
                                           {.name = "adverts", .stream = "adverts"},
                                           {.name = "interest_categories", .stream = "interest_categories"}})});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const std::vector<std::string> objects = {"campaigns", "ad_groups", "adverts"};
  for (const v1::VerifyResult& result : Verify(cluster, objects)) {
    EXPECT_EQ(result.state(), "equal") << result.DebugString();
    EXPECT_GT(result.equal(), 0u);
  }
  EXPECT_THAT(States(Verify(cluster, {"interest_categories"})), Each("not compared"));

  const std::vector<std::string> ad = TopAd(cluster, kFinalDay);
  EXPECT_EQ(ChangeFile(cluster.StorePath(), "DELETE FROM adverts WHERE ad_id = '" + ad[1] + "'"), 1);
  const std::vector<std::string> lines = Lines(Verify(cluster, objects));
  EXPECT_THAT(lines, Contains(HasSubstr("flagged rows_lost objects")).Times(1)) << testing::PrintToString(lines);
  EXPECT_THAT(lines, Contains(HasSubstr(absl::StrCat("flagged objects_missing objects ..  ", ad[1], " 0 1"))).Times(1));
  EXPECT_THAT(lines, SizeIs(2));

  cluster.Advance(absl::Hours(24 * 60));
  for (const v1::VerifyResult& result : Verify(cluster, {"campaigns"})) {
    EXPECT_EQ(result.flagged(), 0u) << result.DebugString();
    for (const v1::VerifyFinding& finding : result.findings()) {
      EXPECT_EQ(finding.reason(), "newer_objects");
      EXPECT_EQ(finding.mend(), "tikhaul sync campaigns");
    }
  }
}

}  // namespace
}  // namespace tikhaul
