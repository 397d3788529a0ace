// Hands hints to free slots.
#ifndef TIKHAUL_WORKER_SLOT_BOARD_H_
#define TIKHAUL_WORKER_SLOT_BOARD_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/queue/hint_queue.h"
#include "worker/chunk_inbox.h"

namespace tikhaul {

// Thread-safe. A slot is a thread that runs one chunk at a time. There is one more of them than `slots`: it is kept for
// a chunk that has lost its worker, so that such a chunk never waits for the others' ends.
class SlotBoard {
 public:
  explicit SlotBoard(size_t slots) : free_(slots + 1) {}

  // How many hints may be popped now; waits up to `timeout` for at least one. 0: none, or stopped.
  size_t WaitForFree(absl::Duration timeout);
  // The slot that is kept is free.
  bool SpareIsFree() const;
  // More than are free wait.
  void HandOut(const std::vector<Hint>& hints);

  // For the slots: the next hint, whose chunk will listen to `inbox` until End(). Nothing: stopped.
  std::optional<Hint> Take(ChunkInbox* inbox);
  void End(ChunkInbox* inbox);

  // Slots with a chunk now.
  size_t busy() const;

  // No hint is taken any more.
  void Stop();
  bool stopped() const;
  // Asks every chunk that is running to be given back, now and in future.
  void ReleaseAll();
  // True when no chunk is running; waits up to `timeout` for that.
  bool WaitForIdle(absl::Duration timeout);

 private:
  mutable Mutex mu_;
  CondVar changed_;
  size_t Free() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);  // the spare one too
  size_t free_ ABSL_GUARDED_BY(mu_);
  std::deque<Hint> hints_ ABSL_GUARDED_BY(mu_);
  std::set<ChunkInbox*> running_ ABSL_GUARDED_BY(mu_);
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  bool release_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_SLOT_BOARD_H_
