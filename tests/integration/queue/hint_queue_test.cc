#include "common/queue/hint_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/redis_stage.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kNoWait = absl::ZeroDuration();

// As the two ways to Redis go; over TLS with the rights that a released installation has.
class HintQueueTest : public ::testing::TestWithParam<RedisWay> {
 protected:
  RedisOptions Options() const { return stage_.Options(); }
  HintConsumer Consumer(const std::string& name) const { return HintConsumer(Options(), "unit", name); }
  static std::vector<ChunkId> Chunks(const absl::StatusOr<std::vector<Hint>>& hints) {
    EXPECT_TRUE(hints.ok()) << hints.status();
    std::vector<ChunkId> chunks;
    if (!hints.ok()) return chunks;
    for (const Hint& hint : *hints) chunks.push_back(hint.chunk);
    return chunks;
  }
  uint64_t Depth() {
    const auto depth = publisher_.Depth();
    EXPECT_TRUE(depth.ok()) << depth.status();
    return depth.value_or(999'999);
  }
  std::string Pending() const { return server_.Ask("XPENDING tikhaul:{unit}:hints workers"); }

  RedisStage stage_{GetParam()};
  RedisServer& server_ = stage_.server();
  HintPublisher publisher_{Options(), "unit"};
};

INSTANTIATE_TEST_SUITE_P(Ways, HintQueueTest, ::testing::Values(RedisWay::kPlain, RedisWay::kTls),
                         [](const auto& info) { return RedisWayName(info.param); });

TEST_P(HintQueueTest, HintsComeInOrderAndOnlyOnce) {
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {7, 8, 9}).ok());
  HintConsumer a = Consumer("a"), b = Consumer("b");
  EXPECT_THAT(Chunks(a.Pop(2, kNoWait)), ElementsAre(7, 8));
  EXPECT_THAT(Chunks(b.Pop(2, kNoWait)), ElementsAre(9));
  EXPECT_THAT(Chunks(b.Pop(2, kNoWait)), IsEmpty());
  EXPECT_EQ(Depth(), 3u);  // delivered, not yet spent
}

TEST_P(HintQueueTest, FirstHintsGoBeforeThoseThatWait) {
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {7, 8}).ok());
  ASSERT_TRUE(publisher_.Push(HintOrder::kFirst, {20, 21}).ok());
  EXPECT_EQ(Depth(), 2u) << "the bound is on usual hints";
  HintConsumer a = Consumer("a");
  EXPECT_THAT(Chunks(a.PopFirst()), ElementsAre(20));
  const auto first = a.Pop(5, kNoWait);
  EXPECT_THAT(Chunks(first), ElementsAre(21));
  EXPECT_THAT(Chunks(a.PopFirst()), IsEmpty());
  EXPECT_THAT(Chunks(a.Pop(5, kNoWait)), ElementsAre(7, 8));
  ASSERT_TRUE(a.Spend(first->front()).ok());
  EXPECT_THAT(Chunks(Consumer("b").Reclaim(10, kNoWait)), ElementsAre(20)) << "21 is spent";
  EXPECT_THAT(Chunks(Consumer("b").Reclaim(10, absl::Hours(1))), IsEmpty());
}

// Redis may hand a hint to a process that has just died.
TEST_P(HintQueueTest, AFirstHintOfTheDeadComesAgainSoon) {
  ASSERT_TRUE(publisher_.Push(HintOrder::kFirst, {20}).ok());
  EXPECT_THAT(Chunks(Consumer("dead").PopFirst()), ElementsAre(20));
  HintConsumer living = Consumer("living");
  EXPECT_THAT(Chunks(living.PopFirst()), IsEmpty());
  EXPECT_TRUE(Eventually([&] { return Chunks(living.PopFirst()) == std::vector<ChunkId>{20}; }));
}

TEST_P(HintQueueTest, AFirstHintEndsTheWait) {
  HintConsumer a = Consumer("a");
  EXPECT_THAT(Chunks(a.Pop(1, kNoWait)), IsEmpty());
  std::thread later([this] {
    tikhaul::SleepFor(absl::Milliseconds(50));
    EXPECT_TRUE(publisher_.Push(HintOrder::kFirst, {9}).ok());
  });
  EXPECT_THAT(Chunks(a.Pop(1, absl::Seconds(20))), ElementsAre(9));
  later.join();
}

TEST_P(HintQueueTest, ClearTakesFirstHintsToo) {
  ASSERT_TRUE(publisher_.Push(HintOrder::kFirst, {9}).ok());
  ASSERT_TRUE(publisher_.Clear().ok());
  EXPECT_THAT(Chunks(Consumer("a").PopFirst()), IsEmpty());
}

TEST_P(HintQueueTest, SpentHintsAreGoneForGood) {
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {7}).ok());
  HintConsumer consumer = Consumer("a");
  const auto hints = consumer.Pop(1, kNoWait);
  ASSERT_EQ(hints->size(), 1u);
  EXPECT_TRUE(consumer.Spend(hints->front()).ok());
  EXPECT_TRUE(consumer.Spend(hints->front()).ok());
  EXPECT_EQ(Depth(), 0u);
  EXPECT_THAT(Pending(), HasSubstr(":0\r\n"));
  EXPECT_THAT(Chunks(consumer.Reclaim(10, kNoWait)), IsEmpty());
}

TEST_P(HintQueueTest, ManyHintsKeepTheirOrderOverSeveralRoundTrips) {
  std::vector<ChunkId> chunks;
  for (ChunkId i = 1; i <= 1000; ++i) chunks.push_back(i * 1'000'000'007);
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, chunks).ok());
  EXPECT_EQ(Depth(), 1000u);
  EXPECT_EQ(Chunks(Consumer("a").Pop(2000, kNoWait)), chunks);
}

TEST_P(HintQueueTest, PopBeforeAnyPushWaitsAndThenGetsTheHint) {
  std::vector<ChunkId> got;
  std::thread popper([&] { got = Chunks(Consumer("a").Pop(1, absl::Seconds(10))); });
  ASSERT_TRUE(Eventually([&] { return server_.Ask("INFO clients").find("blocked_clients:1") != std::string::npos; }));
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {5}).ok());
  popper.join();
  EXPECT_THAT(got, ElementsAre(5));
}

TEST_P(HintQueueTest, PopGivesUpAfterItsWait) {
  HintConsumer consumer = Consumer("a");
  const SystemClock clock;
  const absl::Duration start = clock.Monotonic();
  EXPECT_THAT(Chunks(consumer.Pop(1, absl::Milliseconds(60))), IsEmpty());
  EXPECT_GE(clock.Monotonic() - start, absl::Milliseconds(55));
}

TEST_P(HintQueueTest, HintsOfADeadWorkerAreReclaimed) {
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {7, 8}).ok());
  EXPECT_THAT(Chunks(Consumer("dead").Pop(2, kNoWait)), ElementsAre(7, 8));
  HintConsumer living = Consumer("living");
  EXPECT_THAT(Chunks(living.Reclaim(10, absl::Hours(1))), IsEmpty());
  EXPECT_THAT(Chunks(living.Reclaim(1, kNoWait)), ElementsAre(7));
  EXPECT_THAT(Chunks(living.Reclaim(1, kNoWait)), ElementsAre(8));  // goes on where the last call ended
}

TEST_P(HintQueueTest, ReclaimSkipsEntriesThatWereDeleted) {
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {7, 8, 9}).ok());
  const auto hints = Consumer("dead").Pop(3, kNoWait);
  ASSERT_EQ(hints->size(), 3u);
  ASSERT_EQ(server_.Ask("XDEL tikhaul:{unit}:hints " + (*hints)[1].entry), ":1\r\n");
  EXPECT_THAT(Chunks(Consumer("living").Reclaim(10, kNoWait)), ElementsAre(7, 9));
}

TEST_P(HintQueueTest, SilentConsumersAreForgottenOnceTheyHoldNothing) {
  constexpr size_t kHeld = 200;
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, std::vector<ChunkId>(kHeld + 1, 7)).ok());
  ASSERT_EQ(Chunks(Consumer("holder").Pop(kHeld, kNoWait)).size(), kHeld);
  HintConsumer idler = Consumer("idler");
  const auto spent = idler.Pop(1, kNoWait);
  ASSERT_EQ(spent->size(), 1u);
  ASSERT_TRUE(idler.Spend(spent->front()).ok());
  const auto knows = [&](const std::string& name) {
    return server_.Ask("XINFO CONSUMERS tikhaul:{unit}:hints workers").find(name) != std::string::npos;
  };
  HintConsumer janitor = Consumer("janitor");
  EXPECT_THAT(Chunks(janitor.Reclaim(10, absl::Minutes(1))), IsEmpty());
  EXPECT_TRUE(knows("idler"));  // too young
  // A millisecond for hints makes sixty for consumers. Each call takes one hint of "holder", who then still has some.
  const auto reclaim_one = [&] { EXPECT_LE(Chunks(janitor.Reclaim(1, absl::Milliseconds(1))).size(), 1u); };
  ASSERT_TRUE(Eventually([&] {
    reclaim_one();
    return !knows("idler");
  }));
  EXPECT_TRUE(knows("holder"));
  ASSERT_TRUE(Eventually([&] {
    reclaim_one();
    return !knows("holder");
  }));
  EXPECT_TRUE(knows("janitor"));
}

TEST_P(HintQueueTest, FlushWhilePoppingIsHealed) {
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {1}).ok());
  HintConsumer consumer = Consumer("a");
  const auto old = consumer.Pop(1, kNoWait);
  ASSERT_EQ(old->size(), 1u);
  std::vector<ChunkId> got;
  std::thread popper([&] {
    while (got.empty()) got = Chunks(consumer.Pop(1, absl::Seconds(10)));
  });
  ASSERT_TRUE(Eventually([&] { return server_.Ask("INFO clients").find("blocked_clients:1") != std::string::npos; }));
  server_.FlushAll();
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {2}).ok());
  popper.join();
  EXPECT_THAT(got, ElementsAre(2));
  EXPECT_TRUE(consumer.Spend(old->front()).ok());  // the old hint is simply gone
}

TEST_P(HintQueueTest, PushAndReclaimMakeWhatAFlushTook) {
  HintConsumer consumer = Consumer("a");
  server_.FlushAll();
  EXPECT_THAT(Chunks(consumer.Reclaim(10, kNoWait)), IsEmpty());
  server_.FlushAll();
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {3}).ok());
  EXPECT_THAT(Chunks(consumer.Pop(1, kNoWait)), ElementsAre(3));
}

TEST_P(HintQueueTest, GenerationStaysUntilTheStreamIsLost) {
  const auto first = publisher_.Generation();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*publisher_.Generation(), *first);
  EXPECT_EQ(*HintPublisher(Options(), "unit").Generation(), *first);
  ASSERT_TRUE(publisher_.Clear().ok());
  EXPECT_EQ(*publisher_.Generation(), *first);
  server_.FlushAll();
  const std::string after_flush = *publisher_.Generation();
  EXPECT_NE(after_flush, *first);
  server_.Stop();
  EXPECT_TRUE(absl::IsUnavailable(publisher_.Generation().status()));
  server_.Start();
  std::string after_restart;
  ASSERT_TRUE(Eventually([&] {
    const auto generation = publisher_.Generation();
    after_restart = generation.value_or("");
    return generation.ok();
  }));
  EXPECT_NE(after_restart, after_flush);
}

TEST(HintQueueRestartTest, GenerationChangesWithTheProcessEvenWhenItKeptItsData) {
  RedisServer server({.keeps_data = true});
  RedisOptions options;
  options.url = server.url();
  HintPublisher publisher(options, "unit");
  ASSERT_TRUE(publisher.Push(HintOrder::kUsual, {4}).ok());
  const std::string before = *publisher.Generation();
  server.Kill();
  server.Start();
  ASSERT_TRUE(Eventually([&] { return publisher.Depth().ok(); }));
  EXPECT_EQ(*publisher.Depth(), 1u);
  EXPECT_NE(*publisher.Generation(), before);
}

TEST_P(HintQueueTest, ClearEmptiesStreamAndGroupStaysUsable) {
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {7, 8}).ok());
  HintConsumer consumer = Consumer("a");
  ASSERT_THAT(Chunks(consumer.Pop(1, kNoWait)), ElementsAre(7));
  ASSERT_TRUE(publisher_.Clear().ok());
  EXPECT_EQ(Depth(), 0u);
  EXPECT_THAT(Chunks(consumer.Pop(1, kNoWait)), IsEmpty());
  EXPECT_THAT(Chunks(consumer.Reclaim(10, kNoWait)), IsEmpty());
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {9}).ok());
  EXPECT_THAT(Chunks(consumer.Pop(1, kNoWait)), ElementsAre(9));
}

TEST_P(HintQueueTest, EntriesThatAreNoHintsAreDropped) {
  HintConsumer consumer = Consumer("a");
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {1}).ok());
  for (const char* entry : {"c seven", "d 7", "c 99999999999999999999"}) {
    ASSERT_EQ(server_.Ask(std::string("XADD tikhaul:{unit}:hints * ") + entry).substr(0, 1), "$");
  }
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {2}).ok());
  EXPECT_THAT(Chunks(consumer.Pop(10, kNoWait)), ElementsAre(1, 2));
  EXPECT_EQ(Depth(), 2u);
}

TEST_P(HintQueueTest, HintsNameTheirCoordinatorAndUnknownFieldsAreNotInTheWay) {
  HintConsumer consumer = Consumer("a");
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, {1, 2}, {{2, "host:7733"}}).ok());
  ASSERT_EQ(server_.Ask("XADD tikhaul:{unit}:hints * z 9 c 7").substr(0, 1), "$");
  const absl::StatusOr<std::vector<Hint>> hints = consumer.Pop(10, kNoWait);
  ASSERT_TRUE(hints.ok());
  ASSERT_EQ(hints->size(), 3u);
  EXPECT_EQ((*hints)[0].coordinator, "");
  EXPECT_EQ((*hints)[1].chunk, 2);
  EXPECT_EQ((*hints)[1].coordinator, "host:7733");
  EXPECT_EQ((*hints)[2].chunk, 7);
}

TEST_P(HintQueueTest, KeyOfAnotherTypeIsSaid) {
  ASSERT_EQ(server_.Ask("SET tikhaul:{unit}:hints x"), "+OK\r\n");
  HintConsumer consumer = Consumer("a");
  for (const absl::Status& status : {publisher_.Push(HintOrder::kUsual, {1}), publisher_.Depth().status(),
                                     consumer.Pop(1, kNoWait).status(), consumer.Reclaim(1, kNoWait).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("WRONGTYPE"));
  }
}

TEST_P(HintQueueTest, InstancesDoNotSeeEachOther) {
  HintPublisher other(Options(), "other");
  ASSERT_TRUE(other.Push(HintOrder::kUsual, {1}).ok());
  EXPECT_EQ(Depth(), 0u);
  EXPECT_THAT(Chunks(Consumer("a").Pop(1, kNoWait)), IsEmpty());
}

TEST_P(HintQueueTest, RedisAwayIsUnavailable) {
  HintConsumer consumer = Consumer("a");
  server_.Kill();
  EXPECT_TRUE(absl::IsUnavailable(publisher_.Push(HintOrder::kUsual, {1})));
  EXPECT_TRUE(absl::IsUnavailable(publisher_.Clear()));
  EXPECT_TRUE(absl::IsUnavailable(consumer.Pop(1, kNoWait).status()));
  EXPECT_TRUE(absl::IsUnavailable(consumer.Spend({"1-1", 1})));
}

TEST_P(HintQueueTest, EveryHintReachesExactlyOneOfManyConsumers) {
  constexpr int kHints = 2000, kConsumers = 4;
  std::vector<ChunkId> chunks;
  for (ChunkId i = 1; i <= kHints; ++i) chunks.push_back(i);
  ASSERT_TRUE(publisher_.Push(HintOrder::kUsual, chunks).ok());
  std::vector<std::vector<ChunkId>> got(kConsumers);
  std::vector<std::thread> threads;
  for (int i = 0; i < kConsumers; ++i) {
    threads.emplace_back([&, i] {
      HintConsumer consumer = Consumer("c" + std::to_string(i));
      while (true) {
        const auto hints = consumer.Pop(3, kNoWait);
        if (!hints.ok() || hints->empty()) return;
        for (const Hint& hint : *hints) {
          got[i].push_back(hint.chunk);
          EXPECT_TRUE(consumer.Spend(hint).ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<ChunkId> all;
  for (const auto& part : got) all.insert(all.end(), part.begin(), part.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, chunks);
  EXPECT_EQ(Depth(), 0u);
}

}  // namespace
}  // namespace tikhaul
