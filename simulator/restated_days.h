// Days whose figures are changed long after they ended, as told while the simulator runs.
#ifndef TIKHAUL_SIMULATOR_RESTATED_DAYS_H_
#define TIKHAUL_SIMULATOR_RESTATED_DAYS_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace tikhaul::simulator {

// Thread-safe.
class RestatedDays {
 public:
  struct Change {
    uint64_t account = 0;                      // 0: all
    int64_t first_day = 0, last_day = 0;       // days since 1970 of the account
    int percent = 0;                           // so much more than before
    absl::Time from = absl::InfiniteFuture();  // of the simulator's time
  };
  void Add(const Change& change);
  // Of all changes together, at `now`.
  int PercentOf(uint64_t account, int64_t day, absl::Time now) const;

 private:
  mutable Mutex mu_;
  std::vector<Change> changes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_RESTATED_DAYS_H_
