// What the tests of the limiter's scripts share: a Redis of their own, reached in both ways, and short ways to ask.
#ifndef TIKHAUL_TESTS_INTEGRATION_QUOTA_QUOTA_FIXTURE_H_
#define TIKHAUL_TESTS_INTEGRATION_QUOTA_QUOTA_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/quota/limiter.h"
#include "tests/support/redis_stage.h"

namespace tikhaul {

class QuotaFixture : public ::testing::TestWithParam<RedisWay> {
 protected:
  static constexpr uint32_t kPerSecond = 20;

  static QuotaLimits Limits() {
    QuotaLimits limits;
    limits.per_second = kPerSecond;
    limits.per_minute = 1200;
    limits.per_day = 100'000;
    return limits;
  }
  QuotaScripts Scripts(QuotaLimits limits) const { return QuotaScripts(stage_.Options(), "app", limits); }
  static QuotaScripts::Grant AcquireFor(QuotaScripts& scripts, TokenClass token_class, uint32_t wanted,
                                        uint32_t rank = 1) {
    const auto grant = scripts.Acquire({{token_class, wanted}}, wanted, rank);
    EXPECT_TRUE(grant.ok()) << grant.status();
    return grant.value_or(QuotaScripts::Grant());
  }
  static QuotaScripts::Grant Acquire(QuotaScripts& scripts, uint32_t wanted, uint32_t rank = 1) {
    return AcquireFor(scripts, TokenClass(), wanted, rank);
  }
  static QuotaState State(QuotaScripts& scripts) {
    const auto state = scripts.State();
    EXPECT_TRUE(state.ok()) << state.status();
    return state.value_or(QuotaState());
  }
  // Seeds and cuts the silent window short: open, with nothing used but what is given.
  void Open(QuotaScripts& scripts, uint64_t used_today = 0, uint64_t used_last_minute = 0) {
    ASSERT_TRUE(scripts.Seed({used_today, used_last_minute}).ok());
    ASSERT_EQ(server_.Ask(absl::StrCat("ZREMRANGEBYSCORE ", Key("log"), " -inf (+inf")).substr(0, 1), ":");
    ASSERT_EQ(State(scripts).used_last_second, 0u);
  }
  std::string Key(const char* name) const { return absl::StrCat("tikhaul:quota:{app}:", name); }

  RedisStage stage_{GetParam()};
  RedisServer& server_ = stage_.server();
  const SystemClock clock_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_INTEGRATION_QUOTA_QUOTA_FIXTURE_H_
