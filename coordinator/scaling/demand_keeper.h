// Keeps the figure of wanted workers: reads backlog, quota and the pace of calls, and asks core/scaling.
#ifndef TIKHAUL_COORDINATOR_SCALING_DEMAND_KEEPER_H_
#define TIKHAUL_COORDINATOR_SCALING_DEMAND_KEEPER_H_

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "coordinator/core/scaling.h"
#include "coordinator/dispatch/quota_keeper.h"
#include "coordinator/peer/peers.h"
#include "coordinator/scaling/wanted_board.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

ScalingLimits ScalingLimitsOf(const v1::Config& config);

// Chunks that run, or may run now; no more than `most` are counted.
absl::StatusOr<uint64_t> CountRunnable(Store& store, absl::Time now, uint64_t most);

// Calls per second that may be made now and for the next while.
double CallsAllowed(const v1::Quota& quota, const QuotaReport& report);

// The lead's. Tick() belongs to one thread. Borrows what it is given.
class DemandKeeper {
 public:
  DemandKeeper(const v1::Config& config, Store& store, const Peers& peers, const QuotaKeeper& quota, WantedBoard& board,
               const Clock& clock);
  ~DemandKeeper();
  DemandKeeper(const DemandKeeper&) = delete;
  DemandKeeper& operator=(const DemandKeeper&) = delete;

  // Every few seconds. While the store cannot be read the figure stays.
  void Tick();

 private:
  const v1::Config& config_;
  Store& store_;
  const Peers& peers_;
  const QuotaKeeper& quota_;
  WantedBoard& board_;
  const Clock& clock_;
  WorkerDemand demand_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SCALING_DEMAND_KEEPER_H_
