// What a backfill reads, advertiser by advertiser, and what it leaves out because nothing happened there.
#ifndef TIKHAUL_COORDINATOR_RUNS_BACKFILL_PLAN_H_
#define TIKHAUL_COORDINATOR_RUNS_BACKFILL_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/base/clock.h"
#include "coordinator/accounts/accounts.h"
#include "coordinator/activity/activity_prober.h"
#include "coordinator/core/planner.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// What a request picks; empty lists mean all.
struct Selection {
  std::vector<std::string> extracts;
  std::vector<std::string> advertisers;
  std::optional<absl::CivilDay> first, last;  // none: as deep as each extract is configured, until today
  // Not empty: only these metrics of the named extracts, of days that are covered; their columns are filled.
  std::vector<std::string> only_metrics = {};
  std::string again_key;  // not empty: a run of its own even if the same was asked before
};

// Days of which the API's totals prove that they have no rows.
struct LeftOut {
  Coverage days;
  std::vector<std::string> request_ids;
};

struct BackfillPiece {
  Advertiser advertiser;
  absl::TimeZone zone;
  bool known = false;           // the run holds this advertiser already: nothing is added
  std::vector<Window> wanted;   // the whole request
  std::vector<Window> windows;  // of it, what must be read
  std::vector<LeftOut> left_out;
};

struct BackfillPlan {
  const RegisteredExtract* extract = nullptr;
  Run run;  // as it would be made now, or as it is
  bool existed = false;
  std::string only_metrics = {};  // as in Chunk
  std::vector<BackfillPiece> pieces;
};

struct BackfillPlans {
  std::vector<BackfillPlan> plans;  // by extract
  uint64_t calls = 0;               // spent on finding out
  std::string note;                 // what could not be found out, and why
};

// Thread-safe. Borrows what it is given.
class BackfillPlanner {
 public:
  BackfillPlanner(const ExtractRegistry& extracts, Accounts& accounts, ActivityProber& prober, Store& store,
                  const Clock& clock);

  // Changes nothing but what is known of activity. `may_call`: the API may be asked when advertisers were active.
  // NOT_FOUND: unknown extracts or advertisers; INVALID_ARGUMENT: a range that is none, or metrics that cannot be
  // filled.
  absl::StatusOr<BackfillPlans> Plan(const Selection& selection, bool may_call);

 private:
  absl::StatusOr<BackfillPlan> PlanOne(const RegisteredExtract& extract, const Selection& selection);
  absl::Status LeaveOutIdle(const Selection& selection, bool may_call, BackfillPlans* plans);
  absl::StatusOr<std::vector<Coverage>> DaysThatMayBeIdle(StoreReader& reader, const RegisteredExtract& extract,
                                                          const BackfillPiece& piece);

  const ExtractRegistry& extracts_;
  Accounts& accounts_;
  ActivityProber& prober_;
  Store& store_;
  const Clock& clock_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_RUNS_BACKFILL_PLAN_H_
