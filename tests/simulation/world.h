// A small installation of tikhaul in one thread: simulated workers, hints, network and API around coordinators that run
// the shipped code, and everything that can go wrong between them.
#ifndef TIKHAUL_TESTS_SIMULATION_WORLD_H_
#define TIKHAUL_TESTS_SIMULATION_WORLD_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/simulation/met.h"
#include "tests/simulation/scheduler.h"

namespace tikhaul {

// A fence that is broken on purpose, to show that the invariants see it.
enum class Broken {
  kNothing,
  kEpochAtPublish,    // a publication does not ask whether its epoch is still the chunk's
  kEpochAtFailure,    // neither does the record of a failure
  kHalfTransactions,  // rows of a transaction that fails stay
  kLostHints,         // hints that nobody claims are not pushed again
  kOrphans,           // running chunks without a stream are not given back
  kPauses,            // claims do not ask for pauses
  kMembers,           // who was evicted writes all the same
  kSeats,             // claims do not ask whose the shard is
};

// How likely what is in this world.
struct Weather {
  double kill_inside = 0, interleave = 0;  // per effect of a coordinator
  double commit_fails = 0, commit_unheard = 0;
  double link_breaks = 0, mangled = 0;  // per message
  double hint_lost = 0, hint_doubled = 0;
  double api_fault = 0;   // per page
  double misfortune = 0;  // per second, one of the big ones (misfortunes.cc)
  bool clocks_jump = false, may_cancel = false, small_spool = false, too_big = false, poison = false;
  int coordinators = 1;
};

struct Process;
// Thrown where a process dies in the middle of its code, caught by World::Enter.
struct Killed {
  const Process* process;
};

// What all processes have in common. The world runs code of a process only inside Enter.
struct Process {
  explicit Process(std::string name) : name(std::move(name)) {}
  virtual ~Process() = default;
  // All of it is gone. Nothing of the process is on the stack then.
  virtual void Bury() = 0;

  const std::string name;
  bool alive = false;
  bool doomed = false;       // dies as soon as its frames have unwound
  int frames = 0;            // of its code on the stack
  uint64_t incarnation = 0;  // grows with each start
  absl::Duration frozen_until = -absl::InfiniteDuration();
};

class World {
 public:
  World(uint64_t seed, Broken broken, MetCounts& met);

  Scheduler& scheduler() { return scheduler_; }
  const Weather& weather() const { return weather_; }
  Broken broken() const { return broken_; }
  // No faults any more.
  bool calm() const { return calm_; }
  void SetCalm() { calm_ = true; }

  // Whether a fault of this likelihood happens now.
  bool Fault(double probability, Met met) {
    if (calm_ || !scheduler_.Chance(probability)) return false;
    Note(met);
    return true;
  }
  void Note(Met met) { ++met_[static_cast<size_t>(met)]; }

  // Runs code of the process, unless it is dead; later, if it is frozen.
  void Enter(Process& process, const std::function<void()>& code);
  // The same later, if it is the same incarnation then.
  void Later(Process& process, absl::Duration delay, std::function<void()> code);
  void Kill(Process& process);
  // Stops it where it is, between two effects at the latest; it knows nothing of it.
  void Freeze(Process& process, absl::Duration duration) { process.frozen_until = scheduler_.now() + duration; }
  bool IsFrozen(const Process& process) const { return !calm_ && scheduler_.now() < process.frozen_until; }
  // Between two effects of the process: here it may die, and others may run.
  void Effect(Process& process);
  // The process sleeps, others go on.
  void Sleep(Process& process, absl::Duration duration);
  [[noreturn]] void DieHere(Process& process);

  // An invariant does not hold. The world stops at the next event.
  void Violate(const std::string& what);
  const std::string& violation() const { return violation_; }
  bool stopped() const { return !violation_.empty(); }

  // Runs events until `until`, or until `done`. A world that does not come to its end is violated, too.
  void Run(absl::Duration until, const std::function<bool()>& done);

  bool tracing() const { return trace_ != nullptr; }
  void set_trace(std::vector<std::string>* trace) { trace_ = trace; }
  template <typename... Parts>
  void Trace(const Parts&... parts) {
    if (trace_ != nullptr) AddTrace(absl::StrCat(parts...));
  }

 private:
  void AddTrace(const std::string& line);
  void CheckEvents();
  void RunOthers(Process& process, absl::Duration duration);

  Scheduler scheduler_;
  const Broken broken_;
  MetCounts& met_;
  Weather weather_;
  bool calm_ = false;
  int depth_ = 0;  // of events that run inside the sleep of others
  std::string violation_;
  std::vector<std::string>* trace_ = nullptr;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_WORLD_H_
