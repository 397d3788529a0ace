// What a program counts of its calls to the API; docs/metrics.md says what each means.
#ifndef TIKHAUL_COMMON_TIKTOK_CALL_METRICS_H_
#define TIKHAUL_COMMON_TIKTOK_CALL_METRICS_H_

#include "common/metrics/metric_set.h"
#include "common/tiktok/client.h"

namespace tikhaul {

// Thread-safe. Lives as long as the set.
class CallMetrics {
 public:
  explicit CallMetrics(MetricSet& set);
  // For TransportOptions::on_call.
  void Note(const CallReport& report);

 private:
  CounterFamily& calls_;
  HistogramFamily& seconds_;
  const Counter bytes_;
  CounterFamily& over_limit_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_CALL_METRICS_H_
