// Keeps the hint queue shallow and never empty: pushes ready chunks, pushes again what Redis lost, gives back chunks
// whose stream is gone.
#ifndef TIKHAUL_COORDINATOR_DISPATCH_DISPATCHER_H_
#define TIKHAUL_COORDINATOR_DISPATCH_DISPATCHER_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/queue/hint_queue.h"
#include "coordinator/core/dispatch_order.h"
#include "coordinator/fault_board.h"
#include "coordinator/ingest/chunk_service.h"
#include "coordinator/ingest/claim_table.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Wake() is thread-safe; everything else belongs to the thread that calls Tick(). Borrows what it is given.
class Dispatcher {
 public:
  Dispatcher(HintPublisher& hints, Store& store, ClaimTable& claims, ChunkService& chunks, const Clock& clock,
             FaultBoard& faults);

  // One round. Several times a second, and after Wake().
  void Tick();
  // Something became ready: the next WaitForWork returns at once.
  void Wake();
  // Until Wake() or `timeout`.
  void WaitForWork(absl::Duration timeout);

 private:
  absl::Status Push();
  absl::Status NoticeLostHints();
  absl::Status ReturnOrphans();

  HintPublisher& hints_;
  Store& store_;
  ClaimTable& claims_;
  ChunkService& chunks_;
  const Clock& clock_;
  FaultBoard& faults_;
  bool cleared_ = false;
  std::string generation_;
  absl::Duration orphans_checked_at_ = -absl::InfiniteDuration();
  std::set<std::pair<ChunkId, uint64_t>> suspects_;  // running without a stream at the last look

  Mutex mu_;
  CondVar woken_;
  bool work_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_DISPATCH_DISPATCHER_H_
