#include "common/tiktok/throttle.h"

#include <algorithm>
#include <array>

namespace tikhaul {
namespace {

constexpr std::array<int, 8> kPauseSeconds = {1, 2, 4, 8, 16, 32, 60, 300};
constexpr double kJitter = 0.1;  // so that processes do not come back in step

}  // namespace

std::optional<absl::Duration> ThrottleLadder::Throttled(absl::Duration sent, absl::Duration now, bool app_restriction,
                                                        double random) {
  if (sent <= pause_began_) return std::nullopt;
  if (app_restriction && step_ == 0) step_ = 1;
  const int seconds = kPauseSeconds[static_cast<size_t>(step_)];
  step_ = std::min(step_ + 1, static_cast<int>(kPauseSeconds.size()) - 1);
  pause_began_ = now;
  return absl::Seconds(seconds) * (1 + kJitter * random);
}

void ThrottleLadder::Answered(absl::Duration sent) {
  if (sent > pause_began_) step_ = 0;
}

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
