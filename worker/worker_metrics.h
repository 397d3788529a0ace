// What a worker counts; docs/metrics.md says what each means. Handed to the parts in which it happens.
#ifndef TIKHAUL_WORKER_WORKER_METRICS_H_
#define TIKHAUL_WORKER_WORKER_METRICS_H_

#include <string>
#include <vector>

#include "common/metrics/metric_set.h"

namespace tikhaul {

// Thread-safe. Lives as long as the set.
struct WorkerMetrics {
  // `extracts`: names of the configured ones, so that their counters stand at 0 from the start.
  WorkerMetrics(MetricSet& set, const std::vector<std::string>& extracts);

  Gauge linked, queue_reachable;
  Gauge slots, slots_busy;
  CounterFamily& hints;   // by source
  CounterFamily& chunks;  // by outcome
  Histogram chunk_seconds;
  CounterFamily& pages;       // by extract
  CounterFamily& rows_sent;   // by extract
  CounterFamily& bytes_sent;  // by extract
  Counter credit_stalls, credit_stall_seconds;
  Gauge memory_used, memory_limit;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_WORKER_METRICS_H_
