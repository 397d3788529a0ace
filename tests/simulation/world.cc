#include "tests/simulation/world.h"

#include <algorithm>
#include <utility>

namespace tikhaul {
namespace {

constexpr int kDeepest = 6;
constexpr uint64_t kMostEvents = 100'000;  // of any world

// Some worlds are quiet, so that rare faults meet an otherwise regular life, some are wild.
Weather DrawWeather(Scheduler& random) {
  const double wild = random.Unit();
  const auto rate = [&](double most) { return random.Chance(0.6) ? most * wild * random.Unit() : 0; };
  Weather weather;
  weather.kill_inside = rate(0.01);
  weather.interleave = rate(0.2);
  weather.commit_fails = rate(0.1);
  weather.commit_unheard = rate(0.1);
  weather.link_breaks = rate(0.05);
  weather.mangled = random.Chance(0.2) ? rate(0.05) : 0;
  weather.hint_lost = rate(0.2);
  weather.hint_doubled = rate(0.5);
  weather.api_fault = rate(0.4);
  weather.misfortune = rate(0.3);
  weather.clocks_jump = random.Chance(0.2);
  weather.may_cancel = random.Chance(0.25);
  weather.small_spool = random.Chance(0.1);
  weather.too_big = random.Chance(0.2);
  weather.poison = random.Chance(0.1);
  weather.coordinators = random.Chance(0.3) ? 2 + static_cast<int>(random.Below(2)) : 1;
  return weather;
}

}  // namespace

World::World(uint64_t seed, Broken broken, MetCounts& met)
    : scheduler_(seed), broken_(broken), met_(met), weather_(DrawWeather(scheduler_)) {}

void World::Enter(Process& process, const std::function<void()>& code) {
  if (!process.alive || process.doomed || stopped()) return;
  if (IsFrozen(process)) {
    scheduler_.After(process.frozen_until - scheduler_.now(),
                     [this, &process, incarnation = process.incarnation, code] {
                       if (process.incarnation == incarnation) Enter(process, code);
                     });
    return;
  }
  ++process.frames;
  try {
    code();
  } catch (const Killed& killed) {
    if (killed.process != &process) {
      --process.frames;
      throw;
    }
    process.doomed = true;
  }
  if (--process.frames == 0 && process.doomed) {
    process.alive = process.doomed = false;
    process.Bury();
  }
}

void World::Later(Process& process, absl::Duration delay, std::function<void()> code) {
  scheduler_.After(delay, [this, &process, incarnation = process.incarnation, code = std::move(code)] {
    if (process.incarnation == incarnation) Enter(process, code);
  });
}

void World::Kill(Process& process) {
  if (!process.alive || process.doomed) return;
  Trace(process.name, " is killed");
  process.doomed = true;
  if (process.frames > 0) return;
  process.alive = process.doomed = false;
  process.Bury();
}

void World::DieHere(Process& process) {
  Trace(process.name, " dies here");
  throw Killed{&process};
}

void World::Effect(Process& process) {
  if (IsFrozen(process)) RunOthers(process, process.frozen_until - scheduler_.now());
  if (Fault(weather_.kill_inside, Met::kCoordinatorKilledInside)) DieHere(process);
  if (depth_ < kDeepest && Fault(weather_.interleave, Met::kInterleaved)) {
    RunOthers(process, scheduler_.Between(absl::ZeroDuration(), absl::Seconds(1)));
  }
}

void World::Sleep(Process& process, absl::Duration duration) { RunOthers(process, duration); }

void World::RunOthers(Process& process, absl::Duration duration) {
  const absl::Duration until = scheduler_.now() + duration;
  if (++depth_ <= kDeepest) {
    while (!stopped() && scheduler_.RunNext(until)) CheckEvents();
  } else {
    scheduler_.SkipTo(until);  // the others are late
  }
  --depth_;
  if (process.doomed || stopped()) throw Killed{&process};
}

void World::Run(absl::Duration until, const std::function<bool()>& done) {
  while (!stopped() && !done() && scheduler_.RunNext(until)) CheckEvents();
}

void World::CheckEvents() {
  if (scheduler_.events_run() > kMostEvents) Violate("the world does not come to its end");
}

void World::Violate(const std::string& what) {
  if (!violation_.empty()) return;
  violation_ = what;
  Trace("VIOLATION: ", what);
}

void World::AddTrace(const std::string& line) {
  trace_->push_back(
      absl::StrCat(absl::FormatDuration(absl::Trunc(scheduler_.now(), absl::Milliseconds(1))), " ", line));
}

}  // namespace tikhaul
