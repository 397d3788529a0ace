#include "worker/slot_board.h"

#include <utility>

#include "common/base/clock.h"

namespace tikhaul {

size_t SlotBoard::WaitForFree(absl::Duration timeout) {
  MutexLock lock(mu_);
  if (Free() <= 1 && !stopped_) changed_.WaitFor(mu_, timeout);
  return stopped_ || Free() <= 1 ? 0 : Free() - 1;
}

bool SlotBoard::SpareIsFree() const {
  MutexLock lock(mu_);
  return !stopped_ && Free() > 0;
}

size_t SlotBoard::Free() const { return free_ > hints_.size() ? free_ - hints_.size() : 0; }

void SlotBoard::HandOut(const std::vector<Hint>& hints) {
  MutexLock lock(mu_);
  hints_.insert(hints_.end(), hints.begin(), hints.end());
  changed_.SignalAll();
}

std::optional<Hint> SlotBoard::Take(ChunkInbox* inbox) {
  MutexLock lock(mu_);
  while (hints_.empty() && !stopped_) changed_.Wait(mu_);
  if (stopped_) return std::nullopt;
  Hint hint = std::move(hints_.front());
  hints_.pop_front();
  --free_;
  running_.insert(inbox);
  if (release_) inbox->RequestRelease();
  return hint;
}

void SlotBoard::End(ChunkInbox* inbox) {
  MutexLock lock(mu_);
  running_.erase(inbox);
  ++free_;
  changed_.SignalAll();
}

size_t SlotBoard::busy() const {
  MutexLock lock(mu_);
  return running_.size();
}

void SlotBoard::Stop() {
  MutexLock lock(mu_);
  stopped_ = true;
  changed_.SignalAll();
}

bool SlotBoard::stopped() const {
  MutexLock lock(mu_);
  return stopped_;
}

void SlotBoard::ReleaseAll() {
  MutexLock lock(mu_);
  release_ = true;
  for (ChunkInbox* inbox : running_) inbox->RequestRelease();
}

bool SlotBoard::WaitForIdle(absl::Duration timeout) {
  const SystemClock clock;
  const absl::Duration deadline = clock.Monotonic() + timeout;  // other changes wake, too
  MutexLock lock(mu_);
  while (!running_.empty() && clock.Monotonic() < deadline) changed_.WaitFor(mu_, deadline - clock.Monotonic());
  return running_.empty();
}

}  // namespace tikhaul
