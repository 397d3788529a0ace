// Who gets how much when calls are short. Places in the window are freed by hand, so that time plays no part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/integration/quota/quota_fixture.h"
#include "tests/support/eventually.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

class FairShareTest : public QuotaFixture {
 protected:
  QuotaLimits WithWeights(std::map<std::string, uint32_t> weights) const {
    QuotaLimits limits = Limits();
    limits.weights = std::move(weights);
    limits.per_minute = 100'000;
    limits.guard = absl::Minutes(5);  // nothing leaves the window by itself
    return limits;
  }
  void Free(int places) {
    ASSERT_EQ(server_.Ask(absl::StrCat("ZREMRANGEBYRANK ", Key("log"), " 0 ", places - 1)),
              absl::StrCat(":", places, "\r\n"));
  }
  void FillWindow(QuotaScripts& scripts, const TokenClass& token_class) {
    ASSERT_EQ(AcquireFor(scripts, token_class, kPerSecond).count(), kPerSecond);
    ASSERT_EQ(AcquireFor(scripts, token_class, 4).count(), 0u);
  }
};

TokenClass Backfill(const char* connection) { return {.connection = connection}; }
TokenClass Increment(const char* connection) { return {.connection = connection, .increment = true}; }

// Two processes with a connection each, asking in any order, always for more than there is.
INSTANTIATE_TEST_SUITE_P(Ways, FairShareTest, ::testing::Values(RedisWay::kPlain, RedisWay::kTls),
                         [](const auto& info) { return RedisWayName(info.param); });

TEST_P(FairShareTest, WeightsHoldBetweenProcesses) {
  QuotaScripts a = Scripts(WithWeights({{"a", 3}, {"b", 1}})), b = Scripts(WithWeights({{"a", 3}, {"b", 1}}));
  Open(a);
  FillWindow(a, Backfill("a"));
  std::mt19937 random(7);
  int got_a = 0, got_b = 0;
  for (int i = 0; i < 400; ++i) {
    Free(1);
    const bool a_first = random() % 2 == 0;
    if (a_first) got_a += AcquireFor(a, Backfill("a"), 4).count();
    got_b += AcquireFor(b, Backfill("b"), 4).count();
    if (!a_first) got_a += AcquireFor(a, Backfill("a"), 4).count();
  }
  EXPECT_GE(got_a + got_b, 398) << "no place stays empty";
  EXPECT_THAT(got_a, AllOf(Ge(280), Le(320)));
}

TEST_P(FairShareTest, WeightsHoldWithinOneProcess) {
  QuotaScripts scripts = Scripts(WithWeights({{"a", 1}, {"b", 4}}));
  Open(scripts);
  FillWindow(scripts, Backfill("a"));
  std::map<size_t, int> got;
  for (int i = 0; i < 100; ++i) {
    Free(2);
    const auto grant = scripts.Acquire({{Backfill("a"), 4}, {Backfill("b"), 4}}, 4);
    ASSERT_TRUE(grant.ok());
    ASSERT_EQ(grant->count(), 2u);
    for (const auto& token : grant->tokens) ++got[token.wanted];
  }
  EXPECT_THAT(got[0], AllOf(Ge(32), Le(48)));
}

TEST_P(FairShareTest, WhatOneDoesNotWantIsTheOthers) {
  QuotaScripts a = Scripts(WithWeights({{"a", 1}, {"b", 9}})), b = Scripts(WithWeights({{"a", 1}, {"b", 9}}));
  Open(a);
  FillWindow(a, Backfill("a"));
  int got_a = 0, got_b = 0;
  for (int i = 0; i < 200; ++i) {
    Free(1);
    if (i % 10 == 0)
      got_b += AcquireFor(b, Backfill("b"), 1).count();  // it is behind: served at once, waits for nothing
    got_a += AcquireFor(a, Backfill("a"), 4).count();
  }
  EXPECT_EQ(got_b, 20);
  EXPECT_EQ(got_a, 180);
}

TEST_P(FairShareTest, IdleTimeIsNotMadeUpFor) {
  QuotaScripts a = Scripts(WithWeights({})), b = Scripts(WithWeights({}));
  Open(a);
  FillWindow(a, Backfill("a"));
  for (int i = 0; i < 200; ++i) {
    Free(1);
    ASSERT_EQ(AcquireFor(a, Backfill("a"), 1).count(), 1u);
  }
  ASSERT_EQ(AcquireFor(a, Backfill("a"), 4).count(), 0u);
  int got_a = 0, got_b = 0;
  for (int i = 0; i < 100; ++i) {
    Free(1);
    got_b += AcquireFor(b, Backfill("b"), 4).count();
    got_a += AcquireFor(a, Backfill("a"), 4).count();
  }
  EXPECT_THAT(got_a, AllOf(Ge(40), Le(60)));
}

// 10 % of 20: two places at once, then two each second.
TEST_P(FairShareTest, AnIncrementGetsItsReserveFromTheNextFreePlaces) {
  QuotaScripts backfill = Scripts(WithWeights({})), increment = Scripts(WithWeights({}));
  Open(backfill);
  FillWindow(backfill, Backfill("a"));  // the reserve is lent
  ASSERT_EQ(AcquireFor(increment, Increment("a"), 4).count(), 0u);
  for (int i = 0; i < 2; ++i) {
    Free(1);
    EXPECT_EQ(AcquireFor(backfill, Backfill("a"), 4).count(), 0u) << "it is the increment's";
    EXPECT_EQ(AcquireFor(increment, Increment("a"), 4).count(), 1u);
  }
  Free(1);
  EXPECT_EQ(AcquireFor(backfill, Backfill("a"), 4).count(), 1u) << "the reserve is used up";
}

TEST_P(FairShareTest, WithoutAReserveNobodyGoesBefore) {
  QuotaLimits limits = WithWeights({});
  limits.increment_reserve = 0;
  QuotaScripts backfill = Scripts(limits), increment = Scripts(limits);
  Open(backfill);
  FillWindow(backfill, Backfill("a"));
  ASSERT_EQ(AcquireFor(increment, Increment("a"), 4).count(), 0u);
  Free(1);
  EXPECT_EQ(AcquireFor(backfill, Backfill("a"), 4).count(), 1u);
}

TEST_P(FairShareTest, BackfillsBorrowTheReserveWhileNoIncrementWaits) {
  QuotaScripts backfill = Scripts(WithWeights({})), increment = Scripts(WithWeights({}));
  Open(backfill);
  ASSERT_EQ(AcquireFor(increment, Increment("a"), 1).count(), 1u);  // served: it waits no more
  EXPECT_EQ(AcquireFor(backfill, Backfill("a"), kPerSecond).count(), kPerSecond - 1);
}

// One that is blocked by its path's own limits wants nothing of what there is.
TEST_P(FairShareTest, OneThatWaitsForItsPathHoldsUpNobody) {
  QuotaLimits limits = WithWeights({{"b", 100}});
  limits.endpoints["slow/"] = {1, 10, 100};
  QuotaScripts a = Scripts(limits), b = Scripts(limits);
  Open(a);
  const TokenClass slow{.connection = "b", .increment = true, .path = "slow/"};
  ASSERT_TRUE(AcquireFor(b, slow, 1).endpoint_is_used_up) << "the seed has filled it";
  EXPECT_EQ(AcquireFor(a, Backfill("a"), kPerSecond).count(), kPerSecond);
}

// Who waited and went away, as a worker that was killed, is forgotten after a moment.
TEST_P(FairShareTest, ADeadProcessIsNotWaitedFor) {
  QuotaLimits limits = WithWeights({});
  limits.guard = absl::Milliseconds(15);
  QuotaScripts a = Scripts(limits), dead = Scripts(limits);
  Open(a);
  FillWindow(a, Backfill("a"));
  ASSERT_EQ(AcquireFor(dead, Increment("b"), 4).count(), 0u);
  ASSERT_TRUE(Eventually([&] { return AcquireFor(a, Backfill("a"), 1).count() == 1; }));
}

}  // namespace
}  // namespace tikhaul
