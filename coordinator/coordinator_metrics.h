// What a coordinator counts; docs/metrics.md says what each means. Handed to the parts in which it happens.
#ifndef TIKHAUL_COORDINATOR_COORDINATOR_METRICS_H_
#define TIKHAUL_COORDINATOR_COORDINATOR_METRICS_H_

#include <string>
#include <vector>

#include "common/metrics/metric_set.h"

namespace tikhaul {

// Thread-safe. Lives as long as the set.
struct CoordinatorMetrics {
  // `extracts`: names of the configured ones, so that their counters stand at 0 from the start.
  CoordinatorMetrics(MetricSet& set, const std::vector<std::string>& extracts);

  // --- Streams: the lease of a chunk ---
  CounterFamily& claims;  // by answer
  Histogram claim_seconds;
  Gauge streams;
  CounterFamily& streams_lost;     // by cause
  CounterFamily& chunks_returned;  // by failure class
  Counter stale_epochs;

  // --- Rows on their way ---
  CounterFamily& rows_received;   // by extract
  CounterFamily& bytes_received;  // by extract
  GaugeFamily& spool_bytes;       // by place
  GaugeFamily& spool_limit;       // by place
  Counter spool_refusals;

  // --- Publication ---
  Histogram commit_seconds;
  CounterFamily& commit_failures;   // by reason
  CounterFamily& chunks_committed;  // by extract
  CounterFamily& rows_committed;    // by extract
  CounterFamily& row_changes;       // by extract and change
  CounterFamily& drift;             // by extract and kind

  // --- Hints ---
  CounterFamily& hints_pushed;  // by reason
  Counter hint_losses;

  // --- This coordinator among the others ---
  GaugeFamily& faults;  // by subject
  Gauge leads, lead_term, shards, coordinators;

  // --- Known to the lead alone; absent elsewhere ---
  GaugeFamily& chunks;  // by extract and state
  GaugeFamily& chunks_waiting;
  GaugeFamily& runs;          // by extract and kind
  GaugeFamily& oldest_ready;  // by kind
  GaugeFamily& dead_letters;
  GaugeFamily& blocks;
  GaugeFamily& pauses;        // by origin
  GaugeFamily& finality_lag;  // by extract
  GaugeFamily& store_read;
  GaugeFamily& hints;
  GaugeFamily& workers;
  GaugeFamily& wanted_workers;
  GaugeFamily& quota_used;   // by window
  GaugeFamily& quota_limit;  // by window
  GaugeFamily& quota_open;
  GaugeFamily& quota_frozen;
  GaugeFamily& quota_factor;

  // Takes back what only a lead can know.
  void ForgetLead();

 private:
  std::vector<GaugeFamily*> of_lead_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_COORDINATOR_METRICS_H_
