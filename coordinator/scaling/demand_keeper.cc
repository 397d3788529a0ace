#include "coordinator/scaling/demand_keeper.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

// A shorter freeze is a hiccup.
constexpr absl::Duration kLongFreeze = absl::Seconds(10);
constexpr double kLeasedPart = 0.8;  // of the second's limit, while Redis is away (docs/adr/0007)

FleetPace PaceOf(const Peers& peers) {
  FleetPace pace;
  for (const CoordinatorReport& one : peers.List()) {
    pace.calls_per_second += one.report.calls_per_second();
    pace.calls_under_way += one.report.calls_under_way();
    pace.running += static_cast<uint64_t>(one.report.claims_size());
  }
  return pace;
}

}  // namespace

ScalingLimits ScalingLimitsOf(const v1::Config& config) {
  return {.slots = std::max(1u, config.worker().slots()),
          .calls_in_flight = std::max(1u, config.worker().pages_in_flight()),
          .most = std::max(1u, config.coordinator().most_workers())};
}

absl::StatusOr<uint64_t> CountRunnable(Store& store, absl::Time now, uint64_t most) {
  uint64_t count = 0;
  ChunkFilter running;
  running.state = ChunkState::kRunning;
  RETURN_IF_ERROR(store.Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<Chunk> under_way, reader.ListChunks(running, 0, most));
    count = under_way.size();
    if (count >= most) return absl::OkStatus();
    // Hinted or not.
    ASSIGN_OR_RETURN(const std::vector<Chunk> ready,
                     reader.ListDispatchable(Dispatchable::kAll, now, absl::InfiniteFuture(), most - count));
    count += ready.size();
    return absl::OkStatus();
  }));
  return count;
}

double CallsAllowed(const v1::Quota& quota, const QuotaReport& report) {
  const double most = std::min<double>(quota.per_second(), quota.per_minute() / 60.0);
  if (!report.known) return most * kLeasedPart;
  if (report.frozen_for > kLongFreeze || report.used_today >= quota.per_day()) return 0;
  return most * report.limit_factor;
}

DemandKeeper::DemandKeeper(const v1::Config& config, Store& store, const Peers& peers, const QuotaKeeper& quota,
                           WantedBoard& board, const Clock& clock)
    : config_(config),
      store_(store),
      peers_(peers),
      quota_(quota),
      board_(board),
      clock_(clock),
      demand_(ScalingLimitsOf(config)) {}

DemandKeeper::~DemandKeeper() { board_.Clear(); }

void DemandKeeper::Tick() {
  const double allowed = CallsAllowed(config_.quota(), quota_.Report());
  demand_.Learn(PaceOf(peers_), allowed);
  const absl::StatusOr<uint64_t> runnable = CountRunnable(store_, clock_.Now(), demand_.MostOfInterest(allowed));
  if (!runnable.ok()) return;  // the faults say so already
  const uint32_t wanted = demand_.Wanted(clock_.Monotonic(), *runnable, allowed);
  if (board_.Get() != wanted) {
    LogInfo("wanted workers", {{"workers", wanted},
                               {"runnable", *runnable},
                               {"calls_allowed", allowed},
                               {"latency", absl::FormatDuration(demand_.facts().latency)},
                               {"calls_under_way", demand_.facts().calls_under_way}});
  }
  board_.Set(wanted);
}

}  // namespace tikhaul
