// How long to stop after "too many requests" (tiktok-api.md 3.3, queue-notes.md 3.5).
#ifndef TIKHAUL_COMMON_TIKTOK_THROTTLE_H_
#define TIKHAUL_COMMON_TIKTOK_THROTTLE_H_

#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/base/backoff.h"

namespace tikhaul {

// The API does not say which window was overrun: the first pauses are short (1 s doubling to 60 s), further repeats
// mean the minute's window, whose penalty lasts 5 minutes. Times are Clock::Monotonic(). Not thread-safe.
class ThrottleLadder {
 public:
  // A request that left at `sent` was throttled. How long everybody must pause from `now`; nothing when the request
  // left before the pause that is already under way. `app_restriction`: the text says that the app is restricted for a
  // while, which counts as a repeat. `random` is uniform in [0, 1).
  std::optional<absl::Duration> Throttled(absl::Duration sent, absl::Duration now, bool app_restriction, double random);
  // A request that left at `sent` was answered otherwise.
  void Answered(absl::Duration sent);

 private:
  int step_ = 0;
  absl::Duration pause_began_ = -absl::InfiniteDuration();
};

// The same for limits that hold for one advertiser on one path (code 40133), and so must not stop the others. Keys are
// the caller's. Not thread-safe.
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
