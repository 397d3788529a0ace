#include "tests/storm/storm.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/fault/fault_test_util.h"
#include "tests/storm/checker.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kStep = absl::Milliseconds(20);
constexpr absl::Duration kLookEvery = absl::Seconds(2);
// A storm goes on for so much longer, until what it is about was seen.
constexpr absl::Duration kLongerAtMost = absl::Seconds(60);

// One of a storm's blows, while it blows.
class Blowing {
 public:
  Blowing(const Blow& blow, Stage& stage, absl::Duration now) : blow_(blow), stage_(stage) { PutOff(now); }

  void Look(absl::Duration now) {
    if (held_ && now >= mend_at_) Mend(now);
    if (held_ || now < strike_at_) return;
    blow_.strike(stage_);
    ++count_;
    held_ = blow_.mend != nullptr;
    mend_at_ = now + stage_.dice().Between(blow_.hold.least, blow_.hold.most);
    if (!held_) PutOff(now);
  }
  void Mend(absl::Duration now) {
    if (!held_) return;
    blow_.mend(stage_);
    held_ = false;
    PutOff(now);
  }
  int64_t count() const { return count_; }
  const std::string& name() const { return blow_.name; }

 private:
  void PutOff(absl::Duration now) { strike_at_ = now + stage_.dice().Between(blow_.every.least, blow_.every.most); }

  const Blow& blow_;
  Stage& stage_;
  absl::Duration strike_at_, mend_at_;
  bool held_ = false;
  int64_t count_ = 0;
};

// At every moment, in one look at the store: rows and their proof are there together, and no cursor stands on a day
// that is not committed.
void LookAtTheStore(Stage& stage) {
  const std::optional<int64_t> without_proof = stage.Ask(
      "SELECT (SELECT count(*) FROM ads_hourly) - (SELECT coalesce(sum(inserted - removed), 0) FROM tikhaul_ledger "
      "WHERE "
      "extract = 'ads_hourly')");
  EXPECT_EQ(without_proof.value_or(0), 0) << "rows without their proof, or the other way round";
  const std::optional<int64_t> ahead = stage.Ask(
      "SELECT count(*) FROM tikhaul_cursor AS k WHERE k.extract = 'ads_hourly' AND k.cursor_day IS NOT NULL AND NOT "
      "EXISTS (SELECT 1 FROM tikhaul_coverage AS c WHERE c.extract = k.extract AND c.advertiser = k.advertiser AND "
      "c.first_day <= k.first_day AND c.last_day >= k.cursor_day)");
  EXPECT_EQ(ahead.value_or(0), 0) << "a cursor is ahead of the rows";
}

// A storm never runs out of work: what is done is read again.
class Rounds {
 public:
  explicit Rounds(Stage& stage) : stage_(stage) {}

  void Look() {
    const std::optional<int64_t> left =
        stage_.Ask("SELECT count(*) FROM tikhaul_chunk WHERE state IN ('ready', 'running')");
    if (left.value_or(1) > 0) return;
    if (stage_.AskBackfill(absl::StrCat("round ", rounds_ + 1))) ++rounds_;
  }

 private:
  Stage& stage_;
  int rounds_ = 1;
};

bool AllSeen(const Storm& storm, Stage& stage) {
  return std::all_of(storm.musts.begin(), storm.musts.end(), [&](const Must& must) { return must.seen(stage) > 0; });
}

}  // namespace

Sightings LetBlow(const Storm& storm, Stage& stage, std::map<std::string, int64_t>* died) {
  if (storm.prepare) storm.prepare(stage);
  stage.Start();
  const SystemClock clock;
  const absl::Duration start = clock.Monotonic();
  std::vector<Blowing> blows;
  for (const Blow& blow : storm.blows) blows.emplace_back(blow, stage, start);
  Rounds rounds(stage);
  absl::Duration look_at = start;
  absl::Duration end = start + storm.lasts;
  for (absl::Duration now = start; now < end && !testing::Test::HasFailure(); now = clock.Monotonic()) {
    stage.Keep();
    for (Blowing& blow : blows) blow.Look(clock.Monotonic());
    if (now >= look_at) {
      LookAtTheStore(stage);
      rounds.Look();
      look_at = clock.Monotonic() + kLookEvery;
      const bool longer = now + kLookEvery >= end && end < start + storm.lasts + kLongerAtMost;
      if (longer && !AllSeen(storm, stage)) end += kLookEvery;
    }
    tikhaul::SleepFor(kStep);
  }
  for (Blowing& blow : blows) blow.Mend(clock.Monotonic());
  KeepUntilIdle(stage);
  *died = DeadLetters(stage);
  if (storm.mend) {
    storm.mend(stage);
    KeepUntilIdle(stage);
  }
  Sightings sightings;
  for (const Blowing& blow : blows) sightings.emplace_back(blow.name(), blow.count());
  for (const Must& must : storm.musts) sightings.emplace_back(must.what, must.seen(stage));
  return sightings;
}

void KeepUntilIdle(Stage& stage, absl::Duration patience) {
  const SystemClock clock;
  absl::Duration moved_at = clock.Monotonic();
  uint64_t done = 0;
  std::optional<v1::Status> status;
  while (!status.has_value() || !status->idle()) {
    if (status.has_value() && Done(*status) != done) {
      done = Done(*status);
      moved_at = clock.Monotonic();
    }
    if (clock.Monotonic() > moved_at + patience) {
      ADD_FAILURE() << "something is left to do, and no chunk was done for " << patience << ": "
                    << (status.has_value() ? status->DebugString() : "the coordinator does not answer");
      return;
    }
    stage.Keep();
    tikhaul::SleepFor(kStep);
    status = stage.TryStatus();
  }
}

}  // namespace tikhaul
