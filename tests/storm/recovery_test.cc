// How soon work goes on after one blow, again and again: the promised figures.
#include <gtest/gtest.h>
#include <signal.h>

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/storm/results.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kKilled = absl::Seconds(5), kCutOff = absl::Seconds(20), kHints = absl::Seconds(10),
                         kTakeover = absl::Seconds(15);
constexpr absl::Duration kLook = absl::Milliseconds(20);

class RecoveryTest : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    if (!LongTests()) GTEST_SKIP() << "scripts/test --long runs it";
  }

  // Chunks of the worker that no crash has touched yet (after the second they wait on purpose), with their epochs.
  std::map<std::string, int64_t> ChunksOf(Stage& stage, const std::string& worker) {
    std::map<std::string, int64_t> chunks;
    for (const auto& row : stage.Rows(absl::StrCat("SELECT id, epoch FROM tikhaul_chunk WHERE state = 'running' AND "
                                                   "crash_attempts = 0 AND owner = '",
                                                   worker, "'")))
      chunks[row[0]] = std::stoll(row[1]);
    return chunks;
  }

  // Until each of them runs again under another epoch, or is done; how long that took since `struck`.
  void AwaitThem(Stage& stage, std::map<std::string, int64_t> chunks, absl::Duration struck,
                 std::vector<absl::Duration>* took) {
    while (!chunks.empty()) {
      const std::string ids =
          absl::StrJoin(chunks, ", ", [](std::string* out, const auto& chunk) { out->append(chunk.first); });
      for (const auto& row : stage.Rows("SELECT id, epoch, state FROM tikhaul_chunk WHERE id IN (" + ids + ")")) {
        const bool again = row[2] == "running" && std::stoll(row[1]) > chunks[row[0]];
        if (!again && row[2] != "done") continue;
        took->push_back(clock_.Monotonic() - struck);
        chunks.erase(row[0]);
      }
      ASSERT_LT(clock_.Monotonic() - struck, absl::Minutes(2)) << "never again: " << ids;
      stage.Keep();
      tikhaul::SleepFor(kLook);
    }
  }

  // Strikes a worker while it has chunks, `times` times.
  std::vector<absl::Duration> Measure(Stage& stage, int times, const std::function<void(const std::string&)>& strike,
                                      const std::function<void(const std::string&)>& mend) {
    std::vector<absl::Duration> took;
    int rounds = 0;
    for (int i = 0; i < times && !HasFailure(); ++i) {
      const std::string worker = Stage::WorkerNames()[static_cast<size_t>(i % Stage::kWorkers)];
      std::map<std::string, int64_t> chunks;
      EXPECT_TRUE(Eventually([&] {
        stage.Keep();
        if (stage.Ask("SELECT count(*) FROM tikhaul_chunk WHERE state IN ('ready', 'running')") == 0)
          stage.AskBackfill(absl::StrCat("round ", ++rounds));
        chunks = ChunksOf(stage, worker);
        return !chunks.empty();
      }));
      const absl::Duration struck = clock_.Monotonic();
      strike(worker);
      AwaitThem(stage, std::move(chunks), struck, &took);
      mend(worker);
      tikhaul::SleepFor(stage.dice().Between(absl::Milliseconds(200), absl::Seconds(1)));
    }
    return took;
  }

  void Tell(const std::string& what, absl::Duration promised, const std::vector<absl::Duration>& took) {
    TellRecovery(what, Name(GetParam()), promised, took);
    EXPECT_GE(took.size(), 3u) << what;
    for (const absl::Duration one : took) EXPECT_LE(one, promised) << what;
  }

  const SystemClock clock_;
};

// Fewer chunks than slots: what is lost waits for nothing but to be missed and claimed.
constexpr Scene kNoQueue = {.days = 4, .per_second = 3};

TEST_P(RecoveryTest, ChunksOfKilledWorkersRunAgain) {
  Stage stage(kNoQueue, GetParam(), StormSeed());
  stage.Start();
  Tell("chunk of a killed worker runs again", kKilled,
       Measure(
           stage, 12, [&](const std::string& worker) { stage.Kill(worker, absl::Milliseconds(100)); },
           [](const std::string&) {}));
}

// All slots are busy and 32 hints wait: what is lost goes before them, into the slots that are kept for it.
TEST_P(RecoveryTest, ChunksOfKilledWorkersRunAgainBehindAQueue) {
  Stage stage({.days = 90}, GetParam(), StormSeed());
  stage.Start();
  Tell("the same, while all slots are busy and 32 hints wait", kKilled,
       Measure(
           stage, 12, [&](const std::string& worker) { stage.Kill(worker, absl::Milliseconds(100)); },
           [](const std::string&) {}));
}

TEST_P(RecoveryTest, ChunksOfFrozenWorkersRunAgain) {
  Stage stage(kNoQueue, GetParam(), StormSeed());
  stage.Start();
  Tell("chunk of a worker that stands still runs again", kCutOff,
       Measure(
           stage, 4, [&](const std::string& worker) { kill(stage.cluster().Pid(worker), SIGSTOP); },
           [&](const std::string& worker) { kill(stage.cluster().Pid(worker), SIGCONT); }));
}

TEST_P(RecoveryTest, ChunksOfCutOffWorkersRunAgain) {
  Scene scene = kNoQueue;
  scene.spaces = true;
  if (const std::string why = Stage::WhyNot(scene); !why.empty()) GTEST_SKIP() << why;
  Stage stage(scene, GetParam(), StormSeed());
  stage.Start();
  const auto cut = [&](const std::string& worker, bool off) {
    for (const char* const other : {"coordinator", "redis", "simulator"}) {
      const int one = stage.SpaceOf(worker), two = stage.SpaceOf(other);
      off ? stage.spaces().Cut(one, two) : stage.spaces().Join(one, two);
      off ? stage.spaces().Cut(two, one) : stage.spaces().Join(two, one);
    }
  };
  Tell("chunk of a worker that is cut off runs again", kCutOff,
       Measure(
           stage, 4, [&](const std::string& worker) { cut(worker, true); },
           [&](const std::string& worker) { cut(worker, false); }));
}

TEST_P(RecoveryTest, HintsAreBackAfterAFlush) {
  Stage stage({.days = 90}, GetParam(), StormSeed());
  stage.Start();
  RedisServer& redis = stage.cluster().redis();
  std::string key;
  EXPECT_TRUE(Eventually([&] {
    const std::vector<std::string> answer =
        absl::StrSplit(redis.Ask("KEYS tikhaul:*:hints"), "\r\n", absl::SkipEmpty());
    if (answer.size() == 3) key = answer[2];
    return !key.empty();
  }));
  std::vector<absl::Duration> took;
  for (int i = 0; i < 10 && !HasFailure(); ++i) {
    tikhaul::SleepFor(stage.dice().Between(absl::Seconds(1), absl::Seconds(2)));
    ASSERT_GT(stage.Ask("SELECT count(*) FROM tikhaul_chunk WHERE state = 'ready'").value_or(0), 40)
        << "too small a job";
    redis.FlushAll();
    const absl::Duration struck = clock_.Monotonic();
    // As many as the coordinator keeps there while there is enough to do.
    EXPECT_TRUE(Eventually([&] {
      int64_t hints = 0;
      return absl::SimpleAtoi(absl::StripSuffix(absl::StripPrefix(redis.Ask("XLEN " + key), ":"), "\r\n"), &hints) &&
             hints >= 20;
    }));
    took.push_back(clock_.Monotonic() - struck);
  }
  Tell("hints are back after FLUSHALL", kHints, took);
}

// On one coordinator there is nobody to take over.
TEST_P(RecoveryTest, ALeadIsReplaced) {
  if (GetParam() == StoreKind::kSqlite) GTEST_SKIP() << "SQLite has a single coordinator";
  Stage stage({.coordinators = 2, .days = 90}, GetParam(), StormSeed());
  stage.Start();
  for (const bool killed : {true, false}) {
    std::vector<absl::Duration> took;
    for (int i = 0; i < 5 && !HasFailure(); ++i) {
      std::string lead;
      EXPECT_TRUE(Eventually([&] {
        stage.Keep();
        lead = stage.Lead();
        return !lead.empty() && stage.Ask("SELECT count(*) FROM tikhaul_member") == 2;
      }));
      const absl::Duration struck = clock_.Monotonic();
      if (killed) {
        stage.Kill(lead, absl::Seconds(15));
      } else {
        kill(stage.cluster().Pid(lead), SIGSTOP);
      }
      EXPECT_TRUE(Eventually([&] {
        const std::string now = stage.Lead();
        return !now.empty() && now != lead;
      }));
      took.push_back(clock_.Monotonic() - struck);
      if (!killed) kill(stage.cluster().Pid(lead), SIGCONT);
    }
    Tell(killed ? "killed lead is replaced" : "lead that stands still is replaced", kTakeover, took);
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, RecoveryTest, testing::Values(StoreKind::kSqlite, StoreKind::kPostgres),
                         [](const testing::TestParamInfo<StoreKind>& info) { return Name(info.param); });

}  // namespace
}  // namespace tikhaul
