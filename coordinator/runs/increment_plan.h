// What the increment of an extract reads now.
#ifndef TIKHAUL_COORDINATOR_RUNS_INCREMENT_PLAN_H_
#define TIKHAUL_COORDINATOR_RUNS_INCREMENT_PLAN_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/core/planner.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"

namespace tikhaul {

struct IncrementPlan {
  std::vector<std::pair<Advertiser, std::vector<Window>>> pieces;
  std::optional<Run> unfinished;  // an increment that is still under way: no second one beside it
  std::string note;               // why there is nothing to do
};

// `only_due`: leave out what was already read since its account's day began.
absl::StatusOr<IncrementPlan> PlanIncrements(StoreReader& reader, const RegisteredExtract& extract,
                                             const std::vector<Advertiser>& advertisers, absl::Time now, bool only_due);

// The calendar that windows of the extract and advertiser are cut by. INVALID_ARGUMENT for zones this machine lacks.
absl::StatusOr<Calendar> CalendarFor(const RegisteredExtract& extract, const Advertiser& advertiser, absl::Time now);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_RUNS_INCREMENT_PLAN_H_
