// Time and chance of a simulated world: events in one thread, in the order of their instants, and one source of random
// numbers. The same seed gives the same world.
#ifndef TIKHAUL_TESTS_SIMULATION_SCHEDULER_H_
#define TIKHAUL_TESTS_SIMULATION_SCHEDULER_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"

namespace tikhaul {

class Scheduler {
 public:
  explicit Scheduler(uint64_t seed) : random_(seed * 0x9e3779b97f4a7c15 + 1) {}

  // True time since the beginning. The clocks of processes may say otherwise (ProcessClock).
  absl::Duration now() const { return now_; }
  void After(absl::Duration delay, std::function<void()> event) {
    events_.push({now_ + delay, ++scheduled_, std::move(event)});
  }
  // Runs the next event. False when there is none up to `until`, to which the time is moved then.
  bool RunNext(absl::Duration until) {
    if (events_.empty() || events_.top().at > until) {
      if (now_ < until) now_ = until;
      return false;
    }
    if (now_ < events_.top().at) now_ = events_.top().at;
    const std::function<void()> event = std::move(const_cast<Event&>(events_.top()).run);
    events_.pop();
    ++ran_;
    event();
    return true;
  }
  // Events that should have run until then will run late.
  void SkipTo(absl::Duration instant) { now_ = std::max(now_, instant); }
  uint64_t events_run() const { return ran_; }

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool Chance(double probability) { return Unit() < probability; }
  double Unit() { return static_cast<double>(random_() >> 11) * 0x1.0p-53; }
  absl::Duration Between(absl::Duration low, absl::Duration high) { return low + (high - low) * Unit(); }

 private:
  struct Event {
    absl::Duration at;
    uint64_t number;  // those of one instant run as they were scheduled
    std::function<void()> run;
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : number > other.number;  // the earliest on top
    }
  };

  std::mt19937_64 random_;
  absl::Duration now_;
  uint64_t scheduled_ = 0, ran_ = 0;
  std::priority_queue<Event> events_;
};

// The clock of one process: its pace is not quite the true one, and its wall clock may be moved.
class ProcessClock final : public Clock {
 public:
  ProcessClock(const Scheduler& scheduler, absl::Time start) : scheduler_(scheduler), start_(start) {}
  absl::Time Now() const override { return start_ + scheduler_.now() + offset_; }
  absl::Duration Monotonic() const override { return scheduler_.now() * pace_; }
  void set_offset(absl::Duration offset) { offset_ = offset; }
  // Before the first look.
  void set_pace(double pace) { pace_ = pace; }

 private:
  const Scheduler& scheduler_;
  const absl::Time start_;
  absl::Duration offset_;
  double pace_ = 1;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_SCHEDULER_H_
