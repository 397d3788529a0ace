// Runs: backfills and increments, planned, started, estimated, cancelled.
#ifndef TIKHAUL_COORDINATOR_RUNS_RUN_SERVICE_H_
#define TIKHAUL_COORDINATOR_RUNS_RUN_SERVICE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/base/clock.h"
#include "common/model/chunk.h"
#include "coordinator/accounts/accounts.h"
#include "coordinator/extract_registry.h"
#include "coordinator/runs/backfill_plan.h"
#include "coordinator/runs/estimator.h"
#include "coordinator/store/store.h"

namespace tikhaul {

struct StartedRun {
  std::optional<Run> run;  // none: there was nothing to do
  bool existed = false;    // the same request was made before
  std::string note;        // for people
};

// What a Sync needs to know before its transaction.
struct IncrementRequest {
  const RegisteredExtract* extract = nullptr;
  std::vector<Advertiser> advertisers;
};
struct IncrementRequests {
  bool only_due = false;
  std::vector<IncrementRequest> extracts;
};

// Thread-safe. Borrows what it is given.
class RunService {
 public:
  RunService(const ExtractRegistry& extracts, Accounts& accounts, BackfillPlanner& planner, Estimator& estimator,
             Store& store, const Clock& clock, std::function<void()> wake_dispatcher);

  // One run per extract, all in one transaction. The same request gives the same run; asked again without a range,
  // advertisers that have come since are added to it. NOT_FOUND, INVALID_ARGUMENT: as BackfillPlanner::Plan.
  absl::StatusOr<std::vector<StartedRun>> Backfill(const Selection& selection);
  // Increments: days since the newest read, the look-back, and what was provisional when it was read; entities are read
  // whole. Named extracts at once; with no names those that are due: a day has begun for the account since they were
  // last read. An extract that was never backfilled has no increments.
  absl::StatusOr<std::vector<StartedRun>> Sync(const std::vector<std::string>& extracts);
  // What Backfill would cost now, or what is left to do of it. `may_call`: the API may be asked (BackfillPlanner::Plan,
  // Estimator::Price); without, it is only for advertisers that are not known yet.
  absl::StatusOr<PlanEstimate> PlanBackfill(const Selection& selection, bool may_call);
  // What Sync would cost now.
  absl::StatusOr<PlanEstimate> PlanSync(const std::vector<std::string>& extracts, bool may_call);
  // NOT_FOUND for unknown runs. Cancelling what has ended changes nothing.
  absl::StatusOr<Run> Cancel(const std::string& run_id);
  // Dead chunks of the filter back to ready. Returns how many.
  absl::StatusOr<uint64_t> Retry(const ChunkFilter& filter, const std::vector<ChunkId>& chunks);

  // --- The same for transactions that hold more than that; wake the dispatcher when they are committed ---
  // What comes before the transaction: the API may be asked.
  absl::StatusOr<BackfillPlans> PrepareBackfill(const Selection& selection);
  absl::StatusOr<std::vector<StartedRun>> Backfill(StoreTransaction& tx, const BackfillPlans& plans);
  absl::StatusOr<IncrementRequests> PrepareSync(const std::vector<std::string>& extracts);
  absl::StatusOr<std::vector<StartedRun>> Sync(StoreTransaction& tx, const IncrementRequests& requests);
  absl::StatusOr<Run> Cancel(StoreTransaction& tx, const std::string& run_id);
  absl::StatusOr<uint64_t> Retry(StoreTransaction& tx, const ChunkFilter& filter, const std::vector<ChunkId>& chunks);

 private:
  template <typename Result>
  absl::StatusOr<Result> InOneWrite(const std::function<absl::StatusOr<Result>(StoreTransaction&)>& change);
  absl::StatusOr<StartedRun> StartBackfill(StoreTransaction& tx, const BackfillPlan& plan);
  absl::StatusOr<StartedRun> StartIncrement(StoreTransaction& tx, const IncrementRequest& request, bool only_due);
  absl::StatusOr<std::vector<Window>> WindowsToDo(const Run& run, const Advertiser& advertiser);

  const ExtractRegistry& extracts_;
  Accounts& accounts_;
  BackfillPlanner& planner_;
  Estimator& estimator_;
  Store& store_;
  const Clock& clock_;
  const std::function<void()> wake_dispatcher_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_RUNS_RUN_SERVICE_H_
