// How long calls of one kind stop after "too many requests" (tiktok-api.md 3.3, queue-notes.md 3.5). The app as a
// whole: common/quota.
#ifndef TIKHAUL_COMMON_TIKTOK_THROTTLE_H_
#define TIKHAUL_COMMON_TIKTOK_THROTTLE_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/base/backoff.h"

namespace tikhaul {

// Limits that hold for one advertiser on one path (code 40133), and so must not stop the others. Keys are the caller's.
// Times are Clock::Monotonic(). Not thread-safe.
class PauseBoard {
 public:
  explicit PauseBoard(BackoffPolicy policy) : policy_(policy) {}

  // A request that left at `sent` was refused. True: a pause begins; false: the one under way has been told already.
  bool Throttled(const std::string& key, absl::Duration sent, absl::Duration now, double random);
  // A request that left at `sent` was answered otherwise.
  void Answered(const std::string& key, absl::Duration sent);
  // When the pause of the key ends; in the past, or minus infinity, when there is none.
  absl::Duration PausedUntil(const std::string& key) const;
  bool empty() const { return pauses_.empty(); }

 private:
  struct Pause {
    int failures = 0;
    absl::Duration began = -absl::InfiniteDuration();
    absl::Duration until = -absl::InfiniteDuration();
  };
  const BackoffPolicy policy_;
  absl::flat_hash_map<std::string, Pause> pauses_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_THROTTLE_H_
