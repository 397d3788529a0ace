// What one coordinator at a time does for all of those that share a store: plans, schedules, dispatches, keeps quota
// and accounts, answers operators. Made when this one begins to lead, and gone when it ends.
#ifndef TIKHAUL_COORDINATOR_LEAD_LEAD_H_
#define TIKHAUL_COORDINATOR_LEAD_LEAD_H_

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/life_signs.h"
#include "common/queue/hint_queue.h"
#include "common/quota/limiter.h"
#include "common/tiktok/call_metrics.h"
#include "common/tiktok/client.h"
#include "coordinator/accounts/accounts.h"
#include "coordinator/activity/activity_prober.h"
#include "coordinator/admin/admin_service.h"
#include "coordinator/dispatch/dispatcher.h"
#include "coordinator/dispatch/quota_keeper.h"
#include "coordinator/lead/lead_gate.h"
#include "coordinator/lead/store_figures.h"
#include "coordinator/membership/membership.h"
#include "coordinator/peer/peers.h"
#include "coordinator/scaling/demand_keeper.h"
#include "coordinator/schedule/scheduler.h"
#include "coordinator/verify/verify_service.h"

namespace tikhaul {

// What every coordinator has, leading or not. Borrowed.
struct CoordinatorParts {
  const v1::Config& config;
  const ExtractRegistry& extracts;
  Store& store;
  ClaimTable& claims;
  FaultBoard& faults;
  const Membership& membership;
  const PeerService& peer;
  WantedBoard& wanted;
  LeadGate& gate;
  const Dialer& dialer;  // to the other coordinators
  CoordinatorMetrics& metrics;
  CallMetrics& call_metrics;
  LifeSigns& life;
  const Clock& clock;       // the calendar, with the offset of trials
  const Clock& real_clock;  // quota days are real days
};

// Wake() is thread-safe.
class Lead {
 public:
  // Opens the gate. `only_answer`: as CoordinatorOptions. INVALID_ARGUMENT for a schedule that cannot be read.
  static absl::StatusOr<std::unique_ptr<Lead>> Start(const CoordinatorParts& parts, bool only_answer);
  // Closes the gate; calls under way end early.
  ~Lead();
  Lead(const Lead&) = delete;
  Lead& operator=(const Lead&) = delete;

  // Chunks became ready.
  void Wake() { dispatcher_.Wake(); }

 private:
  explicit Lead(const CoordinatorParts& parts);
  void Begin(bool only_answer);
  void Dispatch();
  void KeepQuota();
  void Care();
  void KeepDemand();
  void Measure();
  // Goes round until this one ends to lead, with pauses of `pause`.
  void Repeat(const char* loop, absl::Duration pause, const std::function<void()>& tick);

  const CoordinatorParts parts_;
  TokenAgent tokens_;
  ApiTransport transport_;
  Accounts accounts_;
  ActivityProber prober_;
  BackfillPlanner planner_;
  Estimator estimator_;
  HintPublisher hints_;
  Dispatcher dispatcher_;
  QuotaKeeper quota_;
  RunService runs_;
  Peers peers_;
  DemandKeeper demand_;
  StatusBuilder status_;
  StoreFigures figures_;
  VerifyService verify_;
  AdminService admin_;
  std::optional<Scheduler> scheduler_;
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_LEAD_LEAD_H_
