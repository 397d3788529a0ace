// Random lives of all chunks of a run, a seed at a time: claims, failures of every class, lost streams with and without
// a record, restarts, cancels, retries and owners that wake up late. A slow model beside it says who owns what.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "coordinator/core/coverage.h"
#include "coordinator/core/lifecycle.h"
#include "coordinator/core/planner.h"
#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

#if defined(__SANITIZE_THREAD__)
constexpr uint64_t kSeeds = 400;  // one thread: nothing to find there that would be worth the time
#else
constexpr uint64_t kSeeds = 4000;
#endif
constexpr int kSteps = 250;

struct Grant {
  ChunkId chunk;
  uint64_t epoch;
};

// A request that is too big without a code of the API was only too slow.
bool Counted(const Failure& failure) {
  const FailureClass value = failure.failure_class;
  return value == FailureClass::kTransient || value == FailureClass::kDrift || value == FailureClass::kCrash ||
         (value == FailureClass::kTooBig && failure.code == 0);
}

bool SameCounters(const Attempts& a, const Attempts& b) {
  return a.transient == b.transient && a.drift == b.drift && a.crash == b.crash;
}

class World {
 public:
  explicit World(uint64_t seed) : random_(seed), may_cancel_(seed % 4 == 0) {
    PlanInput input;
    input.calendar.longest_days = Pick({1, 7, 30});
    input.calendar.zone = absl::UTCTimeZone();
    input.calendar.now = now_;
    input.depth_days = Between(1, 60);
    range_ = {Today(input.calendar) - (input.depth_days - 1), Today(input.calendar)};
    for (const Window& window : PlanWindows(input)) {
      Chunk chunk;
      chunk.window = window;
      Insert(chunk);
    }
  }

  void Step() {
    switch (Between(0, 11)) {
      case 0:
      case 1:
      case 2:
        return Claim(AnyChunk());
      case 3:
        return Publish(AnyGrant());
      case 4:
      case 5:
      case 6:
        return Fail(AnyGrant(), static_cast<FailureClass>(Between(1, 11)));
      case 7:  // the stream broke and nobody wrote it down
        streams_.erase(AnyChunk());
        return;
      case 8:
        return Restart();
      case 9:
        return Cancel(AnyChunk());
      case 10:
        return Retry(AnyChunk());
      default:
        now_ += absl::Seconds(Between(0, 120));
        paused_ = Between(0, 5) == 0;
    }
  }

  // No more faults: everything that can end does.
  void Drain() {
    paused_ = false;
    for (int round = 0; round < 4 && Unended() > 0; ++round) {
      now_ += absl::Hours(1);
      streams_.clear();
      const size_t count = chunks_.size();
      for (ChunkId id = 1; id <= static_cast<ChunkId>(count); ++id) {
        Retry(id);
        Claim(id);
        if (!grants_.empty() && grants_.back().chunk == id) Publish(grants_.back());
      }
    }
  }

  void CheckEnd() {
    ASSERT_EQ(Unended(), 0);
    std::vector<Coverage> tiles;
    int64_t days = 0;
    bool any_cancelled = false;
    for (const auto& [id, chunk] : chunks_) {
      if (chunk.state == ChunkState::kSplit) continue;
      any_cancelled |= chunk.state == ChunkState::kCancelled;
      ASSERT_EQ(published_.count(id), chunk.state == ChunkState::kDone ? 1u : 0u);
      tiles.push_back({chunk.window.first, chunk.window.last});
      days += chunk.window.Days();
    }
    ASSERT_TRUE(may_cancel_ || !any_cancelled);
    ASSERT_EQ(NormalizeIntervals(tiles), std::vector<Coverage>{range_});  // nothing lost
    ASSERT_EQ(days, range_.last - range_.first + 1);                      // nothing doubled
  }

  // What all lives together have met, so that a test that meets nothing fails.
  static std::map<std::string, int>& Met() {
    static std::map<std::string, int> met;
    return met;
  }

 private:
  int Between(int low, int high) { return low + static_cast<int>(random_() % static_cast<uint64_t>(high - low + 1)); }
  int Pick(std::vector<int> values) {
    return values[static_cast<size_t>(Between(0, static_cast<int>(values.size()) - 1))];
  }
  ChunkId AnyChunk() { return Between(1, static_cast<int>(chunks_.size())); }
  // Of now or of earlier: owners that lost their chunk keep trying.
  Grant AnyGrant() {
    return grants_.empty() ? Grant{1, 0}
                           : grants_[static_cast<size_t>(Between(0, static_cast<int>(grants_.size()) - 1))];
  }

  void Insert(Chunk chunk) {
    chunk.id = static_cast<ChunkId>(chunks_.size()) + 1;
    chunks_[chunk.id] = chunk;
  }

  // Every change goes through here: epochs only grow, ended chunks stay ended unless a dead one is retried.
  void Store(const Chunk& next) {
    Chunk& chunk = chunks_.at(next.id);
    ASSERT_GE(next.epoch, chunk.epoch);
    ASSERT_TRUE(chunk.state == ChunkState::kReady || chunk.state == ChunkState::kRunning ||
                chunk.state == ChunkState::kDead);
    if (chunk.state == ChunkState::kRunning && next.state != ChunkState::kDone) {
      ASSERT_GT(next.epoch, chunk.epoch);
    }
    chunk = next;
  }

  bool IsOwner(const Grant& grant) const {
    const auto owner = owners_.find(grant.chunk);
    return owner != owners_.end() && owner->second == grant.epoch;
  }

  void Claim(ChunkId id) {
    const Chunk before = chunks_.at(id);
    const std::optional<std::string> pause = paused_ ? std::optional<std::string>("operator") : std::nullopt;
    const ClaimDecision decision = DecideClaim(before, "worker", now_, pause, streams_.count(id) != 0);
    if (decision.answer != ClaimAnswer::kGranted) {
      ++Met()["claim refused"];
      return;
    }
    ASSERT_FALSE(paused_);
    ASSERT_EQ(streams_.count(id), 0u);  // two owners at once
    ASSERT_GT(decision.chunk.epoch, before.epoch);
    Store(decision.chunk);
    streams_.insert(id);
    owners_[id] = decision.chunk.epoch;
    grants_.push_back({id, decision.chunk.epoch});
    ++Met()["granted"];
  }

  void Publish(const Grant& grant) {
    const Chunk before = chunks_.at(grant.chunk);
    const absl::StatusOr<Chunk> done = DecidePublish(before, grant.epoch, 1);
    ASSERT_EQ(done.ok(), IsOwner(grant));  // the owner and nobody else
    if (!done.ok()) {
      ASSERT_TRUE(absl::IsAborted(done.status()));
      ++Met()["stale publish refused"];
      return;
    }
    ASSERT_TRUE(published_.insert(grant.chunk).second);
    Store(*done);
    End(grant.chunk);
    ++Met()["published"];
  }

  void Fail(const Grant& grant, FailureClass failure_class) {
    const Chunk before = chunks_.at(grant.chunk);
    Failure failure;
    failure.failure_class = failure_class;
    failure.code = Between(0, 1) * 40067;
    const absl::StatusOr<FailureOutcome> outcome =
        DecideFailure(before, grant.epoch, failure, now_, static_cast<double>(random_() % 1000) / 1000);
    ASSERT_EQ(outcome.ok(), IsOwner(grant));
    if (!outcome.ok()) return;
    Store(outcome->chunk);
    End(grant.chunk);
    if (!Counted(failure)) {
      ASSERT_TRUE(SameCounters(before.attempts, outcome->chunk.attempts));
    }
    ASSERT_EQ(outcome->dead_letter.has_value(), outcome->chunk.state == ChunkState::kDead);
    for (const Chunk& child : ChildrenOf(outcome->chunk, outcome->split_into)) Insert(child);
    ++Met()[outcome->chunk.state == ChunkState::kSplit ? "split" : outcome->dead_letter ? "died" : "ready again"];
  }

  // A new coordinator knows no streams (StoreTransaction::ReadyAllRunning).
  void Restart() {
    if (Between(0, 9) != 0) return;
    for (auto& [id, chunk] : chunks_) {
      if (chunk.state == ChunkState::kRunning) Fail({id, chunk.epoch}, FailureClass::kReleased);
    }
    ++Met()["restarted"];
  }

  void Cancel(ChunkId id) {
    if (!may_cancel_ || Between(0, 9) != 0) return;
    const std::optional<Chunk> cancelled = DecideCancel(chunks_.at(id));
    if (!cancelled.has_value()) return;
    Store(*cancelled);
    End(id);
    ++Met()["cancelled"];
  }

  void Retry(ChunkId id) {
    const absl::StatusOr<Chunk> again = DecideRetry(chunks_.at(id));
    ASSERT_EQ(again.ok(), chunks_.at(id).state == ChunkState::kDead);
    if (!again.ok()) return;
    Store(*again);
    ++Met()["retried"];
  }

  void End(ChunkId id) {
    owners_.erase(id);
    streams_.erase(id);
  }

  int Unended() const {
    int count = 0;
    for (const auto& [id, chunk] : chunks_) {
      count +=
          chunk.state == ChunkState::kReady || chunk.state == ChunkState::kRunning || chunk.state == ChunkState::kDead;
    }
    return count;
  }

  std::mt19937_64 random_;
  const bool may_cancel_;
  absl::Time now_ = Utc("2026-03-10 15:00:00");
  bool paused_ = false;
  Coverage range_;
  std::map<ChunkId, Chunk> chunks_;
  std::set<ChunkId> streams_;           // chunks whose owner's stream the coordinator sees
  std::map<ChunkId, uint64_t> owners_;  // who really owns what
  std::vector<Grant> grants_;           // all that were ever given
  std::set<ChunkId> published_;
};

TEST(LifecycleSimulation, NothingIsLostDoubledOrPublishedByALateOwner) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    World world(seed);
    for (int step = 0; step < kSteps; ++step) world.Step();
    world.Drain();
    world.CheckEnd();
    if (testing::Test::HasFatalFailure()) return;
  }
  for (const char* event : {"granted", "claim refused", "published", "stale publish refused", "split", "died",
                            "ready again", "restarted", "cancelled", "retried"}) {
    EXPECT_GT(World::Met()[event], 50) << event;
  }
}

}  // namespace
}  // namespace tikhaul
