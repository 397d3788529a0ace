#include "simulator/quota_judge.h"

#include <gtest/gtest.h>

#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

using Verdict = QuotaJudge::Verdict;

QuotaLimits Limits(int64_t second, int64_t minute, int64_t day) { return {second, minute, day, absl::Minutes(5)}; }

TEST(QuotaJudgeTest, SecondIsASlidingHalfOpenWindow) {
  QuotaJudge judge(Limits(2, 100, 100));
  EXPECT_EQ(judge.Judge(absl::Milliseconds(0), 1), Verdict::kAllowed);
  EXPECT_EQ(judge.Judge(absl::Milliseconds(500), 1), Verdict::kAllowed);
  EXPECT_EQ(judge.Judge(absl::Microseconds(999'999), 1), Verdict::kPerSecond);
  EXPECT_EQ(judge.Judge(absl::Milliseconds(1'000), 1), Verdict::kAllowed);
  EXPECT_EQ(judge.Judge(absl::Milliseconds(1'499), 1), Verdict::kPerSecond);
  EXPECT_EQ(judge.Judge(absl::Milliseconds(1'500), 1), Verdict::kAllowed);
  const QuotaFigures figures = judge.Figures();
  EXPECT_EQ(figures.allowed, 4);
  EXPECT_EQ(figures.refused, 2);
  EXPECT_EQ(figures.refused_per_second, 2);
  EXPECT_EQ(figures.most_allowed_per_second, 2);
  EXPECT_EQ(figures.most_arrived_per_second, 4);
}

TEST(QuotaJudgeTest, BreachOfTheMinuteClosesForFiveMinutes) {
  QuotaJudge judge(Limits(100, 3, 100));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(judge.Judge(absl::Seconds(i), 1), Verdict::kAllowed);
  EXPECT_EQ(judge.Judge(absl::Seconds(10), 1), Verdict::kPerMinute);
  EXPECT_EQ(judge.Judge(absl::Seconds(100), 1), Verdict::kPerMinute);
  EXPECT_EQ(judge.Judge(absl::Milliseconds(309'999), 1), Verdict::kPerMinute);
  EXPECT_EQ(judge.Judge(absl::Seconds(310), 1), Verdict::kAllowed);
  EXPECT_EQ(judge.Figures().refused_per_minute, 3);
}

TEST(QuotaJudgeTest, MinuteForgetsWhatIsSixtySecondsOld) {
  QuotaJudge judge(Limits(100, 2, 100));
  EXPECT_EQ(judge.Judge(absl::Seconds(0), 1), Verdict::kAllowed);
  EXPECT_EQ(judge.Judge(absl::Seconds(30), 1), Verdict::kAllowed);
  EXPECT_EQ(judge.Judge(absl::Seconds(60), 1), Verdict::kAllowed);
  EXPECT_EQ(judge.Figures().most_allowed_per_minute, 2);
}

TEST(QuotaJudgeTest, DayIsCountedUntilTheNextUtcDay) {
  QuotaJudge judge(Limits(100, 100, 2));
  EXPECT_EQ(judge.Judge(absl::Seconds(0), 7), Verdict::kAllowed);
  EXPECT_EQ(judge.Judge(absl::Seconds(1), 7), Verdict::kAllowed);
  EXPECT_EQ(judge.Judge(absl::Seconds(2), 7), Verdict::kPerDay);
  EXPECT_EQ(judge.Judge(absl::Seconds(3), 8), Verdict::kAllowed);
  EXPECT_EQ(judge.Figures().refused_per_day, 1);
}

TEST(QuotaJudgeTest, ArrivalLogKeepsEveryCall) {
  QuotaJudge judge(Limits(1, 100, 100));
  judge.Judge(absl::Seconds(5), 1);
  judge.Judge(absl::Seconds(5) + absl::Microseconds(7), 1);
  EXPECT_EQ(judge.ArrivalLog(), "0 1\n7 0\n");
}

TEST(QuotaJudgeTest, TiersAreThoseOfTheSheet) {
  const auto fourth = LimitsOfTier("fourth");
  ASSERT_TRUE(fourth.ok());
  EXPECT_EQ(fourth->per_second, 50);
  EXPECT_EQ(fourth->per_minute, 3'000);
  EXPECT_EQ(fourth->per_day, 4'320'000);
  EXPECT_FALSE(LimitsOfTier("gold").ok());
}

TEST(AppJudgeTest, APathHasWindowsOfItsOwnBesideTheApps) {
  AppJudge judge(Limits(5, 600, 1'000), {{"a/", Limits(1, 2, 1'000)}});
  EXPECT_EQ(judge.Judge("a/", absl::Seconds(0), 1), 0);
  EXPECT_EQ(judge.Judge("a/", absl::Milliseconds(500), 1), 40016);
  EXPECT_EQ(judge.Judge("b/", absl::Milliseconds(500), 1), 0);
  EXPECT_EQ(judge.Judge("a/", absl::Seconds(1), 1), 0);
  EXPECT_EQ(judge.Judge("a/", absl::Seconds(2), 1), 40016) << "two in the minute";
  EXPECT_EQ(judge.app().Figures().allowed, 5) << "what the path refuses has counted for the app";
  EXPECT_EQ(judge.endpoints().at("a/")->Figures().refused, 2);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(judge.Judge("b/", absl::Seconds(2), 1), 0);
  EXPECT_EQ(judge.Judge("a/", absl::Seconds(2), 1), 40100) << "the app's limits come first";
  EXPECT_EQ(judge.endpoints().at("a/")->Figures().refused, 2);
}

TEST(AppJudgeTest, LimitsOfPathsAreThoseOfTheSheet) {
  const EndpointLimits production = DefaultEndpointLimits(false), sandbox = DefaultEndpointLimits(true);
  EXPECT_EQ(production.at("report/task/create/").per_day, 4'500);
  EXPECT_EQ(production.at("gmv_max/report/get/").per_minute, 240);
  EXPECT_EQ(sandbox.at("report/integrated/get/").per_second, 1);
  EXPECT_EQ(sandbox.at("user/info/").per_day, 1'000);
  const auto given = ParseEndpointLimit("ad/get/=2/50/700");
  ASSERT_TRUE(given.ok());
  EXPECT_EQ(given->first, "ad/get/");
  EXPECT_EQ(given->second.per_minute, 50);
  for (const char* bad : {"", "ad/get/", "ad/get/=1/2", "ad/get/=1/2/x", "=1/2/3"}) {
    EXPECT_FALSE(ParseEndpointLimit(bad).ok()) << bad;
  }
}

class QuotaSimTest : public SimTest {};

TEST_F(QuotaSimTest, CallsBeyondAPathsLimitAnswer40016) {
  options_.endpoint_limits = DefaultEndpointLimits(true);
  Remake();
  EXPECT_EQ(Code("user/info/", {}), 0);
  EXPECT_EQ(Code("user/info/", {}), 40016);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Code("user/info/", {}), 0);
  const nlohmann::json stats = nlohmann::json::parse(sim_->StatsJson());
  EXPECT_EQ(stats["endpoints"]["user/info/"]["allowed"], 2);
  EXPECT_EQ(stats["endpoints"]["user/info/"]["refused"], 1);
  EXPECT_EQ(stats["refused"], 0);
}

TEST_F(QuotaSimTest, RefusedCallsAnswer40100UnderStatus200) {
  options_.quota = Limits(1, 600, 1'000);
  Remake();
  EXPECT_EQ(Code("user/info/", {}), 0);
  const nlohmann::json refused = Get("user/info/", {});
  EXPECT_EQ(refused["code"], 40100);
  EXPECT_NE(refused["message"].get<std::string>().find("temporarily restricted"), std::string::npos);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Code("user/info/", {}), 0);
  const nlohmann::json stats = nlohmann::json::parse(sim_->StatsJson());
  EXPECT_EQ(stats["calls"]["user/info/"]["0"], 2);
  EXPECT_EQ(stats["calls"]["user/info/"]["40100"], 1);
  EXPECT_EQ(stats["allowed"], 2);
  EXPECT_EQ(stats["refused"], 1);
}

}  // namespace
}  // namespace tikhaul::simulator
