// The figures of the store that metrics show, read now and then so that no scrape has to.
#ifndef TIKHAUL_COORDINATOR_LEAD_STORE_FIGURES_H_
#define TIKHAUL_COORDINATOR_LEAD_STORE_FIGURES_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// Used by one thread. Borrows what it is given.
class StoreFigures {
 public:
  StoreFigures(const v1::Config& config, const ExtractRegistry& extracts, Store& store, const Clock& clock,
               const Clock& real_clock, CoordinatorMetrics& metrics)
      : config_(config),
        extracts_(extracts),
        store_(store),
        clock_(clock),
        real_clock_(real_clock),
        metrics_(metrics) {}

  // Reads what is due. Every 5 s. What the store does not tell stays as it was.
  absl::Status Tick();

 private:
  absl::Status ReadWork(StoreReader& reader, absl::Time now);
  absl::Status ReadTrouble(StoreReader& reader);
  absl::Status ReadLags(StoreReader& reader, absl::Time now);

  const v1::Config& config_;
  const ExtractRegistry& extracts_;
  Store& store_;
  const Clock& clock_;       // the calendar
  const Clock& real_clock_;  // of Prometheus
  CoordinatorMetrics& metrics_;
  absl::Duration lags_read_at_ = -absl::InfiniteDuration();
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_LEAD_STORE_FIGURES_H_
