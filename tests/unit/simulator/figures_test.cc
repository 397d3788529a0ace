// Late and restated days, and sums over levels and breakdowns.
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

constexpr char kReport[] = "report/integrated/get/";
constexpr char kMetrics[] =
    R"(["spend","impressions","clicks","conversion","real_time_conversion","result","video_play_actions","likes","app_install","total_purchase_value"])";

// Sums of all metrics over the rows whose key (a dimension or an attribute metric) is the same.
using Sums = std::map<std::string, std::map<std::string, int64_t>>;

class FiguresTest : public SimTest {
 protected:
  Sums SumBy(const std::string& key, const Params& params) {
    Sums sums;
    for (const auto& row : AllRows(kReport, params)) {
      const std::string where = row["dimensions"].contains(key) ? "dimensions" : "metrics";
      const std::string name = row[where].value(key, "");
      for (const auto& [metric, value] : row["metrics"].items()) {
        if (metric == key) continue;
        sums[name][metric] += static_cast<int64_t>(Number(value) * 1000 + 0.5);
      }
    }
    return sums;
  }
  // The levels' own filter for deleted objects.
  static std::string AllOf(const std::string& field) {
    return nlohmann::json::array({{{"field_name", field}, {"filter_type", "IN"}, {"filter_value", "[\"STATUS_ALL\"]"}}})
        .dump();
  }
  void At(const std::string& time) {
    std::string error;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, time, &options_.now, &error)) << error;
    Remake();
  }
};

TEST_F(FiguresTest, LevelsAddUpExactly) {
  for (size_t account = 0; account < sim_->data_set().size(); ++account) {
    const std::string metrics = kMetrics;
    const Params ads = With(AdDays(account), {{"metrics", metrics}});
    const Params with_parent = With(ads, {{"metrics", metrics.substr(0, metrics.size() - 1) + R"(,"campaign_id"])"}});
    const Params campaigns = With(ads, {{"data_level", "AUCTION_CAMPAIGN"},
                                        {"dimensions", R"(["campaign_id","stat_time_day"])"},
                                        {"filtering", AllOf("campaign_status")}});
    const Params groups = With(ads, {{"data_level", "AUCTION_ADGROUP"},
                                     {"dimensions", R"(["adgroup_id","stat_time_day"])"},
                                     {"filtering", AllOf("adgroup_status")}});
    const Params advertiser = With(ads, {{"data_level", "AUCTION_ADVERTISER"},
                                         {"dimensions", R"(["advertiser_id","stat_time_day"])"},
                                         {"filtering", ""}});
    const Sums by_day = SumBy("stat_time_day", ads);
    ASSERT_GE(by_day.size(), 10u);
    EXPECT_EQ(by_day, SumBy("stat_time_day", advertiser));
    EXPECT_EQ(by_day, SumBy("stat_time_day", campaigns));
    EXPECT_EQ(by_day, SumBy("stat_time_day", groups));
    EXPECT_EQ(SumBy("campaign_id", with_parent), SumBy("campaign_id", campaigns));
  }
}

TEST_F(FiguresTest, AudienceRowsSplitTheAdsFigures) {
  const Params audience =
      With(AdDays(), {{"report_type", "AUDIENCE"}, {"metrics", R"(["spend","impressions","clicks","conversion"])"}});
  const Sums whole = SumBy("ad_id", With(AdDays(), {{"metrics", R"(["spend","impressions","clicks","conversion"])"}}));
  for (const char* split :
       {R"("age","gender")", R"("gender")", R"("country_code")", R"("platform")", R"("province_id")"}) {
    EXPECT_EQ(whole, SumBy("ad_id",
                           With(audience, {{"dimensions", absl::StrCat("[\"ad_id\",\"stat_time_day\",", split, "]")}})))
        << split;
    EXPECT_EQ(whole, SumBy("ad_id", With(audience, {{"dimensions", absl::StrCat("[\"ad_id\",", split, "]")}})))
        << split;
  }
}

TEST_F(FiguresTest, HoursAddUpToTheDay) {
  for (const char* day : {"2026-05-04", "2026-03-08", "2025-11-02"}) {  // the last two change to and from summer time
    const Params dates = {{"start_date", day}, {"end_date", day}, {"metrics", kMetrics}};
    const Params hours = With(With(AdDays(), dates), {{"dimensions", R"(["ad_id","stat_time_hour"])"}});
    const Sums by_ad = SumBy("ad_id", hours);
    EXPECT_FALSE(by_ad.empty());
    EXPECT_EQ(by_ad, SumBy("ad_id", With(AdDays(), dates))) << day;
    const Sums by_hour = SumBy("stat_time_hour", hours);
    EXPECT_EQ(by_hour.contains("2026-03-08 02:00:00"), false);
  }
}

TEST_F(FiguresTest, LifetimeIsTheSumOfAllDays) {
  const Params lifetime =
      With(AdDays(2), {{"dimensions", R"(["ad_id"])"}, {"query_lifetime", "true"}, {"metrics", kMetrics}});
  Params year = With(AdDays(2), {{"dimensions", R"(["ad_id"])"},
                                 {"start_date", "2025-06-16"},
                                 {"end_date", "2026-06-15"},
                                 {"metrics", kMetrics}});
  EXPECT_EQ(SumBy("ad_id", lifetime), SumBy("ad_id", year));  // this account is 8 months old
  EXPECT_GT(AllRows(kReport, lifetime).size(), 10u);
}

TEST_F(FiguresTest, RatiosFollowFromTheirParts) {
  const Params params = With(AdDays(), {{"metrics", R"(["spend","impressions","clicks","ctr","cpc","cpm"])"}});
  ASSERT_FALSE(AllRows(kReport, params).empty());
  for (const auto& row : AllRows(kReport, params)) {
    const auto& m = row["metrics"];
    const double impressions = Number(m["impressions"]), clicks = Number(m["clicks"]);
    ASSERT_LE(clicks, impressions);
    EXPECT_NEAR(Number(m["ctr"]), clicks / impressions * 100, 0.0051);
    EXPECT_NEAR(Number(m["cpm"]), Number(m["spend"]) / impressions * 1000, 0.0051);
    if (clicks > 0) {
      EXPECT_NEAR(Number(m["cpc"]), Number(m["spend"]) / clicks, 0.0051);
    }
  }
}

TEST_F(FiguresTest, YenHaveNoDecimals) {
  bool fraction = false;
  ASSERT_FALSE(AllRows(kReport, AdDays(1)).empty());
  for (const auto& row : AllRows(kReport, AdDays(1)))
    fraction |= row["metrics"]["spend"].get<std::string>().find('.') != std::string::npos;
  EXPECT_FALSE(fraction);
}

TEST_F(FiguresTest, SpellingsVary) {
  bool three_places = false, count_with_fraction = false, dash = false, null = false;
  const Params params = With(AdDays(), {{"metrics", R"(["spend","impressions","secondary_goal_result"])"}});
  for (const auto& row : AllRows(kReport, params)) {
    const std::string spend = row["metrics"]["spend"], impressions = row["metrics"]["impressions"];
    three_places |= spend.size() - spend.find('.') == 4;
    count_with_fraction |= impressions.find(".0") != std::string::npos;
    null |= row["metrics"]["secondary_goal_result"].is_null();
    dash |= row["metrics"]["secondary_goal_result"] == "-";
  }
  EXPECT_TRUE(three_places && count_with_fraction && null && dash);
}

TEST_F(FiguresTest, TodayGrowsThroughTheDay) {
  const Params today = With(AdDays(), {{"start_date", "2026-06-14"}, {"end_date", "2026-06-14"}});
  At("2026-06-14T06:00:00Z");  // still the 13th in Los Angeles
  EXPECT_TRUE(AllRows(kReport, today).empty());
  int64_t last = 0;
  for (const char* time :
       {"2026-06-14T14:00:00Z", "2026-06-14T20:00:00Z", "2026-06-15T03:00:00Z", "2026-06-15T08:00:00Z"}) {
    At(time);
    const int64_t impressions = SumBy("stat_time_day", today)["2026-06-14 00:00:00"]["impressions"];
    EXPECT_GT(impressions, last) << time;
    last = impressions;
  }
}

TEST_F(FiguresTest, CorrectionChangesYesterdayOnce) {
  options_.data_set = "quickstart";
  Remake();
  const Params params = With(AdDays(), {{"start_date", "2026-06-10"}, {"end_date", "2026-06-10"}});
  At("2026-06-11T11:59:00Z");
  const Sums before = SumBy("ad_id", params);
  At("2026-06-11T12:00:00Z");
  const Sums after = SumBy("ad_id", params);
  EXPECT_NE(before, after);
  At("2026-06-13T09:00:00Z");
  EXPECT_EQ(after, SumBy("ad_id", params));
}

TEST_F(FiguresTest, SomeRowsVanishAndSomeComeWithTheCorrection) {
  options_.data_set = "quickstart";
  Remake();
  int gone = 0, come = 0;
  for (int day = 1; day <= 30; ++day) {
    const std::string date = absl::StrCat("2026-04-", day < 10 ? "0" : "", day);
    for (size_t account = 0; account < 5; ++account) {
      const Params params = With(AdDays(account), {{"start_date", date}, {"end_date", date}});
      const absl::CivilSecond noon(2026, 4, day + 1, 12, 0, 0);
      options_.now = absl::FromCivil(noon - 1, absl::UTCTimeZone());
      Remake();
      const Sums before = SumBy("ad_id", params);
      options_.now = absl::FromCivil(noon, absl::UTCTimeZone());
      Remake();
      const Sums after = SumBy("ad_id", params);
      for (const auto& [ad, sums] : before) gone += after.contains(ad) ? 0 : 1;
      for (const auto& [ad, sums] : after) come += before.contains(ad) ? 0 : 1;
    }
  }
  EXPECT_GT(gone, 0);
  EXPECT_GT(come, 0);
  EXPECT_LT(gone + come, 60);
}

TEST_F(FiguresTest, ConversionsGrowForSevenDays) {
  const Params params =
      With(AdDays(),
           {{"start_date", "2026-05-20"}, {"end_date", "2026-05-20"}, {"metrics", R"(["conversion","impressions"])"}});
  int64_t last = 0;
  for (int days = 1; days <= 9; ++days) {
    options_.now =
        absl::FromCivil(absl::CivilSecond(2026, 5, 20, 20, 0, 0), absl::UTCTimeZone()) + absl::Hours(24) * days;
    Remake();
    const int64_t now = SumBy("stat_time_day", params)["2026-05-20 00:00:00"]["conversion"];
    EXPECT_GE(now, last);
    if (days == 1) {
      EXPECT_GT(now, 0);
    }
    if (days == 8 || days == 9) {
      EXPECT_GT(now, 0);
    }
    if (days == 9) {
      EXPECT_EQ(now, last);
    }
    last = now;
  }
  options_.now = absl::FromCivil(absl::CivilSecond(2026, 5, 21, 20, 0, 0), absl::UTCTimeZone());
  Remake();
  EXPECT_LT((SumBy("stat_time_day", params)["2026-05-20 00:00:00"]["conversion"]), last);
}

TEST_F(FiguresTest, SlowAudienceRowsAppearSixteenHoursAfterTheDay) {
  const Params dates = {{"start_date", "2026-06-10"}, {"end_date", "2026-06-10"}, {"report_type", "AUDIENCE"}};
  const Params gender = With(With(AdDays(), dates), {{"dimensions", R"(["ad_id","stat_time_day","gender"])"}});
  const Params country = With(With(AdDays(), dates), {{"dimensions", R"(["ad_id","stat_time_day","country_code"])"}});
  At("2026-06-11T22:59:00Z");  // the day ended at 07:00 UTC
  EXPECT_TRUE(AllRows(kReport, gender).empty());
  EXPECT_FALSE(AllRows(kReport, country).empty());
  At("2026-06-11T23:00:00Z");
  EXPECT_FALSE(AllRows(kReport, gender).empty());
}

TEST_F(FiguresTest, ReachComesSixteenHoursLate) {
  const Params params = With(
      AdDays(), {{"start_date", "2026-06-10"}, {"end_date", "2026-06-10"}, {"metrics", R"(["reach","impressions"])"}});
  At("2026-06-11T22:00:00Z");
  EXPECT_EQ((SumBy("stat_time_day", params)["2026-06-10 00:00:00"]["reach"]), 0);
  At("2026-06-11T23:00:00Z");
  EXPECT_GT((SumBy("stat_time_day", params)["2026-06-10 00:00:00"]["reach"]), 0);
}

TEST_F(FiguresTest, TotalMetricsAreTheSums) {
  const nlohmann::json data =
      Get(kReport,
          With(AdDays(), {{"enable_total_metrics", "true"}, {"metrics", R"(["spend","clicks","ad_name"])"}}))["data"];
  double spend = 0;
  for (const auto& row : data["list"]) spend += Number(row["metrics"]["spend"]);
  EXPECT_NEAR(Number(data["total_metrics"]["spend"]), spend, 0.001);
  EXPECT_EQ(data["total_metrics"]["ad_name"], "-");
}

TEST_F(FiguresTest, SeveralAccountsCarryTheirCurrencyAndWholeMoney) {
  Params params = AdDays();
  params.erase("advertiser_id");
  params["advertiser_ids"] = nlohmann::json::array({Account(0), Account(1)}).dump();
  std::map<std::string, int> rows;
  for (const auto& row : AllRows(kReport, params)) {
    ++rows[row["metrics"]["currency"]];
    EXPECT_EQ(row["metrics"]["spend"].get<std::string>().find('.'), std::string::npos);
  }
  EXPECT_GT(rows["USD"], 0);
  EXPECT_GT(rows["JPY"], 0);
}

// Conversions of one day of an account, summed over its ads.
class ClickWindowTest : public FiguresTest {
 protected:
  ClickWindowTest() { options_.data_set = "windows"; }
  std::map<std::string, int64_t> OfDay(size_t account, const std::string& day) {
    return SumBy("stat_time_day", With(AdDays(account), {{"metrics", R"(["conversion","impressions","spend"])"},
                                                         {"start_date", day},
                                                         {"end_date", day}}))[day + " 00:00:00"];
  }
};

TEST_F(ClickWindowTest, ConversionsGrowForTheAccountsWindow) {
  const int windows[] = {1, 7, 28};
  for (size_t account = 0; account < 3; ++account) {
    const absl::CivilDay day(2026, 5, 10);
    int64_t before = -1;
    // At 23:00 UTC the day is over in Los Angeles since it was (n - 1) days and 16 hours ago, elsewhere longer.
    for (int age = 2; age <= 31; ++age) {
      At(absl::StrCat(absl::FormatCivilTime(day + age), "T23:00:00Z"));
      const int64_t now = OfDay(account, "2026-05-10")["conversion"];
      ASSERT_GT(now, 0);
      if (before >= 0) {
        EXPECT_GE(now, before);
        EXPECT_TRUE(now == before || age <= windows[account] + 1) << "account " << account << " age " << age;
      }
      before = now;
    }
    At(absl::StrCat(absl::FormatCivilTime(day + windows[account] / 2), "T23:00:00Z"));
    EXPECT_LT(OfDay(account, "2026-05-10")["conversion"], before) << "account " << account;
  }
}

TEST_F(ClickWindowTest, ADayCanBeRestatedAtAnyAge) {
  At("2026-06-15T12:05:00Z");
  const auto before = OfDay(1, "2026-05-10"), neighbour = OfDay(1, "2026-05-11"), other = OfDay(0, "2026-05-10");
  Call call;
  call.method = "POST";
  call.path = "/sim/restate";
  EXPECT_EQ(sim_->Control(call).status, 400);
  call.params = {
      {"advertiser_id", Account(1)}, {"first_day", "2026-05-10"}, {"last_day", "2026-05-10"}, {"percent", "100"}};
  EXPECT_EQ(sim_->Control(call).status, 200);
  EXPECT_EQ(OfDay(1, "2026-05-10"), before) << "reports look at whole quarters of an hour";
  sim_->clock().Advance(absl::Minutes(10));
  EXPECT_EQ(OfDay(1, "2026-05-10").at("impressions"), 2 * before.at("impressions"));
  EXPECT_GT(OfDay(1, "2026-05-10").at("conversion"), before.at("conversion"));
  EXPECT_EQ(OfDay(1, "2026-05-11"), neighbour);
  EXPECT_EQ(OfDay(0, "2026-05-10"), other);
  call.params["advertiser_id"] = "17";
  EXPECT_EQ(sim_->Control(call).status, 400);
}

}  // namespace
}  // namespace tikhaul::simulator
