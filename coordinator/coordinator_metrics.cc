#include "coordinator/coordinator_metrics.h"

#include "common/model/names.h"

namespace tikhaul {

CoordinatorMetrics::CoordinatorMetrics(MetricSet& set, const std::vector<std::string>& extracts)
    : claims(set.AddCounters("tikhaul_claims_total", "Claims of workers, by what they were answered.", {"answer"})),
      claim_seconds(set.AddHistogram("tikhaul_claim_seconds", "From a claim to its answer.")),
      streams(set.AddGauge("tikhaul_streams", "Streams of workers, each the lease of a chunk.")),
      streams_lost(set.AddCounters("tikhaul_streams_lost_total", "Streams that ended before their chunk.", {"cause"})),
      chunks_returned(
          set.AddCounters("tikhaul_chunks_returned_total", "Chunks given back, by the class of failure.", {"class"})),
      stale_epochs(set.AddCounter("tikhaul_stale_epoch_rejects_total", "Words of workers whose chunk was another's.")),
      rows_received(set.AddCounters("tikhaul_rows_received_total", "Rows that workers have sent.", {"extract"})),
      bytes_received(
          set.AddCounters("tikhaul_batch_bytes_received_total", "Bytes of the batches that hold them.", {"extract"})),
      spool_bytes(set.AddGauges("tikhaul_spool_bytes", "Bytes of rows that wait for publication.", {"place"})),
      spool_limit(set.AddGauges("tikhaul_spool_limit_bytes", "How many there may be.", {"place"})),
      spool_refusals(set.AddCounter("tikhaul_spool_refusals_total", "Batches that the spool did not take.")),
      commit_seconds(set.AddHistogram("tikhaul_commit_seconds", "Publishing transactions that were committed.")),
      commit_failures(
          set.AddCounters("tikhaul_commit_failures_total", "Publishing transactions that were not.", {"reason"})),
      chunks_committed(set.AddCounters("tikhaul_chunks_committed_total", "Chunks published.", {"extract"})),
      rows_committed(set.AddCounters("tikhaul_rows_committed_total", "Rows of published chunks.", {"extract"})),
      row_changes(set.AddCounters("tikhaul_row_changes_total", "What publication did to rows.", {"extract", "change"})),
      drift(set.AddCounters("tikhaul_drift_total", "Signs that the API moves.", {"extract", "kind"})),
      hints_pushed(set.AddCounters("tikhaul_hints_pushed_total", "Hints pushed, by why.", {"reason"})),
      hint_losses(set.AddCounter("tikhaul_hint_losses_total", "Times that Redis had lost the hints.")),
      faults(set.AddGauges("tikhaul_faults", "1 while that is out of order.", {"subject"})),
      leads(set.AddGauge("tikhaul_leads", "1 while this coordinator leads.")),
      lead_term(set.AddGauge("tikhaul_lead_term", "Grows whenever the lead changes.")),
      shards(set.AddGauge("tikhaul_shards", "Shards of which this coordinator has the seat.")),
      coordinators(set.AddGauge("tikhaul_coordinators", "Members among the coordinators, as this one sees them.")),
      chunks(set.AddGauges("tikhaul_chunks", "Chunks in the store.", {"extract", "state"})),
      chunks_waiting(set.AddGauges("tikhaul_chunks_waiting", "Ready chunks that may not run yet.", {})),
      runs(set.AddGauges("tikhaul_runs", "Runs that are not finished.", {"extract", "kind"})),
      oldest_ready(set.AddGauges("tikhaul_oldest_ready_seconds",
                                 "Age of the oldest run with chunks that may run and do not.", {"kind"})),
      dead_letters(set.AddGauges("tikhaul_dead_letters", "Chunks that an operator must look at.", {})),
      blocks(set.AddGauges("tikhaul_blocks", "Pairs of advertiser and endpoint that the API refuses.", {})),
      pauses(set.AddGauges("tikhaul_pauses", "Pauses in force.", {"origin"})),
      finality_lag(set.AddGauges("tikhaul_finality_lag_seconds",
                                 "Age of the end of the last day up to which all is final enough, at the worst.",
                                 {"extract"})),
      store_read(set.AddGauges("tikhaul_store_read_timestamp_seconds", "When these figures were last read.", {})),
      hints(set.AddGauges("tikhaul_hints", "Hints in the queue.", {})),
      workers(set.AddGauges("tikhaul_workers", "Workers that coordinators have heard of within a minute.", {})),
      wanted_workers(set.AddGauges("tikhaul_wanted_workers", "Workers that work and quota could use.", {})),
      quota_used(set.AddGauges("tikhaul_quota_used", "Calls that count in the window now.", {"window"})),
      quota_limit(set.AddGauges("tikhaul_quota_limit", "Calls that the window may hold.", {"window"})),
      quota_open(set.AddGauges("tikhaul_quota_open", "1 while calls are granted.", {})),
      quota_frozen(set.AddGauges("tikhaul_quota_frozen_seconds", "For how long none is, as the API wishes.", {})),
      quota_factor(set.AddGauges("tikhaul_quota_limit_factor", "Part of the limits that is used.", {})),
      of_lead_{&chunks,     &chunks_waiting, &runs,       &oldest_ready, &dead_letters, &blocks,
               &pauses,     &finality_lag,   &store_read, &hints,        &workers,      &wanted_workers,
               &quota_used, &quota_limit,    &quota_open, &quota_frozen, &quota_factor} {
  for (const char* answer : {"granted", "gone", "owned", "paused", "later", "elsewhere", "version"})
    claims.With({answer});
  for (const char* cause : {"broken", "silent", "revoked"}) streams_lost.With({cause});
  for (const char* reason : {"moved", "store"}) commit_failures.With({reason});
  for (const char* reason : {"first", "unclaimed", "returned"}) hints_pushed.With({reason});
  for (int i = 1; Name(static_cast<FailureClass>(i)) != "unknown"; ++i)
    chunks_returned.With({std::string(Name(static_cast<FailureClass>(i)))});
  for (const std::string& extract : extracts) {
    for (CounterFamily* family : {&rows_received, &bytes_received, &chunks_committed, &rows_committed})
      family->With({extract});
    for (const char* change : {"inserted", "updated", "removed", "unchanged"}) row_changes.With({extract, change});
    for (const char* kind : {"unknown_field", "unparsed_value", "out_of_reach", "moved"}) drift.With({extract, kind});
  }
}

void CoordinatorMetrics::ForgetLead() {
  for (GaugeFamily* family : of_lead_) family->Clear();
}

}  // namespace tikhaul
