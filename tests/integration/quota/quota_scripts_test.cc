#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/quota/limiter.h"
#include "tests/integration/quota/quota_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<QuotaScripts::Wanted> kOne = {{TokenClass(), 1}};

std::vector<std::string> Members(const QuotaScripts::Grant& grant) {
  std::vector<std::string> members;
  for (const QuotaScripts::Granted& token : grant.tokens) members.push_back(token.member);
  return members;
}

class QuotaScriptsTest : public QuotaFixture {};

INSTANTIATE_TEST_SUITE_P(Ways, QuotaScriptsTest, ::testing::Values(RedisWay::kPlain, RedisWay::kTls),
                         [](const auto& info) { return RedisWayName(info.param); });

TEST_P(QuotaScriptsTest, IsClosedUntilSeeded) {
  QuotaScripts scripts = Scripts(Limits());
  EXPECT_FALSE(State(scripts).open);
  const auto grant = Acquire(scripts, 1);
  EXPECT_EQ(grant.count(), 0u);
  EXPECT_TRUE(grant.closed);
  EXPECT_GT(grant.wait, absl::ZeroDuration());
}

TEST_P(QuotaScriptsTest, SeedOpensAfterOneSilentWindow) {
  QuotaScripts scripts = Scripts(Limits());
  const absl::Duration seeded = clock_.Monotonic();
  ASSERT_TRUE(scripts.Seed({17, 0}).ok());
  EXPECT_TRUE(State(scripts).open);
  EXPECT_EQ(State(scripts).used_today, 17u);
  const auto first = Acquire(scripts, 1);
  EXPECT_EQ(first.count(), 0u);
  EXPECT_FALSE(first.closed);
  EXPECT_GT(first.wait, absl::Milliseconds(500));
  EXPECT_LE(first.wait, absl::Seconds(1) + Limits().guard);
  ASSERT_TRUE(Eventually([&] { return Acquire(scripts, 1).count() == 1; }));
  EXPECT_GE(clock_.Monotonic() - seeded, absl::Seconds(1) + Limits().guard);
  EXPECT_EQ(Acquire(scripts, kPerSecond).count(), kPerSecond - 1);  // the whole window is there
}

TEST_P(QuotaScriptsTest, SeedOfAnOpenQuotaChangesNothing) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts, 5);
  const auto grant = Acquire(scripts, 1);
  ASSERT_EQ(grant.count(), 1u);
  ASSERT_TRUE(scripts.Seed({99'999, 1200}).ok());
  EXPECT_EQ(State(scripts).used_today, 6u);
  EXPECT_EQ(State(scripts).used_last_second, 1u);
}

TEST_P(QuotaScriptsTest, GrantsTheWindowAndNamesTheInstantOfTheNext) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts);
  const absl::Duration start = clock_.Monotonic();
  EXPECT_EQ(Acquire(scripts, 15).count(), 15u);
  EXPECT_EQ(Acquire(scripts, 15).count(), kPerSecond - 15);
  const auto full = Acquire(scripts, 1);
  EXPECT_EQ(full.count(), 0u);
  EXPECT_FALSE(full.closed);
  EXPECT_FALSE(full.day_is_used_up);
  EXPECT_GT(full.wait, absl::ZeroDuration());
  EXPECT_GE(Acquire(scripts, 16, 16).wait, full.wait - (clock_.Monotonic() - start));
  tikhaul::SleepFor(full.wait);
  EXPECT_EQ(Acquire(scripts, 1).count(), 1u);
  EXPECT_GE(clock_.Monotonic() - start, absl::Seconds(1) + Limits().guard);
}

TEST_P(QuotaScriptsTest, ALargeLimitIsNotGrantedAtOnce) {
  QuotaLimits limits = Limits();
  limits.per_second = 500;
  limits.per_minute = 30'000;
  QuotaScripts scripts = Scripts(limits);
  Open(scripts);
  const absl::Duration start = clock_.Monotonic(), pace = absl::Milliseconds(100);
  uint64_t granted = 0;
  while (granted < 500) {  // 56 in any pace
    const auto grant = Acquire(scripts, 500);
    granted += grant.count();
    const int64_t paces = absl::ToInt64Milliseconds(clock_.Monotonic() - start) / 100 + 1;
    ASSERT_LE(granted, 56u * static_cast<uint64_t>(paces));
    if (grant.count() > 0) continue;
    ASSERT_GT(grant.wait, absl::ZeroDuration());
    ASSERT_LE(grant.wait, pace);
    tikhaul::SleepFor(grant.wait);
  }
  EXPECT_GE(clock_.Monotonic() - start, 8 * pace);
}

TEST_P(QuotaScriptsTest, WaitForAHigherRankIsTheAgeOutOfALaterGrantButLittleLonger) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts);
  ASSERT_EQ(Acquire(scripts, 10).count(), 10u);
  tikhaul::SleepFor(absl::Milliseconds(100));
  ASSERT_EQ(Acquire(scripts, 10).count(), 10u);
  const absl::Duration start = clock_.Monotonic(), longer = absl::Milliseconds(2);
  const absl::Duration first = Acquire(scripts, 1, 1).wait, tenth = Acquire(scripts, 1, 10).wait;
  const absl::Duration eleventh = Acquire(scripts, 1, 11).wait, beyond = Acquire(scripts, 1, 1000).wait;
  EXPECT_LE(tenth, first);
  EXPECT_LE(eleventh, first + longer);
  EXPECT_GE(eleventh + (clock_.Monotonic() - start), first + longer);
  EXPECT_LE(beyond, eleventh);
}

TEST_P(QuotaScriptsTest, RefundGivesBackOnce) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts);
  const auto grant = Acquire(scripts, kPerSecond);
  ASSERT_EQ(grant.count(), kPerSecond);
  ASSERT_EQ(Acquire(scripts, 1).count(), 0u);
  std::vector<std::string> three = Members(grant);
  three.resize(3);
  ASSERT_TRUE(scripts.Refund(three).ok());
  ASSERT_TRUE(scripts.Refund(three).ok());
  ASSERT_TRUE(scripts.Refund({"never:1", ""}).ok());
  ASSERT_TRUE(scripts.Refund({}).ok());
  const QuotaState state = State(scripts);
  EXPECT_EQ(state.used_today, kPerSecond - 3);
  EXPECT_EQ(state.used_last_second, kPerSecond - 3);
  EXPECT_EQ(state.used_last_minute, kPerSecond - 3);
  EXPECT_EQ(Acquire(scripts, kPerSecond).count(), 3u);
}

TEST_P(QuotaScriptsTest, RefundOfAnOlderGenerationGivesNothing) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts);
  const auto old = Acquire(scripts, 5);
  server_.FlushAll();
  Open(scripts);
  ASSERT_EQ(Acquire(scripts, 5).count(), 5u);
  ASSERT_TRUE(scripts.Refund(Members(old)).ok());
  EXPECT_EQ(State(scripts).used_today, 5u);
}

TEST_P(QuotaScriptsTest, MinuteLimitHoldsWhenTheSecondsWindowIsFree) {
  QuotaLimits limits = Limits();
  limits.per_minute = 30;
  QuotaScripts scripts = Scripts(limits);
  Open(scripts);
  uint32_t granted = Acquire(scripts, kPerSecond).count();
  ASSERT_TRUE(Eventually([&] {
    granted += Acquire(scripts, kPerSecond).count();
    return granted == 30;
  }));
  ASSERT_TRUE(Eventually([&] { return State(scripts).used_last_second == 0; }));
  const auto grant = Acquire(scripts, 1);
  EXPECT_EQ(grant.count(), 0u);
  EXPECT_GT(grant.wait, absl::Seconds(50));
  EXPECT_LE(grant.wait, absl::Seconds(61) + limits.guard);
  EXPECT_GE(Acquire(scripts, 1, 30).wait, grant.wait - absl::Seconds(1));
}

TEST_P(QuotaScriptsTest, CallsLeaveTheMinuteWithTheirSecond) {
  QuotaLimits limits = Limits();
  limits.per_minute = 30;
  QuotaScripts scripts = Scripts(limits);
  Open(scripts);
  // As if 12 calls had been granted 59 s ago and 18 a long time ago.
  const int64_t now = absl::ToUnixSeconds(clock_.Now());
  ASSERT_EQ(server_.Ask(absl::StrCat("HSET ", Key("minute"), " ", now - 59, " 12 ", now - 62, " 18")), ":2\r\n");
  EXPECT_EQ(State(scripts).used_last_minute, 12u);
  EXPECT_EQ(Acquire(scripts, kPerSecond).count(), 18u);
  const auto full = Acquire(scripts, 1);
  EXPECT_EQ(full.count(), 0u);
  EXPECT_LE(full.wait, absl::Seconds(2) + limits.guard);
  ASSERT_TRUE(Eventually([&] { return State(scripts).used_last_minute == 18; }));
  EXPECT_EQ(Acquire(scripts, kPerSecond).count(), 12u);
}

TEST_P(QuotaScriptsTest, SeedLaysTheMinuteAsLateAsTheSecondsLimitAllows) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts, 0, 1200);
  // A full minute at full speed: its oldest second has left or leaves soon, the next ones follow.
  EXPECT_GE(State(scripts).used_last_minute, 1200u - 3 * kPerSecond);
  ASSERT_TRUE(Eventually([&] { return Acquire(scripts, 1).count() == 1; }, absl::Seconds(3)));
}

TEST_P(QuotaScriptsTest, DayLimitHoldsToTheLastCall) {
  QuotaLimits limits = Limits();
  limits.per_day = 50;
  QuotaScripts scripts = Scripts(limits);
  Open(scripts, 45);
  EXPECT_EQ(Acquire(scripts, 10).count(), 5u);
  const auto grant = Acquire(scripts, 1);
  EXPECT_EQ(grant.count(), 0u);
  EXPECT_TRUE(grant.day_is_used_up);
  EXPECT_GT(grant.wait, absl::ZeroDuration());
  EXPECT_LE(grant.wait, absl::Hours(24) + absl::Seconds(1));
  EXPECT_EQ(State(scripts).used_today, 50u);
}

TEST_P(QuotaScriptsTest, NewDayStartsWithWhatWasJustGranted) {
  QuotaLimits limits = Limits();
  limits.per_day = 50;
  QuotaScripts scripts = Scripts(limits);
  Open(scripts, 47);
  ASSERT_EQ(Acquire(scripts, 3).count(), 3u);
  const int64_t yesterday = absl::ToUnixSeconds(clock_.Now()) / 86400 - 1;
  ASSERT_EQ(server_.Ask(absl::StrCat("HSET ", Key("state"), " day ", yesterday)), ":0\r\n");
  EXPECT_EQ(State(scripts).used_today, 0u);
  EXPECT_EQ(Acquire(scripts, 1).count(), 1u);
  EXPECT_EQ(State(scripts).used_today, 4u);
}

TEST_P(QuotaScriptsTest, FlushCloses) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts);
  server_.FlushAll();
  EXPECT_TRUE(Acquire(scripts, 1).closed);
  EXPECT_FALSE(State(scripts).open);
}

TEST_P(QuotaScriptsTest, LossOfAnyKeyCloses) {
  QuotaScripts scripts = Scripts(Limits());
  for (const char* key : {"log", "minute", "state", "endpoint_log", "endpoints"}) {
    Open(scripts);
    ASSERT_EQ(Acquire(scripts, 1).count(), 1u);
    ASSERT_EQ(server_.Ask("DEL " + Key(key)), ":1\r\n");
    EXPECT_TRUE(Acquire(scripts, 1).closed) << key;
  }
}

TEST_P(QuotaScriptsTest, ClockThatWentFarBackCloses) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts);
  const int64_t in_an_hour = absl::ToUnixMicros(clock_.Now() + absl::Hours(1));
  ASSERT_EQ(server_.Ask(absl::StrCat("HSET ", Key("state"), " last ", in_an_hour)), ":0\r\n");
  EXPECT_TRUE(Acquire(scripts, 1).closed);
  Open(scripts);
  EXPECT_EQ(Acquire(scripts, 1).count(), 1u);
}

TEST(QuotaScriptsRestartTest, RestartClosesEvenWhenDataSurvive) {
  RedisServer server({.keeps_data = true});
  RedisOptions options;
  options.url = server.url();
  QuotaScripts scripts(options, "app", QuotaLimits());
  ASSERT_TRUE(scripts.Seed({3, 0}).ok());
  ASSERT_TRUE(Eventually([&] { return scripts.Acquire(kOne, 1)->count() == 1; }));
  server.Kill();
  EXPECT_TRUE(absl::IsUnavailable(scripts.Acquire(kOne, 1).status()));
  server.Start();
  ASSERT_TRUE(Eventually([&] { return scripts.Acquire(kOne, 1).ok(); }));
  EXPECT_EQ(server.Ask("EXISTS tikhaul:quota:{app}:log tikhaul:quota:{app}:state"), ":2\r\n");
  EXPECT_TRUE(scripts.Acquire(kOne, 1)->closed);
  ASSERT_TRUE(scripts.Seed({3, 0}).ok());
  EXPECT_TRUE(scripts.State()->open);
  EXPECT_EQ(scripts.Acquire(kOne, 1)->count(), 0u);  // silent window
}

TEST_P(QuotaScriptsTest, ScriptsSurviveScriptFlush) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts);
  ASSERT_EQ(server_.Ask("SCRIPT FLUSH"), "+OK\r\n");
  EXPECT_EQ(Acquire(scripts, 1).count(), 1u);
}

TEST_P(QuotaScriptsTest, AppsDoNotShareAndKeysExpire) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts);
  const RedisOptions options = stage_.Options();
  EXPECT_EQ(Acquire(scripts, 1).count(), 1u);
  EXPECT_EQ(Acquire(scripts, kPerSecond).count(), kPerSecond - 1);
  EXPECT_EQ(Acquire(scripts, 1).count(), 0u);
  EXPECT_TRUE(QuotaScripts(options, "other", Limits()).Acquire(kOne, 1)->closed);
  for (const char* key : {"log", "minute", "state", "endpoint_log", "endpoints", "shares"}) {
    EXPECT_THAT(server_.Ask("TTL " + Key(key)), ::testing::AnyOf(HasSubstr(":1728"), HasSubstr(":1727"))) << key;
  }
  EXPECT_EQ(server_.Ask("DBSIZE"), ":7\r\n");
}

TEST_P(QuotaScriptsTest, ClosesWhenNobodyKeepsItOpenAndLosesNothing) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts);
  ASSERT_EQ(Acquire(scripts, 3).count(), 3u);
  server_.Ask(absl::StrCat("HSET ", Key("state"), " kept ", absl::ToUnixMicros(clock_.Now()) - 1));
  EXPECT_TRUE(Acquire(scripts, 1).closed);
  QuotaState state = State(scripts);
  EXPECT_FALSE(state.open);
  EXPECT_TRUE(state.whole);
  EXPECT_EQ(state.used_today, 3u);
  state = scripts.State(state.now - absl::Seconds(1)).value();
  EXPECT_FALSE(state.open) << "a wish that came late";
  state = scripts.State(state.now + absl::Minutes(1)).value();
  EXPECT_TRUE(state.open);
  EXPECT_EQ(state.used_today, 3u);
  EXPECT_EQ(Acquire(scripts, 1).count(), 1u);
}

TEST_P(QuotaScriptsTest, AnotherCoordinatorIsSeen) {
  QuotaScripts first = Scripts(Limits()), second = Scripts(Limits());
  ASSERT_TRUE(first.Seed({}, false, absl::Minutes(1)).ok());
  const absl::Time later = State(first).now + absl::Minutes(2);
  EXPECT_TRUE(first.State(later)->alone);
  EXPECT_FALSE(second.State(later)->alone);
  EXPECT_FALSE(first.State(later)->alone);
  EXPECT_TRUE(first.State(later)->alone);
}

TEST_P(QuotaScriptsTest, ASeedThatIsForcedCountsWhatWasLeased) {
  QuotaScripts scripts = Scripts(Limits());
  Open(scripts, 5);
  ASSERT_TRUE(scripts.Seed({.today = 77, .last_minute = 40}, /*anyway=*/true).ok());
  EXPECT_EQ(State(scripts).used_today, 77u);
  EXPECT_EQ(State(scripts).used_last_minute, 40u);
  EXPECT_EQ(Acquire(scripts, 1).count(), 0u) << "a silent second first";
}

TEST_P(QuotaScriptsTest, LimitsOfZeroMeanOne) {
  QuotaLimits limits;
  limits.per_second = limits.per_minute = 0;
  limits.per_day = 0;
  QuotaScripts scripts = Scripts(limits);
  Open(scripts);
  const auto grant = Acquire(scripts, 0);
  EXPECT_EQ(grant.count(), 1u);
  EXPECT_TRUE(Acquire(scripts, 1).day_is_used_up);
}

TEST_P(QuotaScriptsTest, RedisAwayIsUnavailable) {
  QuotaScripts scripts = Scripts(Limits());
  server_.Kill();
  EXPECT_TRUE(absl::IsUnavailable(scripts.Acquire(kOne, 1).status()));
  EXPECT_TRUE(absl::IsUnavailable(scripts.State().status()));
  EXPECT_TRUE(absl::IsUnavailable(scripts.Seed({0, 0})));
  EXPECT_TRUE(absl::IsUnavailable(scripts.Throttled(absl::ZeroDuration()).status()));
  EXPECT_TRUE(absl::IsUnavailable(scripts.Answered(absl::ZeroDuration())));
  EXPECT_TRUE(absl::IsUnavailable(scripts.Refund({"g:1"})));
}

}  // namespace
}  // namespace tikhaul
