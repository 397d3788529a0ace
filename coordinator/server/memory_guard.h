// Ends the connections that bring more than there is memory for. gRPC 1.51 keeps a message until it is whole and looks
// at its size only then, and its own quota of memory does not hold against many calls at once (docs/security.md).
#ifndef TIKHAUL_COORDINATOR_SERVER_MEMORY_GUARD_H_
#define TIKHAUL_COORDINATOR_SERVER_MEMORY_GUARD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>

#include "absl/time/time.h"
#include "coordinator/server/connection_count.h"

namespace tikhaul {

// Not thread-safe.
class MemoryGuard {
 public:
  static constexpr absl::Duration kEvery = absl::Milliseconds(10);   // fast peers bring some 20 MiB meanwhile
  static constexpr absl::Duration kSettle = absl::Milliseconds(50);  // until what was ended has given back its memory
  static constexpr absl::Duration kWindow = absl::Seconds(10);       // "lately" is one to two of it
  static constexpr absl::Duration kTrimEvery = absl::Seconds(5);
  // Memory in use for so long that nobody brought is the coordinator's own: those that come do not pay for it.
  static constexpr absl::Duration kOwn = absl::Seconds(10);
  static constexpr uint64_t kMuch = 64 << 10;  // whoever brought less lately is not the reason

  // Of this process. Bytes.
  struct Gauges {
    std::function<size_t()> resident;  // private memory; cheap to ask, but freed memory may still count
    std::function<size_t()> in_use;    // of the heap
    std::function<void()> give_back;   // to the system, what is free
  };
  static Gauges OfThisProcess();

  // `most`: bytes in use, from which on connections are ended.
  MemoryGuard(size_t most, Gauges gauges) : most_(most), gauges_(std::move(gauges)), allowed_(most) {}

  // Call all the time. `now`: of a monotonic clock.
  void Watch(ConnectionCount& connections, absl::Duration now);

 private:
  struct Baseline {
    uint64_t older = 0, newer = 0;  // what had come in at the beginnings of this window and the one before
  };
  void Sample(ConnectionCount& connections, absl::Duration now);
  // Ends those that brought most lately, until they brought `bytes` together. How many.
  size_t Shed(ConnectionCount& connections, uint64_t bytes);

  const size_t most_;
  const Gauges gauges_;
  size_t allowed_;                          // more than most_ while something else than peers takes memory
  std::map<uint64_t, Baseline> baselines_;  // by the socket's cookie
  absl::Duration watched_ = -absl::InfiniteDuration(), sampled_ = watched_, shed_ = watched_, trimmed_ = watched_;
  absl::Duration quiet_ = watched_;  // when no more than allowed_ was in use, or somebody was ended
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SERVER_MEMORY_GUARD_H_
