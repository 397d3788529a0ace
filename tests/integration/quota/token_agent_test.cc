#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "common/quota/limiter.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_stage.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

// What the callbacks of one agent brought. Thread-safe.
class Inbox {
 public:
  TokenAgent::Ready Slot(int name) {
    return [this, name](absl::StatusOr<Token> token) {
      MutexLock lock(mu_);
      names_.push_back(name);
      answers_.push_back(std::move(token));
    };
  }
  size_t size() const {
    MutexLock lock(mu_);
    return answers_.size();
  }
  std::vector<int> names() const {
    MutexLock lock(mu_);
    return names_;
  }
  std::vector<absl::StatusOr<Token>> answers() const {
    MutexLock lock(mu_);
    return answers_;
  }
  bool Wait(size_t count) const {
    return Eventually([&] { return size() >= count; });
  }

 private:
  mutable Mutex mu_;
  std::vector<int> names_ ABSL_GUARDED_BY(mu_);
  std::vector<absl::StatusOr<Token>> answers_ ABSL_GUARDED_BY(mu_);
};

class TokenAgentTest : public ::testing::TestWithParam<RedisWay> {
 protected:
  static QuotaLimits Limits() {
    QuotaLimits limits;
    limits.per_second = 50;
    limits.per_minute = 3000;
    limits.use_by = absl::Milliseconds(50);  // the machine may be busy; timing is the rate test's matter
    limits.guard = absl::Milliseconds(60);
    return limits;
  }
  RedisOptions Options() const { return stage_.Options(); }
  std::unique_ptr<TokenAgent> Agent() const { return std::make_unique<TokenAgent>(Options(), "app", Limits(), clock_); }
  // Without the silent window, which the tests of the scripts look at.
  void Open() {
    ASSERT_TRUE(Eventually([&] { return keeper_.Seed({}).ok(); }));
    server_.Ask("ZREMRANGEBYSCORE tikhaul:quota:{app}:log -inf (+inf");
    ASSERT_TRUE(keeper_.State()->open);
  }
  uint64_t UsedToday() { return keeper_.State()->used_today; }
  static bool Says(const TokenAgent& agent, const std::string& text) {
    return Eventually([&] { return agent.Obstacle().find(text) != std::string::npos; });
  }

  RedisStage stage_{GetParam()};
  RedisServer& server_ = stage_.server();
  const SystemClock clock_;
  QuotaScripts keeper_{Options(), "app", Limits()};
  Inbox inbox_;  // outlives the agents of the tests
};

INSTANTIATE_TEST_SUITE_P(Ways, TokenAgentTest, ::testing::Values(RedisWay::kPlain, RedisWay::kTls),
                         [](const auto& info) { return RedisWayName(info.param); });

TEST_P(TokenAgentTest, GivesTokensInTheOrderOfTheQuestions) {
  Open();
  const auto agent = Agent();
  std::vector<int> expected;
  const absl::Duration start = clock_.Monotonic();
  for (int i = 0; i < 30; ++i) {
    agent->RequestToken({}, inbox_.Slot(i));
    expected.push_back(i);
  }
  ASSERT_TRUE(inbox_.Wait(30));
  EXPECT_EQ(inbox_.names(), expected);
  for (const auto& token : inbox_.answers()) {
    ASSERT_TRUE(token.ok()) << token.status();
    EXPECT_FALSE(token->member.empty());
    EXPECT_GT(token->use_by, start);
    EXPECT_LE(token->use_by, clock_.Monotonic() + Limits().use_by);
  }
  EXPECT_EQ(agent->Obstacle(), "");
}

TEST_P(TokenAgentTest, WaitsWhileClosedAndGoesOnAfterTheSeed) {
  const auto agent = Agent();
  agent->RequestToken({}, inbox_.Slot(1));
  EXPECT_TRUE(Says(*agent, "closed"));
  EXPECT_EQ(inbox_.size(), 0u);
  Open();
  EXPECT_TRUE(inbox_.Wait(1));
  EXPECT_TRUE(Eventually([&] { return agent->Obstacle().empty(); }));
}

// Asks for the next token as soon as one is there.
class Hungry {
 public:
  explicit Hungry(TokenAgent& agent) : agent_(agent) { Ask(); }
  int tokens() const { return tokens_; }

 private:
  void Ask() {
    agent_.RequestToken({}, [this](absl::StatusOr<Token> token) {
      if (!token.ok()) return;
      ++tokens_;
      Ask();
    });
  }
  TokenAgent& agent_;
  std::atomic<int> tokens_{0};
};

TEST_P(TokenAgentTest, FlushInMidRunStopsEverybodyUntilTheSeed) {
  Open();
  const auto a = Agent(), b = Agent();
  Hungry at_a(*a), at_b(*b);
  ASSERT_TRUE(Eventually([&] { return at_a.tokens() > 5 && at_b.tokens() > 5; }));
  server_.FlushAll();
  ASSERT_TRUE(Says(*a, "closed"));
  ASSERT_TRUE(Says(*b, "closed"));
  const int before = at_a.tokens() + at_b.tokens();
  tikhaul::SleepFor(absl::Milliseconds(400));  // several questions long
  EXPECT_EQ(at_a.tokens() + at_b.tokens(), before);
  const absl::Duration seeded = clock_.Monotonic();
  ASSERT_TRUE(keeper_.Seed({}).ok());
  ASSERT_TRUE(Eventually([&] { return at_a.tokens() + at_b.tokens() > before; }));
  EXPECT_GE(clock_.Monotonic() - seeded, absl::Seconds(1));
  ASSERT_TRUE(Eventually([&] { return at_a.tokens() + at_b.tokens() > before + 10; }));
}

TEST_P(TokenAgentTest, RestartOfRedisIsWaitedForAndNeedsASeed) {
  Open();
  const auto agent = Agent();
  Hungry hungry(*agent);
  ASSERT_TRUE(Eventually([&] { return hungry.tokens() > 5; }));
  server_.Stop();
  ASSERT_TRUE(Says(*agent, "is redis-server running"));
  const int before = hungry.tokens();
  server_.Start();
  ASSERT_TRUE(Says(*agent, "closed"));
  EXPECT_EQ(hungry.tokens(), before);
  Open();
  EXPECT_TRUE(Eventually([&] { return hungry.tokens() > before; }));
}

TEST_P(TokenAgentTest, RefundGivesBack) {
  Open();
  const auto agent = Agent();
  for (int i = 0; i < 3; ++i) agent->RequestToken({}, inbox_.Slot(i));
  ASSERT_TRUE(inbox_.Wait(3));
  EXPECT_EQ(UsedToday(), 3u);
  agent->Refund(*inbox_.answers()[0]);
  agent->Refund(*inbox_.answers()[1]);
  EXPECT_TRUE(Eventually([&] { return UsedToday() == 1; }));
}

TEST_P(TokenAgentTest, LateAnswersAreGivenBackAndAskedForAgain) {
  QuotaLimits limits = Limits();
  limits.use_by = absl::ZeroDuration();  // every answer is late
  Open();
  TokenAgent agent(Options(), "app", limits, clock_);
  agent.RequestToken({}, inbox_.Slot(1));
  EXPECT_TRUE(Says(agent, "longer to answer"));
  EXPECT_EQ(inbox_.size(), 0u);
  EXPECT_LE(UsedToday(), 1u);  // the one under way
}

TEST_P(TokenAgentTest, TokensAreFreshEvenWhenRedisWasSilent) {
  Open();
  const auto agent = Agent();
  server_.Freeze();
  std::atomic<bool> fresh{false}, called{false};
  agent->RequestToken({}, [&](absl::StatusOr<Token> token) {
    fresh = token.ok() && clock_.Monotonic() < token->use_by;
    called = true;
  });
  tikhaul::SleepFor(2 * Limits().use_by);
  server_.Thaw();
  ASSERT_TRUE(Eventually([&] { return called.load(); }));
  EXPECT_TRUE(fresh);
  EXPECT_TRUE(Eventually([&] { return UsedToday() == 1; }));
}

TEST_P(TokenAgentTest, FreezeStopsTheWholeFleetAndEnds) {
  Open();
  const auto a = Agent(), b = Agent();
  Hungry at_a(*a), at_b(*b);
  ASSERT_TRUE(Eventually([&] { return at_a.tokens() > 5 && at_b.tokens() > 5; }));
  EXPECT_TRUE(a->Throttled(clock_.Monotonic()));
  EXPECT_FALSE(a->Throttled(clock_.Monotonic() - absl::Milliseconds(1))) << "it was under way";
  EXPECT_THAT(a->Obstacle(), HasSubstr("frozen for"));
  ASSERT_TRUE(Says(*b, "frozen for"));
  const int frozen_a = at_a.tokens(), frozen_b = at_b.tokens();
  tikhaul::SleepFor(absl::Milliseconds(300));
  EXPECT_LE(at_a.tokens(), frozen_a + 1);  // the one that was being handed over
  EXPECT_EQ(at_b.tokens(), frozen_b);
  ASSERT_TRUE(Eventually([&] { return at_a.tokens() > frozen_a + 1 && at_b.tokens() > frozen_b; }));
  EXPECT_TRUE(Eventually([&] { return a->Obstacle().empty() && b->Obstacle().empty(); }));
}

TEST_P(TokenAgentTest, FreezeIsSentOnceRedisIsBack) {
  const auto agent = Agent();
  server_.Stop();
  agent->Throttled(clock_.Monotonic());
  server_.Start();
  EXPECT_TRUE(Eventually([&] {
    const auto state = keeper_.State();
    return state.ok() && state->frozen_for > absl::ZeroDuration();
  }));
}

TEST_P(TokenAgentTest, GoodAnswersAfterAPauseAreTold) {
  Open();
  const auto agent = Agent();
  Hungry hungry(*agent);
  ASSERT_TRUE(Eventually([&] { return hungry.tokens() > 0; }));
  const auto step = [&] { return server_.Ask("HGET tikhaul:quota:{app}:state step"); };
  agent->Throttled(clock_.Monotonic());
  ASSERT_TRUE(Eventually([&] { return step() == "$1\r\n1\r\n"; }));
  const int before = hungry.tokens();
  ASSERT_TRUE(Eventually([&] { return hungry.tokens() > before + 1; }));
  agent->Answered(clock_.Monotonic());
  EXPECT_TRUE(Eventually([&] { return step() == "$1\r\n0\r\n"; }));
}

TEST_P(TokenAgentTest, AFullPathHoldsUpNobodyElse) {
  Open();
  QuotaLimits limits = Limits();
  limits.endpoints["slow/"] = {1, 1, 100};
  TokenAgent agent(Options(), "app", limits, clock_);
  for (int i = 0; i < 3; ++i) agent.RequestToken({.path = "slow/"}, inbox_.Slot(i));
  ASSERT_TRUE(inbox_.Wait(1));
  EXPECT_TRUE(Says(agent, "limits for slow/ are used up"));
  for (int i = 10; i < 14; ++i) agent.RequestToken({.path = "quick/"}, inbox_.Slot(i));
  ASSERT_TRUE(inbox_.Wait(5));
  EXPECT_EQ(inbox_.names(), (std::vector<int>{0, 10, 11, 12, 13}));
  EXPECT_EQ(inbox_.answers()[0]->token_class.path, "slow/");
  EXPECT_EQ(inbox_.answers()[1]->token_class.path, "quick/");
}

// Grants everything, and counts.
class FakeLender : public QuotaLender {
 public:
  absl::StatusOr<QuotaScripts::Grant> Acquire(const std::vector<QuotaScripts::Wanted>& wanted, uint32_t) override {
    ++questions_;
    QuotaScripts::Grant grant;
    if (gives_) {
      grant.tokens.push_back({wanted.size() - 1, ""});
    } else {
      grant.wait = absl::Milliseconds(5);
    }
    return grant;
  }
  absl::Status Throttled(absl::Duration) override {
    ++throttled_;
    return absl::OkStatus();
  }
  void Give(bool gives) { gives_ = gives; }
  int questions() const { return questions_; }
  int throttled() const { return throttled_; }

 private:
  std::atomic<bool> gives_{true};
  std::atomic<int> questions_{0}, throttled_{0};
};

TEST_P(TokenAgentTest, BorrowsWhileRedisIsAwayAndComesBackToIt) {
  Open();
  FakeLender lender;
  TokenAgent agent(Options(), "app", Limits(), clock_, &lender);
  agent.RequestToken({}, inbox_.Slot(0));
  ASSERT_TRUE(inbox_.Wait(1));
  EXPECT_EQ(lender.questions(), 0);
  server_.Stop();
  const absl::Duration stopped = clock_.Monotonic();
  agent.RequestToken({.path = "a/"}, inbox_.Slot(1));
  ASSERT_TRUE(inbox_.Wait(2));
  EXPECT_GE(clock_.Monotonic() - stopped, absl::Seconds(3)) << "a short fault is sat out";
  EXPECT_EQ(inbox_.answers()[1]->member, "");
  EXPECT_EQ(inbox_.answers()[1]->token_class.path, "a/");
  agent.Throttled(clock_.Monotonic());
  EXPECT_TRUE(Eventually([&] { return lender.throttled() > 0; }));
  lender.Give(false);
  agent.RequestToken({}, inbox_.Slot(2));
  const int asked = lender.questions();
  EXPECT_TRUE(Eventually([&] { return lender.questions() > asked + 3; }));
  EXPECT_EQ(inbox_.size(), 2u);
  server_.Start();
  Open();
  ASSERT_TRUE(inbox_.Wait(3));
  EXPECT_NE(inbox_.answers()[2]->member, "");
}

TEST_P(TokenAgentTest, BorrowsWhenRedisStaysClosed) {
  FakeLender lender;
  TokenAgent agent(Options(), "app", Limits(), clock_, &lender);
  agent.RequestToken({}, inbox_.Slot(0));
  ASSERT_TRUE(inbox_.Wait(1));
  EXPECT_EQ(inbox_.answers()[0]->member, "");
}

TEST_P(TokenAgentTest, UsedUpDayIsSaid) {
  Open();
  QuotaLimits limits = Limits();
  limits.per_day = 3;
  TokenAgent agent(Options(), "app", limits, clock_);
  for (int i = 0; i < 5; ++i) agent.RequestToken({}, inbox_.Slot(i));
  ASSERT_TRUE(inbox_.Wait(3));
  EXPECT_TRUE(Says(agent, "the day's quota of 3 calls is used up"));
  EXPECT_EQ(inbox_.size(), 3u);
}

TEST_P(TokenAgentTest, CancelledWaitIsNotServedAndOthersAre) {
  const auto agent = Agent();
  agent->RequestToken({}, inbox_.Slot(1));
  const uint64_t second = agent->RequestToken({}, inbox_.Slot(2));
  agent->RequestToken({}, inbox_.Slot(3));
  agent->CancelWait(second);
  agent->CancelWait(second);
  agent->CancelWait(4711);
  Open();
  ASSERT_TRUE(inbox_.Wait(2));
  EXPECT_EQ(inbox_.names(), (std::vector<int>{1, 3}));
  EXPECT_TRUE(Eventually([&] { return UsedToday() == 2; }));
}

TEST_P(TokenAgentTest, WaitsMayBeMadeAndCancelledFromWithinReady) {
  Open();
  const auto agent = Agent();
  std::atomic<uint64_t> own{0};
  std::atomic<bool> done{false};
  own = agent->RequestToken({}, [&](absl::StatusOr<Token>) {
    agent->CancelWait(own);
    agent->CancelWait(agent->RequestToken({}, inbox_.Slot(1)));
    agent->RequestToken({}, inbox_.Slot(2));
    done = true;
  });
  ASSERT_TRUE(Eventually([&] { return done.load(); }));
  ASSERT_TRUE(inbox_.Wait(1));
  EXPECT_EQ(inbox_.names(), (std::vector<int>{2}));
}

TEST_P(TokenAgentTest, NoReadyRunsAfterCancelWaitReturned) {
  Open();
  QuotaLimits fast = Limits();
  fast.per_second = 2000;
  fast.per_minute = 120'000;
  TokenAgent agent(Options(), "app", fast, clock_);
  std::vector<std::thread> threads;
  std::atomic<int> served{0}, forbidden{0};
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      // On a busy machine a connection over TLS may take longer than 200 turns.
      for (int i = 0; i < 200 || (served == 0 && i < 200'000); ++i) {
        auto gone = std::make_unique<bool>(false);  // freed after the wait is cancelled: sanitizers watch
        const uint64_t id = agent.RequestToken({}, [&, alive = gone.get()](absl::StatusOr<Token>) {
          if (*alive) ++forbidden;
          ++served;
        });
        if (i % 3 == 0) tikhaul::SleepFor(absl::Microseconds(200));
        agent.CancelWait(id);
        *gone = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(forbidden, 0);
  EXPECT_GT(served, 0);
}

TEST_P(TokenAgentTest, EndCancelsThoseWhoWait) {
  auto agent = Agent();
  for (int i = 0; i < 3; ++i) agent->RequestToken({}, inbox_.Slot(i));
  ASSERT_TRUE(Says(*agent, "closed"));
  agent.reset();
  ASSERT_EQ(inbox_.size(), 3u);
  for (const auto& answer : inbox_.answers()) EXPECT_TRUE(absl::IsCancelled(answer.status()));
}

TEST_P(TokenAgentTest, EndIsQuickWhenRedisIsSilent) {
  auto agent = Agent();
  agent->RequestToken({}, inbox_.Slot(1));
  ASSERT_TRUE(Says(*agent, "closed"));
  server_.Freeze();
  const absl::Duration start = clock_.Monotonic();
  agent->Refund({{}, "g:1:", clock_.Monotonic()});
  agent.reset();
  EXPECT_LT(clock_.Monotonic() - start, absl::Seconds(5));
  EXPECT_EQ(inbox_.size(), 1u);
}

}  // namespace
}  // namespace tikhaul
