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
#include "coordinator/store/store.h"

namespace tikhaul {

// What a request picks; empty lists mean all.
struct Selection {
  std::vector<std::string> extracts;
  std::vector<std::string> advertisers;
  std::optional<absl::CivilDay> first, last;  // none: as deep as each extract is configured, until today
  std::string again_key;                      // not empty: a run of its own even if the same was asked before
};

struct StartedRun {
  std::optional<Run> run;  // none: there was nothing to do
  bool existed = false;    // the same request was made before
  std::string note;        // for people
};

struct Estimate {
  std::string extract;
  uint32_t advertisers = 0;
  uint64_t chunks = 0;
  uint64_t calls = 0;       // at least; more where earlier reads show how many rows there are
  uint64_t rows = 0;        // expected from earlier reads
  bool rows_known = false;  // of every advertiser
  absl::CivilDay first_day, last_day;
};

// Thread-safe. Borrows what it is given.
class RunService {
 public:
  RunService(const ExtractRegistry& extracts, Accounts& accounts, Store& store, const Clock& clock,
             std::function<void()> wake_dispatcher);

  // One run per extract. The same request gives the same run; asked again without a range, advertisers that have come
  // since are added to it. NOT_FOUND: unknown extracts or advertisers; INVALID_ARGUMENT: a range that is none.
  absl::StatusOr<std::vector<StartedRun>> Backfill(const Selection& selection);
  // Increments: days since the newest read, the look-back, and what was provisional when it was read; entities are read
  // whole. Named extracts at once; with no names those that are due: a day has begun for the account since they were
  // last read. An extract that was never backfilled has no increments.
  absl::StatusOr<std::vector<StartedRun>> Sync(const std::vector<std::string>& extracts);
  // What Backfill would cost. Calls no API but for advertisers that are not known yet.
  absl::StatusOr<std::vector<Estimate>> Plan(const Selection& selection);
  // NOT_FOUND for unknown runs. Cancelling what has ended changes nothing.
  absl::StatusOr<Run> Cancel(const std::string& run_id);
  // Dead chunks of the filter back to ready. Returns how many.
  absl::StatusOr<uint64_t> Retry(const ChunkFilter& filter, const std::vector<ChunkId>& chunks);

 private:
  struct Piece {
    Advertiser advertiser;
    std::vector<Window> windows;
  };
  absl::StatusOr<std::vector<Piece>> PlanPieces(const RegisteredExtract& extract, const Selection& selection);
  absl::StatusOr<StartedRun> StartBackfill(const RegisteredExtract& extract, const Selection& selection);
  absl::StatusOr<StartedRun> StartIncrement(const RegisteredExtract& extract, bool only_due);
  absl::StatusOr<Estimate> EstimateOne(const RegisteredExtract& extract, const Selection& selection);

  const ExtractRegistry& extracts_;
  Accounts& accounts_;
  Store& store_;
  const Clock& clock_;
  const std::function<void()> wake_dispatcher_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_RUNS_RUN_SERVICE_H_
