// Single columns of rows that are there, read later: which may be.
#ifndef TIKHAUL_COORDINATOR_RUNS_ONLY_METRICS_H_
#define TIKHAUL_COORDINATOR_RUNS_ONLY_METRICS_H_

#include <string>

#include "absl/status/statusor.h"
#include "coordinator/extract_registry.h"
#include "coordinator/runs/backfill_plan.h"

namespace tikhaul {

// The selection's only_metrics as Chunk::only_metrics holds them, in the extract's order; empty when there are none.
// INVALID_ARGUMENT, with what to do instead, when the extract cannot fill them.
absl::StatusOr<std::string> OnlyMetrics(const RegisteredExtract& extract, const Selection& selection);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_RUNS_ONLY_METRICS_H_
