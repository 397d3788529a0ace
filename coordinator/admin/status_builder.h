// Everything `tikhaul status` shows, gathered.
#ifndef TIKHAUL_COORDINATOR_ADMIN_STATUS_BUILDER_H_
#define TIKHAUL_COORDINATOR_ADMIN_STATUS_BUILDER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "coordinator/core/rates.h"
#include "coordinator/dispatch/quota_keeper.h"
#include "coordinator/peer/peers.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/admin.pb.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// Thread-safe. Borrows what it is given.
class StatusBuilder {
 public:
  StatusBuilder(const v1::Config& config, Store& store, const Peers& peers, QuotaKeeper& quota, const Clock& clock);

  // `run_ids`: the runs to tell of, instead of the running and the newest; NOT_FOUND when one does not exist.
  absl::StatusOr<v1::Status> Build(uint32_t recent_runs, const std::vector<std::string>& run_ids = {})
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // Rows and calls of one extract, of which the pace is measured.
  struct Pace {
    uint64_t rows = 0, calls = 0;
    RateMeter row_rate, call_rate;
  };

  absl::Status FillRuns(StoreReader& reader, uint32_t recent_runs, absl::Time now, v1::Status* status);
  absl::Status PickRuns(StoreReader& reader, const std::vector<std::string>& run_ids, absl::Time now,
                        v1::Status* status);
  absl::StatusOr<bool> Idle(StoreReader& reader, absl::Time now, const v1::Status& status);
  void AddLive(v1::Status* status);
  void AddPaces(v1::Status* status) ABSL_LOCKS_EXCLUDED(mu_);
  void FillQuota(v1::Status* status);

  const v1::Config& config_;
  Store& store_;
  const Peers& peers_;
  QuotaKeeper& quota_;
  const Clock& clock_;
  const absl::Time started_;

  Mutex mu_;
  std::map<std::string, Pace> paces_ ABSL_GUARDED_BY(mu_);  // by extract
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ADMIN_STATUS_BUILDER_H_
