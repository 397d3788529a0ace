// The big faults, one every few seconds.
#include <algorithm>
#include <utility>

#include "tests/simulation/simulation.h"

namespace tikhaul {

void Simulation::Misfortune() {
  if (world_.calm()) return;
  if (world_.scheduler().Chance(world_.weather().misfortune)) BeUnlucky();
  world_.scheduler().After(absl::Seconds(1), [this] { Misfortune(); });
}

void Simulation::BeUnlucky() {
  SimWorker& worker = *workers_[world_.scheduler().Below(workers_.size())];
  switch (world_.scheduler().Below(coordinators_.size() > 1 ? 11 : 10)) {
    case 0:
      return world_.Kill(worker);
    case 1:
      return Freeze(worker, Met::kWorkerFrozen);
    case 2:
      return worker.BreakStream();
    case 3:
      return world_.Kill(AnyCoordinator());
    case 4:
      return AnyCoordinator().Stop();
    case 5:
      return StoreTrouble();
    case 6:
      return RedisTrouble();
    case 7:
      return ApiTrouble();
    case 8:
      return JumpClock();
    case 9:
      return OperatorActs();
    default:
      return Freeze(AnyCoordinator(), Met::kCoordinatorFrozen);
  }
}

void Simulation::Freeze(Process& process, Met met) {
  world_.Trace(process.name, " is frozen");
  world_.Note(met);
  world_.Freeze(process, world_.scheduler().Between(absl::Seconds(5), absl::Seconds(60)));
}

void Simulation::StoreTrouble() {
  const absl::Duration until =
      world_.scheduler().now() + world_.scheduler().Between(absl::Seconds(1), absl::Seconds(30));
  const bool full = world_.scheduler().Chance(0.5);
  (full ? database_.full_until : database_.away_until) = until;
  world_.Note(full ? Met::kStoreFull : Met::kStoreAway);
  world_.Trace("the store is ", full ? "full" : "away");
}

void Simulation::RedisTrouble() {
  switch (world_.scheduler().Below(6)) {
    case 0:
      world_.Note(Met::kHintsFlushed);
      return hints_.Flush();
    case 1:
      world_.Note(Met::kRedisAway);
      return hints_.StayAway(world_.scheduler().now() +
                             world_.scheduler().Between(absl::Seconds(1), absl::Seconds(20)));
    case 2:
      return hints_.Remember();
    case 3:
      world_.Note(Met::kHintsRestored);
      return hints_.Restore();
    case 4:
      world_.Note(Met::kHintLost);
      return hints_.LoseSome();
    default:
      world_.Note(Met::kHintDoubled);
      return hints_.DoubleAll();
  }
}

void Simulation::ApiTrouble() {
  const size_t which = world_.scheduler().Below(2);
  switch (world_.scheduler().Below(3)) {
    case 0: {  // and good again after a while, which the coordinator notices: the pause is lifted
      const std::string connection = kSimConnections[which];
      api_.token_bad[connection] = true;
      world_.scheduler().After(world_.scheduler().Between(absl::Seconds(5), absl::Seconds(30)), [this, connection] {
        api_.token_bad[connection] = false;
        Lead().Call([connection](RunService&, Store& store, const Clock&) {
          return store.Write([&](StoreTransaction& tx) -> absl::Status {
            if (absl::Status status = tx.RemovePause("connection", connection); !status.ok()) return status;
            return tx.ForgetHints();
          });
        });
      });
      return;
    }
    case 1:
      api_.access_closed[kSimAdvertisers[which]] = !api_.access_closed[kSimAdvertisers[which]];
      return;
    default:
      return api_.truth.Restate(kSimAdvertisers[which]);
  }
}

void Simulation::JumpClock() {
  if (!world_.weather().clocks_jump) return;
  world_.Note(Met::kClockJumped);
  AnyCoordinator().clock().set_offset(world_.scheduler().Between(-absl::Hours(1), absl::Hours(1)));
}

void Simulation::OperatorActs() {
  const auto state = database_.memory.state();
  if (state->runs->empty()) return;
  auto run = state->runs->begin();
  std::advance(run, static_cast<std::ptrdiff_t>(world_.scheduler().Below(state->runs->size())));
  const std::string id = run->first;
  const std::vector<std::pair<std::string, std::string>> scopes = {{"all", ""},
                                                                   {"connection", kSimConnections[0]},
                                                                   {"extract", kSimExtract},
                                                                   {"run", id},
                                                                   {"advertiser", kSimAdvertisers[0]}};
  const auto scope = scopes[world_.scheduler().Below(scopes.size())];
  switch (world_.scheduler().Below(6)) {
    case 0:
      world_.Note(Met::kPausedByOperator);
      return Lead().Call([scope](RunService&, Store& store, const Clock& clock) {
        return store.Write([&](StoreTransaction& tx) {
          return tx.PutPause({.scope = scope.first, .name = scope.second, .reason = "operator", .since = clock.Now()});
        });
      });
    case 1:
      return Lead().Call([scope](RunService&, Store& store, const Clock&) {
        return store.Write([&](StoreTransaction& tx) -> absl::Status {
          if (absl::Status status = tx.RemovePause(scope.first, scope.second); !status.ok()) return status;
          return tx.ForgetHints();
        });
      });
    case 2: {
      if (!world_.weather().may_cancel) return;
      return Lead().Call([id](RunService& runs, Store&, const Clock&) { return runs.Cancel(id).status(); });
    }
    case 3:
      return Lead().Call([](RunService& runs, Store&, const Clock&) { return runs.Retry({}, {}).status(); });
    case 4:
      world_.Note(Met::kBackfilledAgain);
      return Lead().Call([this, key = absl::StrCat("again", ++backfills_)](RunService& runs, Store&, const Clock&) {
        return runs.Backfill({.extracts = {}, .advertisers = {}, .first = first_, .last = {}, .again_key = key})
            .status();
      });
    default:
      world_.Note(Met::kSynced);
      return Lead().Call([](RunService& runs, Store&, const Clock&) { return runs.Sync({kSimExtract}).status(); });
  }
}

}  // namespace tikhaul
