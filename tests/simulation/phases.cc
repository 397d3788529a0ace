#include <algorithm>
#include <utility>

#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "coordinator/accounts/access_book.h"
#include "tests/simulation/simulation.h"

namespace tikhaul {
namespace {

// Longer than any wait that a chunk can have of its own: ten minutes.
constexpr absl::Duration kCalmPatience = absl::Minutes(15);
constexpr absl::Duration kRetryEvery = absl::Seconds(2);
constexpr absl::Duration kUnderWay = absl::Seconds(30);  // longer than any message takes

absl::TimeZone DrawZone(uint64_t seed) {
  static const std::vector<absl::TimeZone> kZones = {LoadZone("UTC").value(), LoadZone("Asia/Tokyo").value(),
                                                     LoadZone("America/Los_Angeles").value()};
  return kZones[seed % kZones.size()];
}

absl::Time DrawBeginning(uint64_t seed) {
  return absl::FromUnixSeconds(1'772'000'000 + static_cast<int64_t>(seed % 997) * 7919);
}

// Without lag: that of a basic report.
FinalityRule RuleIn(absl::TimeZone zone) { return {.zone = zone}; }

}  // namespace

Simulation::Simulation(Environment& environment, uint64_t seed, Broken broken, MetCounts& met,
                       std::vector<std::string>* trace)
    : world_(seed, broken, met),
      environment_(environment),
      began_(DrawBeginning(seed)),
      zone_(DrawZone(seed)),
      history_days_(static_cast<int>(12 + seed % 30)),
      api_{.truth = SimApi(seed, zone_), .token_bad = {}, .access_closed = {}, .permanent = {}, .deadly = {}},
      auditor_(world_, kSimExtract, RuleIn(zone_), began_),
      hints_(world_),
      first_(DayIn(zone_, began_) - (history_days_ - 1)) {
  world_.set_trace(trace);
  MakeActors();
}

void Simulation::MakeActors() {
  MemoryState state;
  MemoryTransaction tx(state);
  for (size_t i = 0; i < 2; ++i) {
    tx.PutAdvertiser({.id = kSimAdvertisers[i],
                      .connection = kSimConnections[i],
                      .name = "shop",
                      .timezone = zone_.name(),
                      .currency = "USD",
                      .status = "STATUS_ENABLE",
                      .created = began_ - absl::Hours(24 * 365)})
        .IgnoreError();
  }
  database_.memory.set_state(std::move(state));
  if (world_.weather().too_big) api_.longest_days = static_cast<int64_t>(3 + world_.scheduler().Below(12));
  if (world_.weather().poison) {
    const absl::CivilDay day =
        first_ + static_cast<int>(world_.scheduler().Below(static_cast<uint64_t>(history_days_)));
    (world_.scheduler().Chance(0.5) ? api_.deadly : api_.permanent).emplace_back(kSimAdvertisers[0], day);
    auditor_.PlanDeath(kSimAdvertisers[0], day);
  }
  const SimCoordinator::Surroundings around{.world = world_,
                                            .environment = environment_,
                                            .database = database_,
                                            .hints = hints_,
                                            .auditor = auditor_,
                                            .began = began_,
                                            .learned = world_.scheduler().Chance(0.3)};
  database_.shared = world_.weather().coordinators > 1;
  for (int i = 0; i < world_.weather().coordinators; ++i)
    coordinators_.push_back(std::make_unique<SimCoordinator>(absl::StrCat("c", i), around));
  const size_t workers = 2 + world_.scheduler().Below(3);
  for (size_t i = 0; i < workers; ++i) {
    workers_.push_back(
        std::make_unique<SimWorker>(absl::StrCat("worker", i), world_, hints_, api_, auditor_, coordinators_, began_));
  }
}

std::string Simulation::Run() {
  for (const auto& coordinator : coordinators_) coordinator->Start();
  for (const auto& worker : workers_) worker->Start();
  Misfortune();
  Backfill();
  Live();
  if (world_.scheduler().Chance(0.5)) {  // a night later
    world_.scheduler().SkipTo(world_.scheduler().now() + world_.scheduler().Between(absl::Hours(8), absl::Hours(50)));
    Sync();
    Live();
  }
  CalmDown();
  WaitForEnd("what was asked for");
  if (!world_.stopped()) auditor_.FinalCheck(*database_.memory.state());
  ReadEverythingAgain();
  return world_.violation();
}

// Some minutes with faults, less when all is done before.
void Simulation::Live() {
  const absl::Duration until =
      world_.scheduler().now() + world_.scheduler().Between(absl::Seconds(10), absl::Minutes(3));
  world_.Run(until, [this] { return AllEnded(); });
}

bool Simulation::AllEnded() {
  const auto state = database_.memory.state();
  if (state == seen_) return false;  // looked at before
  seen_ = state;
  return !state->runs->empty() && std::none_of(state->runs->begin(), state->runs->end(), [](const auto& entry) {
    return entry.second.state == RunState::kRunning;
  });
}

bool Simulation::DeadWaitForRetry() {
  const auto state = database_.memory.state();
  return std::any_of(state->chunks->begin(), state->chunks->end(), [this](const auto& entry) {
    return entry.second->state == ChunkState::kDead && !auditor_.MayDie(*entry.second);
  });
}

void Simulation::CalmDown() {
  world_.Trace("--- calm ---");
  world_.SetCalm();
  api_.token_bad.clear();
  api_.access_closed.clear();
  for (const auto& coordinator : coordinators_) coordinator->clock().set_offset(absl::ZeroDuration());
  // Larger chunks than the small spool takes would never be read.
  for (const auto& coordinator : coordinators_) {
    if (world_.weather().small_spool) world_.Kill(*coordinator);
  }
  world_.Run(world_.scheduler().now() + kUnderWay, [] { return false; });
  // What an operator does now: `resume`, and `retry` of what is closed.
  KeepAsking([this](RunService& runs, Store& store, const Clock& clock) -> absl::Status {
    std::vector<Pause> pauses;  // not as a transaction sees them, which may be what is broken
    RETURN_IF_ERROR(store.Read([&](StoreReader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(pauses, reader.ListPauses());
      return absl::OkStatus();
    }));
    RETURN_IF_ERROR(store.Write([&](StoreTransaction& tx) -> absl::Status {
      for (const Pause& pause : pauses) RETURN_IF_ERROR(tx.RemovePause(pause.scope, pause.name));
      RETURN_IF_ERROR(AskClosedAgain(tx, "", "", clock.Now()).status());
      return pauses.empty() ? absl::OkStatus() : tx.ForgetHints();
    }));
    return runs.Backfill({.extracts = {}, .advertisers = {}, .first = first_, .last = {}}).status();
  });
}

void Simulation::WaitForEnd(const std::string& what) {
  for (int round = 0; round < 3 && !world_.stopped(); ++round) {
    seen_ = nullptr;
    // Clocks that had jumped ahead have left times to come.
    const absl::Duration patience =
        kCalmPatience + (world_.weather().clocks_jump ? absl::Hours(3) : absl::ZeroDuration());
    world_.Run(world_.scheduler().now() + patience, [this] { return AllEnded(); });
    if (!DeadWaitForRetry()) break;
    std::vector<ChunkId> ids;
    for (const auto& [id, chunk] : *database_.memory.state()->chunks) {
      if (!auditor_.MayDie(*chunk)) ids.push_back(id);
    }
    KeepAsking([ids](RunService& runs, Store&, const Clock&) { return runs.Retry({}, ids).status(); });
  }
  if (world_.stopped()) return;
  auditor_.CheckNothingStuck(*database_.memory.state(), absl::InfiniteFuture(), absl::ZeroDuration());
  if (world_.stopped()) world_.Trace("while waiting for ", what);
}

void Simulation::ReadEverythingAgain() {
  if (world_.stopped()) return;
  world_.Trace("--- everything is read again ---");
  world_.scheduler().SkipTo(world_.scheduler().now() + absl::Hours(24 * 20));
  // The days that were lived through. Figures of days as old as these do not move any more.
  const absl::CivilDay last = DayIn(zone_, began_) + 5;
  KeepAsking([this, last](RunService& runs, Store&, const Clock&) {
    return runs.Backfill({.extracts = {}, .advertisers = {}, .first = first_, .last = last, .again_key = "at last"})
        .status();
  });
  WaitForEnd("the last read");
  if (world_.stopped()) return;
  auditor_.FinalCheck(*database_.memory.state());
  if (!world_.stopped()) auditor_.CheckTruth(*database_.memory.state(), api_.truth, first_, last, TrueTime());
}

void Simulation::Backfill() {
  KeepAsking([this](RunService& runs, Store&, const Clock&) {
    return runs.Backfill({.extracts = {}, .advertisers = {}, .first = first_, .last = {}}).status();
  });
}

void Simulation::Sync() {
  KeepAsking([](RunService& runs, Store&, const Clock&) { return runs.Sync({kSimExtract}).status(); });
}

// As a script does: until an answer comes. Runs the world meanwhile.
void Simulation::KeepAsking(std::function<absl::Status(RunService&, Store&, const Clock&)> call) {
  bool done = false;
  while (!done && !world_.stopped()) {
    Lead().Call(call, [&done](const absl::Status& status) { done = status.ok(); });
    if (!done) world_.Run(world_.scheduler().now() + kRetryEvery, [] { return false; });
  }
}

SimCoordinator& Simulation::Lead() {
  for (const auto& coordinator : coordinators_) {
    if (coordinator->leads()) return *coordinator;
  }
  return AnyCoordinator();
}

SimCoordinator& Simulation::AnyCoordinator() { return *coordinators_[world_.scheduler().Below(coordinators_.size())]; }

}  // namespace tikhaul
