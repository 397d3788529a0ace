// What all worlds of a program share, because it is costly to make and they do not change it.
#ifndef TIKHAUL_TESTS_SIMULATION_ENVIRONMENT_H_
#define TIKHAUL_TESTS_SIMULATION_ENVIRONMENT_H_

#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/tiktok/client.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/spool/spool.h"
#include "tests/support/scratch_folder.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

inline constexpr char kSimExtract[] = "ads_daily";
inline constexpr const char* kSimAdvertisers[] = {"7001000000000000001", "7001000000000000002"};
inline constexpr const char* kSimConnections[] = {"main", "other"};  // of these advertisers

class Environment {
 public:
  Environment();
  ~Environment();

  // `learned`: the extract's look-back is learned.
  const v1::Config& config(bool learned) const { return learned ? learned_ : plain_; }
  // Answers no questions; nothing asks it.
  ApiTransport& transport() { return *transport_; }
  // Counted by all coordinators together; nobody looks.
  CoordinatorMetrics& metrics() { return metrics_; }
  // A small one is full after a few batches.
  SpoolPool& spools(bool small) { return small ? *small_spools_ : *spools_; }

 private:
  ScratchFolder folder_;
  const v1::Config plain_, learned_;
  const SystemClock clock_;
  std::unique_ptr<TokenSource> no_tokens_;
  std::unique_ptr<ApiTransport> transport_;
  std::unique_ptr<SpoolPool> spools_, small_spools_;
  MetricSet metric_set_;
  CoordinatorMetrics metrics_{metric_set_, {kSimExtract}};
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_ENVIRONMENT_H_
