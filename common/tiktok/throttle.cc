#include "common/tiktok/throttle.h"

namespace tikhaul {

bool PauseBoard::Throttled(const std::string& key, absl::Duration sent, absl::Duration now, double random) {
  Pause& pause = pauses_[key];
  if (sent <= pause.began) return false;
  pause.began = now;
  pause.until = now + BackoffDelay(policy_, ++pause.failures, random);
  return true;
}

void PauseBoard::Answered(const std::string& key, absl::Duration sent) {
  const auto pause = pauses_.find(key);
  if (pause != pauses_.end() && sent > pause->second.began) pauses_.erase(pause);
}

absl::Duration PauseBoard::PausedUntil(const std::string& key) const {
  const auto pause = pauses_.find(key);
  return pause == pauses_.end() ? -absl::InfiniteDuration() : pause->second.until;
}

}  // namespace tikhaul
