// Names of runs, made from what was asked: asking twice gives the same run, so a script may safely ask again.
#ifndef TIKHAUL_COORDINATOR_CORE_RUN_ID_H_
#define TIKHAUL_COORDINATOR_CORE_RUN_ID_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/model/chunk.h"

namespace tikhaul {

struct RunRequest {
  std::string extract;
  int spec_version = 1;  // StoredExtract::version: a changed extract makes another run
  RunKind kind = RunKind::kBackfill;
  std::vector<std::string> advertisers;       // in any order
  std::optional<absl::CivilDay> first, last;  // the range asked for, if any
  std::string only_metrics = {};              // as in Chunk
  std::string again;  // tells a wanted repetition apart: the instant of a schedule, or what the caller gave
};

// Readable beginning, then 16 hexadecimal digits of everything: "bf-ads_daily-1a2b3c4d5e6f7a8b" (bf backfill, in
// increment).
std::string RunId(const RunRequest& request);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_RUN_ID_H_
