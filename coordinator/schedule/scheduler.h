// Starts increments when their schedules say so.
#ifndef TIKHAUL_COORDINATOR_SCHEDULE_SCHEDULER_H_
#define TIKHAUL_COORDINATOR_SCHEDULE_SCHEDULER_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "coordinator/core/cron.h"
#include "coordinator/extract_registry.h"
#include "coordinator/runs/run_service.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Belongs to one thread. Borrows what it is given.
class Scheduler {
 public:
  // INVALID_ARGUMENT names the extract whose schedule cannot be read.
  static absl::StatusOr<Scheduler> Make(const ExtractRegistry& extracts, RunService& runs, Store& store,
                                        const Clock& clock);

  // Starts what is due: the schedule has fired since the extract's newest run was made. A firing that was missed while
  // no coordinator ran is made up for, once. Call every few seconds.
  void Tick();

 private:
  Scheduler(RunService& runs, Store& store, const Clock& clock) : runs_(&runs), store_(&store), clock_(&clock) {}
  absl::StatusOr<bool> Due(const std::string& extract, const Cron& cron) const;

  RunService* runs_;
  Store* store_;
  const Clock* clock_;
  std::map<std::string, Cron> schedules_;
  std::map<std::string, absl::Time> tried_;  // a firing that could not be started is tried again after a minute
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SCHEDULE_SCHEDULER_H_
