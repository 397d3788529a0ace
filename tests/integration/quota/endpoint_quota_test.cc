// Limits of single paths.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/quota/quota_fixture.h"
#include "tests/support/eventually.h"

namespace tikhaul {
namespace {

constexpr char kPath[] = "report/task/create/";

QuotaLimits LimitsWithPath(uint32_t per_second, uint32_t per_minute, uint64_t per_day) {
  QuotaLimits limits;
  limits.per_second = 20;
  limits.per_minute = 1200;
  limits.per_day = 100'000;
  limits.endpoints[kPath] = {per_second, per_minute, per_day};
  return limits;
}

class EndpointQuotaTest : public QuotaFixture {
 protected:
  void OpenPath(QuotaScripts& scripts, uint64_t used_today = 0, uint64_t used_last_minute = 0) {
    ASSERT_TRUE(scripts.Seed({100, used_last_minute, {{kPath, used_today}}}).ok());
    for (const char* log : {"log", "endpoint_log"}) {
      ASSERT_EQ(server_.Ask(absl::StrCat("ZREMRANGEBYSCORE ", Key(log), " -inf (+inf")).substr(0, 1), ":");
    }
  }
  static QuotaScripts::Grant AcquireOn(QuotaScripts& scripts, uint32_t on_path, uint32_t elsewhere) {
    std::vector<QuotaScripts::Wanted> wanted;
    if (on_path > 0) wanted.push_back({{.path = kPath}, on_path});
    if (elsewhere > 0) wanted.push_back({{.path = "ad/get/"}, elsewhere});
    const auto grant = scripts.Acquire(wanted, on_path + elsewhere);
    EXPECT_TRUE(grant.ok()) << grant.status();
    return grant.value_or(QuotaScripts::Grant());
  }
};

INSTANTIATE_TEST_SUITE_P(Ways, EndpointQuotaTest, ::testing::Values(RedisWay::kPlain, RedisWay::kTls),
                         [](const auto& info) { return RedisWayName(info.param); });

TEST_P(EndpointQuotaTest, APathsSecondHoldsAndOthersGoOn) {
  QuotaScripts scripts = Scripts(LimitsWithPath(2, 60, 4500));
  OpenPath(scripts);
  const auto both = AcquireOn(scripts, 5, 5);
  EXPECT_EQ(both.count(), 7u);
  EXPECT_EQ(std::count_if(both.tokens.begin(), both.tokens.end(), [](const auto& t) { return t.wanted == 0; }), 2);
  const auto start = clock_.Monotonic();
  const auto full = AcquireOn(scripts, 1, 0);
  EXPECT_EQ(full.count(), 0u);
  EXPECT_TRUE(full.endpoint_is_used_up);
  EXPECT_LE(full.wait, absl::Seconds(1) + Limits().guard);
  EXPECT_EQ(AcquireOn(scripts, 1, 1).count(), 1u);
  ASSERT_TRUE(Eventually([&] { return AcquireOn(scripts, 1, 0).count() == 1; }));
  EXPECT_GE(clock_.Monotonic() - start, absl::Milliseconds(500));
  EXPECT_EQ(State(scripts).endpoints_today.at(kPath), 3u);
  EXPECT_EQ(State(scripts).used_today, 109u);
}

TEST_P(EndpointQuotaTest, TheAppsWindowHoldsForThePathToo) {
  QuotaScripts scripts = Scripts(LimitsWithPath(15, 600, 4500));
  OpenPath(scripts);
  EXPECT_EQ(AcquireOn(scripts, 0, 12).count(), 12u);
  EXPECT_EQ(AcquireOn(scripts, 15, 0).count(), kPerSecond - 12);
  const auto full = AcquireOn(scripts, 1, 0);
  EXPECT_EQ(full.count(), 0u);
  EXPECT_FALSE(full.endpoint_is_used_up);
}

TEST_P(EndpointQuotaTest, APathsMinuteAndDayHold) {
  QuotaScripts minute = Scripts(LimitsWithPath(10, 12, 4500));
  OpenPath(minute, 0, 100);  // at worst all of the last minute's calls were on the path
  const auto full = AcquireOn(minute, 1, 0);
  EXPECT_TRUE(full.endpoint_is_used_up);
  EXPECT_GT(full.wait, absl::Seconds(50));
  server_.FlushAll();
  QuotaScripts day = Scripts(LimitsWithPath(10, 600, 4500));
  OpenPath(day, 4497);
  EXPECT_EQ(AcquireOn(day, 5, 0).count(), 3u);
  const auto used_up = AcquireOn(day, 1, 0);
  EXPECT_TRUE(used_up.endpoint_is_used_up);
  EXPECT_GT(used_up.wait, absl::Seconds(1));
  EXPECT_EQ(AcquireOn(day, 0, 1).count(), 1u);
  EXPECT_EQ(State(day).endpoints_today.at(kPath), 4500u);
}

TEST_P(EndpointQuotaTest, SeedFillsThePathsSecond) {
  QuotaScripts scripts = Scripts(LimitsWithPath(1, 60, 4500));
  ASSERT_TRUE(scripts.Seed({}).ok());
  server_.Ask(absl::StrCat("ZREMRANGEBYSCORE ", Key("log"), " -inf (+inf"));
  EXPECT_TRUE(AcquireOn(scripts, 1, 0).endpoint_is_used_up);
  EXPECT_EQ(AcquireOn(scripts, 0, 1).count(), 1u);
}

TEST_P(EndpointQuotaTest, RefundGivesBackToThePath) {
  QuotaScripts scripts = Scripts(LimitsWithPath(2, 60, 4500));
  OpenPath(scripts, 7);
  const auto grant = AcquireOn(scripts, 2, 0);
  ASSERT_EQ(grant.count(), 2u);
  const std::vector<std::string> members = {grant.tokens[0].member, grant.tokens[1].member};
  ASSERT_TRUE(scripts.Refund(members).ok());
  ASSERT_TRUE(scripts.Refund(members).ok());
  EXPECT_EQ(State(scripts).endpoints_today.at(kPath), 7u);
  EXPECT_EQ(AcquireOn(scripts, 2, 0).count(), 2u);
}

TEST_P(EndpointQuotaTest, NewDayStartsWithWhatWasJustGranted) {
  QuotaScripts scripts = Scripts(LimitsWithPath(5, 60, 10));
  OpenPath(scripts, 7);
  ASSERT_EQ(AcquireOn(scripts, 3, 0).count(), 3u);
  ASSERT_TRUE(AcquireOn(scripts, 1, 0).endpoint_is_used_up);
  const int64_t yesterday = absl::ToUnixSeconds(clock_.Now()) / 86400 - 1;
  ASSERT_EQ(server_.Ask(absl::StrCat("HSET ", Key("state"), " day ", yesterday)), ":0\r\n");
  ASSERT_TRUE(Eventually([&] { return AcquireOn(scripts, 1, 0).count() == 1; }));
  EXPECT_EQ(State(scripts).endpoints_today.at(kPath), 4u);
}

}  // namespace
}  // namespace tikhaul
