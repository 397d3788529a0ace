// From one worker to 64 and back, second by second: the shipped decisions about workers and chunks, between a model of
// the autoscaler as k8s/options/keda sets it and workers that are told to go at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/core/lifecycle.h"
#include "coordinator/core/rates.h"
#include "coordinator/core/scaling.h"

namespace tikhaul {
namespace {

constexpr ScalingLimits kLimits = {.slots = 16, .calls_in_flight = 32, .most = 64};
constexpr double kCallsAllowed = 1000;             // of which each takes a second: 1000 must be under way to use it
constexpr int kStart = 10;                         // seconds until a new worker claims its first chunk
constexpr int kFewestCalls = 30, kMostCalls = 90;  // of a chunk, one after the other

struct Work {
  Chunk chunk;
  int calls = 0;    // that it takes
  double read = 0;  // of them
  int restarts = 0;
};

struct Pod {
  std::string name;
  int ready_at = 0;
  std::optional<int> ends_at = {};  // told to go
  std::vector<size_t> chunks = {};
};

// Kubernetes' horizontal autoscaler over a metric that counts workers, with these policies: up by 100 % in 15 s, down
// by the highest figure of the last 300 s and by 10 % (one at least) in 60 s.
class Autoscaler {
 public:
  int Decide(int now, int present, int metric) {
    recommended_.emplace_back(now, std::clamp(metric, 1, 64));
    while (recommended_.front().first <= now - 300) recommended_.pop_front();
    const int asked = recommended_.back().second;
    if (asked > present) return std::min(asked, 2 * present);
    int highest = 0;
    for (const auto& [at, replicas] : recommended_) highest = std::max(highest, replicas);
    if (highest >= present || now - shrunk_at_ < 60) return present;
    shrunk_at_ = now;
    return std::max(highest, present - std::max(1, present / 10));
  }

 private:
  std::deque<std::pair<int, int>> recommended_;
  int shrunk_at_ = -1000;
};

class Fleet {
 public:
  Fleet(uint64_t seed, int grace) : random_(seed), grace_(grace) { pods_.push_back({.name = "pod-0"}); }

  void AddWork(int count) {
    for (int i = 0; i < count; ++i) {
      Work work;
      work.chunk.id = static_cast<ChunkId>(works_.size() + 1);
      work.calls = std::uniform_int_distribution<int>(kFewestCalls, kMostCalls)(random_);
      works_.push_back(std::move(work));
      ready_.push_back(works_.size() - 1);
    }
  }

  void Step() {
    ++now_;
    Claim();
    Read();
    Leave();
    if (now_ % 2 == 0) Measure();
    if (now_ % 15 == 0) Scale();
    most_ = std::max(most_, Present());
  }

  int Present() const {
    return static_cast<int>(std::count_if(pods_.begin(), pods_.end(), [](const Pod& pod) { return !pod.ends_at; }));
  }
  size_t ready() const { return ready_.size(); }
  bool Done() const {
    return std::all_of(works_.begin(), works_.end(),
                       [](const Work& work) { return work.chunk.state == ChunkState::kDone; });
  }
  const std::vector<Work>& works() const { return works_; }
  int most() const { return most_; }
  int now() const { return now_; }
  double share() const { return used_ / allowed_; }
  void ForgetShare() { used_ = allowed_ = 0; }

 private:
  absl::Time Time() const { return absl::UnixEpoch() + absl::Seconds(now_); }

  // Hints go to whoever asks first.
  void Claim() {
    std::vector<Pod*> open;
    for (Pod& pod : pods_) {
      const size_t free = now_ >= pod.ready_at && !pod.ends_at ? kLimits.slots - pod.chunks.size() : 0;
      open.insert(open.end(), free, &pod);
    }
    std::shuffle(open.begin(), open.end(), random_);
    for (Pod* const pod : open) {
      if (ready_.empty()) return;
      Work& work = works_[ready_.front()];
      const ClaimDecision claimed = DecideClaim(work.chunk, pod->name, Time(), std::nullopt, false);
      ASSERT_EQ(claimed.answer, ClaimAnswer::kGranted);
      work.chunk = claimed.chunk;
      work.read = 0;
      pod->chunks.push_back(ready_.front());
      ready_.pop_front();
    }
  }

  // Each chunk has one call under way, as far as the quota goes; what is read whole is published.
  void Read() {
    double running = 0;
    for (const Pod& pod : pods_) running += static_cast<double>(pod.chunks.size());
    const double calls = std::min(running, kCallsAllowed);
    calls_.Add(absl::Seconds(now_), static_cast<uint64_t>(calls));
    running_ = static_cast<uint64_t>(running);
    used_ += calls;
    allowed_ += kCallsAllowed;
    for (Pod& pod : pods_) {
      std::erase_if(pod.chunks, [&](size_t index) {
        Work& work = works_[index];
        work.read += calls / running;
        if (work.read < work.calls) return false;
        work.chunk = DecidePublish(work.chunk, work.chunk.epoch, static_cast<uint64_t>(work.calls)).value();
        return true;
      });
    }
  }

  // A worker that was told to go ends with its last chunk, or gives the rest back at the end of its grace.
  void Leave() {
    std::erase_if(pods_, [&](const Pod& pod) {
      if (!pod.ends_at || (!pod.chunks.empty() && now_ < *pod.ends_at)) return false;
      for (const size_t index : pod.chunks) {
        Work& work = works_[index];
        Failure released;
        released.failure_class = FailureClass::kReleased;
        const FailureOutcome given_back = DecideFailure(work.chunk, work.chunk.epoch, released, Time(), 0.5).value();
        work.chunk = given_back.chunk;
        ++work.restarts;
        ready_.push_front(index);
      }
      return true;
    });
  }

  void Measure() {
    const double pace = calls_.PerSecond(absl::Seconds(now_));
    // Calls take a second each, so as many are under way as are made in one.
    demand_.Learn({.calls_per_second = pace, .calls_under_way = pace, .running = running_}, kCallsAllowed);
    wanted_ = demand_.Wanted(absl::Seconds(now_), ready_.size() + running_, kCallsAllowed);
  }

  void Scale() {
    const int present = Present();
    const int replicas = autoscaler_.Decide(now_, present, static_cast<int>(wanted_));
    for (int i = present; i < replicas; ++i) {
      pods_.push_back({.name = absl::StrCat("pod-", ++made_), .ready_at = now_ + kStart});
    }
    for (int i = replicas; i < present; ++i) {
      std::vector<Pod*> staying;
      for (Pod& pod : pods_) {
        if (!pod.ends_at) staying.push_back(&pod);
      }
      staying[random_() % staying.size()]->ends_at = now_ + grace_;
    }
  }

  std::mt19937_64 random_;
  const int grace_;
  int now_ = 0, most_ = 1, made_ = 0;
  double used_ = 0, allowed_ = 0;
  uint64_t running_ = 0;
  uint32_t wanted_ = 1;
  std::deque<size_t> ready_;
  std::vector<Work> works_;
  std::vector<Pod> pods_;
  WorkerDemand demand_{kLimits};
  RateMeter calls_{absl::Minutes(1)};
  Autoscaler autoscaler_;
};

struct Outcome {
  int most_workers = 0, workers_at_end = 0;
  int restarts = 0, most_restarts = 0;  // of all chunks, of one
  double share = 0;                     // of the quota, while the flood lasted and all workers were there
  bool all_done = false;
};

// A flood, then for an hour just enough to keep every worker that is left busy in part, then nothing.
Outcome LiveThrough(uint64_t seed, int grace) {
  Fleet fleet(seed, grace);
  fleet.AddWork(20'000);
  Outcome outcome;
  while (fleet.ready() > 2000) {
    if (fleet.Present() < 60) fleet.ForgetShare();
    fleet.Step();
  }
  outcome.share = fleet.share();
  for (const int end = fleet.now() + 3600; fleet.now() < end;) {
    if (fleet.ready() < 4) fleet.AddWork(1);
    fleet.Step();
  }
  for (const int end = fleet.now() + 7200; fleet.now() < end && (!fleet.Done() || fleet.Present() > 1);) fleet.Step();
  outcome.most_workers = fleet.most();
  outcome.workers_at_end = fleet.Present();
  outcome.all_done = fleet.Done();
  for (const Work& work : fleet.works()) {
    outcome.restarts += work.restarts;
    outcome.most_restarts = std::max(outcome.most_restarts, work.restarts);
    const Attempts& attempts = work.chunk.attempts;
    EXPECT_EQ(attempts.transient + attempts.drift + attempts.crash, 0) << "given back, not failed";
  }
  return outcome;
}

TEST(ScalingSimulationTest, FromOneTo64AndBackNoChunkIsRestartedMoreThanOnce) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const Outcome outcome = LiveThrough(seed, /*grace=*/100);
    EXPECT_EQ(outcome.most_workers, 64) << seed;
    EXPECT_EQ(outcome.workers_at_end, 1) << seed;
    EXPECT_TRUE(outcome.all_done) << seed;
    EXPECT_GE(outcome.share, 0.95) << seed << ": the quota is used from where it binds";
    EXPECT_LE(outcome.most_restarts, 1) << seed;
  }
}

// The fleet above could have failed: with eight seconds of grace, workers give back most of what they have.
TEST(ScalingSimulationTest, AShortGraceWouldRestartSomeAgainAndAgain) {
  const Outcome outcome = LiveThrough(1, /*grace=*/8);
  EXPECT_TRUE(outcome.all_done);
  EXPECT_GT(outcome.restarts, 50);
  EXPECT_GT(outcome.most_restarts, 1) << outcome.restarts;
}

}  // namespace
}  // namespace tikhaul
