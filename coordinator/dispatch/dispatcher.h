// Keeps the hint queue shallow and never empty: pushes ready chunks, and pushes again what Redis lost. The lead does so
// for all coordinators; each hint says which of them grants the chunk. Chunks that had a worker and lost it go first.
#ifndef TIKHAUL_COORDINATOR_DISPATCH_DISPATCHER_H_
#define TIKHAUL_COORDINATOR_DISPATCH_DISPATCHER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/queue/hint_queue.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/core/dispatch_order.h"
#include "coordinator/fault_board.h"
#include "coordinator/membership/membership.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Wake() is thread-safe; everything else belongs to the thread that calls Tick(). Borrows what it is given.
class Dispatcher {
 public:
  Dispatcher(HintSink& hints, Store& store, const Membership& membership, const Clock& clock, FaultBoard& faults,
             CoordinatorMetrics& metrics);

  // One round. Several times a second, and after Wake().
  void Tick();
  // Something became ready: the next WaitForWork returns at once.
  void Wake();
  // Until Wake() or `timeout`.
  void WaitForWork(absl::Duration timeout);

 private:
  struct Candidates;

  // As many as the queue should hold.
  absl::Status Push();
  // Chunks that have lost their worker, however many others wait.
  absl::Status PushLost();
  // Of what is dispatchable, what somebody grants now.
  absl::StatusOr<Candidates> FindCandidates(Dispatchable which, size_t limit, absl::Time now);
  // Leaves one chunk in quarantine among the candidates, or none while one of them is on its way.
  absl::Status KeepQuarantine(StoreReader& reader, absl::Time now, std::vector<Chunk>& candidates);
  absl::Status Hint(HintOrder order, const Candidates& candidates, const std::vector<ChunkId>& picked, absl::Time now);
  absl::Status NoticeLostHints();
  void NotePushed(const Candidates& candidates, const std::vector<ChunkId>& picked);
  // Hints that name a coordinator which no longer has the shard are worth nothing.
  absl::Status NoticeMovedShards();
  absl::Status CountRunning();

  HintSink& hints_;
  Store& store_;
  const Membership& membership_;
  const Clock& clock_;
  FaultBoard& faults_;
  CoordinatorMetrics& metrics_;
  std::vector<int64_t> terms_;  // of the seats, when the hints were pushed; empty: at the start
  std::string generation_;
  DispatchLoad load_;  // chunks that run, of all coordinators
  uint64_t running_ = 0;
  std::optional<ChunkId> quarantined_;  // the one in quarantine that was hinted last
  absl::Duration counted_at_ = -absl::InfiniteDuration();

  Mutex mu_;
  CondVar woken_;
  bool work_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_DISPATCH_DISPATCHER_H_
