// Whether the loops of a process go on, for liveness probes.
#ifndef TIKHAUL_COMMON_BASE_LIFE_SIGNS_H_
#define TIKHAUL_COMMON_BASE_LIFE_SIGNS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace tikhaul {

// A loop that waits for nothing but itself is late after this time.
inline constexpr absl::Duration kLoopPatience = absl::Seconds(30);

// One that waits for the store: longer than any statement there may take.
inline constexpr absl::Duration kStorePatience = absl::Minutes(20);

// Thread-safe. Borrows the clock.
class LifeSigns {
 public:
  explicit LifeSigns(const Clock& clock) : clock_(clock) {}

  // The loop goes on, and says so again within `within`. Before it waits for others (the store, Redis), whose absence
  // is no reason to restart this process, it gives them the time that they may take.
  void Promise(const std::string& loop, absl::Duration within = kLoopPatience) ABSL_LOCKS_EXCLUDED(mu_);
  // The loop has ended as it should.
  void End(const std::string& loop) ABSL_LOCKS_EXCLUDED(mu_);
  // The loops that have not kept their word, by name.
  std::vector<std::string> Late() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const Clock& clock_;
  mutable Mutex mu_;
  std::map<std::string, absl::Duration> due_ ABSL_GUARDED_BY(mu_);  // monotonic, by loop
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_LIFE_SIGNS_H_
