// How much of the quota a fleet gets, and that it never gets more: exact sliding windows over the instants of sending.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/quota/limiter.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"

namespace tikhaul {
namespace {

constexpr int kWaitsPerAgent = 8;

struct Fleet {
  uint32_t per_second = 0;
  int agents = 1;
  // Every so-many-th token is given back, or dropped as by a worker that was killed; 0: none.
  int refund_every = 0, lose_every = 0;
};

// Stands for a worker that always has calls to send: "sends" in the callback when the token is still good.
class Sender {
 public:
  // Puts the monotonic instants of sending into `sent`, which is the agent's until the sender is gone.
  Sender(const RedisOptions& redis, const QuotaLimits& limits, const Clock& clock, const Fleet& fleet,
         std::vector<absl::Duration>& sent, TokenClass token_class = {})
      : clock_(clock),
        fleet_(fleet),
        token_class_(std::move(token_class)),
        sent_(sent),
        agent_(redis, "app", limits, clock) {
    for (int i = 0; i < kWaitsPerAgent; ++i) Ask();
  }

 private:
  void Ask() {
    agent_.RequestToken(token_class_, [this](absl::StatusOr<Token> token) {
      if (token.ok()) Take(*std::move(token));
    });
  }
  void Take(Token token) {
    ++taken_;
    const absl::Duration now = clock_.Monotonic();
    if (fleet_.refund_every != 0 && taken_ % fleet_.refund_every == 0) {
      agent_.Refund(std::move(token));
    } else if (fleet_.lose_every != 0 && taken_ % fleet_.lose_every == 0) {
      // lost: it comes back by age
    } else if (now < token.use_by) {
      sent_.push_back(now);
    } else {
      agent_.Refund(std::move(token));
    }
    Ask();
  }

  const Clock& clock_;
  const Fleet fleet_;
  const TokenClass token_class_;
  int taken_ = 0;  // the agent's thread only
  std::vector<absl::Duration>& sent_;
  TokenAgent agent_;  // ends first: then no callback runs any more
};

class QuotaRateTest : public ::testing::Test {
 protected:
  QuotaLimits Limits(uint32_t per_second) const {
    QuotaLimits limits;
    limits.per_second = per_second;
    limits.per_minute = per_second * 60;
    limits.per_day = 100'000'000;
    return limits;
  }

  // All instants of sending of a fleet that ran for `time`, ascending.
  std::vector<absl::Duration> Run(const Fleet& fleet, absl::Duration time) {
    RedisOptions options;
    options.url = server_.url();
    const QuotaLimits limits = Limits(fleet.per_second);
    QuotaScripts keeper(options, "app", limits);
    server_.FlushAll();
    EXPECT_TRUE(keeper.Seed({}).ok());
    EXPECT_TRUE(Eventually([&] { return keeper.State()->used_last_second == 0; }));
    std::vector<std::vector<absl::Duration>> sent(fleet.agents);
    std::vector<std::unique_ptr<Sender>> senders;
    for (auto& part : sent) senders.push_back(std::make_unique<Sender>(options, limits, clock_, fleet, part));
    tikhaul::SleepFor(time);
    senders.clear();
    std::vector<absl::Duration> all;
    for (const auto& part : sent) all.insert(all.end(), part.begin(), part.end());
    std::sort(all.begin(), all.end());
    return all;
  }

  RedisServer server_;
  const SystemClock clock_;
};

// The most instants that any half-open interval of one second holds.
size_t FullestSecond(const std::vector<absl::Duration>& sent) {
  size_t fullest = 0, begin = 0;
  for (size_t i = 0; i < sent.size(); ++i) {
    while (sent[i] - sent[begin] >= absl::Seconds(1)) ++begin;
    fullest = std::max(fullest, i - begin + 1);
  }
  return fullest;
}

// Part of the quota used from the first send on, over as many whole windows as there were; 0 when there was none.
double Share(const std::vector<absl::Duration>& sent, uint32_t per_second) {
  const size_t windows = sent.empty() ? 0 : (sent.size() - 1) / per_second;
  if (windows == 0) return 0;
  return static_cast<double>(windows) / absl::ToDoubleSeconds(sent[windows * per_second] - sent[0]);
}

class QuotaShareTest : public QuotaRateTest, public ::testing::WithParamInterface<Fleet> {};

// The bound on what is sent holds in every run; the share may suffer from a machine that is busy with other things, so
// the best of three counts. 1 / (1 + guard) = 98.5 % is the most there is.
TEST_P(QuotaShareTest, UsesNearlyAllAndNeverMore) {
  const Fleet fleet = GetParam();
  double best = 0;
  for (int run = 0; run < 3 && best < 0.90; ++run) {
    const std::vector<absl::Duration> sent = Run(fleet, absl::Milliseconds(3200));
    EXPECT_LE(FullestSecond(sent), fleet.per_second);
    best = std::max(best, Share(sent, fleet.per_second));
    std::printf("%u/s, %d agents: %zu sent, share %.4f, fullest second %zu\n", fleet.per_second, fleet.agents,
                sent.size(), Share(sent, fleet.per_second), FullestSecond(sent));
  }
  EXPECT_GE(best, 0.90);
  EXPECT_LE(best, 1.0);
}

std::string FleetName(const ::testing::TestParamInfo<Fleet>& info) {
  return absl::StrCat(info.param.per_second, "PerSecond", info.param.agents, "Agents");
}

INSTANTIATE_TEST_SUITE_P(Fleets, QuotaShareTest,
                         ::testing::Values(Fleet{.per_second = 50, .agents = 1}, Fleet{.per_second = 50, .agents = 4},
                                           Fleet{.per_second = 600, .agents = 1},
                                           Fleet{.per_second = 600, .agents = 4}),
                         FleetName);

// Two workers, a connection each, three to one.
TEST_F(QuotaRateTest, ConnectionsShareByWeightAndNothingIsLost) {
  RedisOptions options;
  options.url = server_.url();
  QuotaLimits limits = Limits(100);
  limits.weights = {{"a", 3}, {"b", 1}};
  QuotaScripts keeper(options, "app", limits);
  double best = 0, nearest = 100;
  for (int run = 0; run < 3 && (best < 0.9 || nearest > 0.3); ++run) {
    server_.FlushAll();
    ASSERT_TRUE(keeper.Seed({}).ok());
    ASSERT_TRUE(Eventually([&] { return keeper.State()->used_last_second == 0; }));
    std::vector<absl::Duration> a, b;
    {
      Sender at_a(options, limits, clock_, {}, a, {.connection = "a"}),
          at_b(options, limits, clock_, {}, b, {.connection = "b"});
      tikhaul::SleepFor(absl::Milliseconds(4500));
    }
    ASSERT_FALSE(a.empty());
    ASSERT_FALSE(b.empty());
    // The first window is whose worker started first.
    const absl::Duration steady = std::min(a.at(0), b.at(0)) + absl::Seconds(1.2);
    const auto since = [steady](const std::vector<absl::Duration>& sent) {
      return std::count_if(sent.begin(), sent.end(), [steady](absl::Duration at) { return at >= steady; });
    };
    const double ratio = static_cast<double>(since(a)) / static_cast<double>(std::max<int64_t>(since(b), 1));
    a.insert(a.end(), b.begin(), b.end());
    std::sort(a.begin(), a.end());
    EXPECT_LE(FullestSecond(a), limits.per_second);
    best = std::max(best, Share(a, limits.per_second));
    nearest = std::min(nearest, std::abs(ratio - 3));
    std::printf("3:1 shares: %.2f:1, share of the quota %.4f\n", ratio, Share(a, limits.per_second));
  }
  EXPECT_GE(best, 0.9);
  EXPECT_LE(nearest, 0.3);
}

TEST_F(QuotaRateTest, RefundsAndLostTokensNeverLetMoreThrough) {
  const Fleet fleet{.per_second = 200, .agents = 4, .refund_every = 5, .lose_every = 7};
  const std::vector<absl::Duration> sent = Run(fleet, absl::Milliseconds(2500));
  EXPECT_GT(sent.size(), 0u);
  EXPECT_LE(FullestSecond(sent), fleet.per_second);
}

}  // namespace
}  // namespace tikhaul
