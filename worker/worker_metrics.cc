#include "worker/worker_metrics.h"

namespace tikhaul {

WorkerMetrics::WorkerMetrics(MetricSet& set, const std::vector<std::string>& extracts)
    : linked(set.AddGauge("tikhaul_worker_linked", "1 while linked to a coordinator.")),
      queue_reachable(set.AddGauge("tikhaul_worker_queue_reachable", "1 while the hint queue can be read.")),
      slots(set.AddGauge("tikhaul_worker_slots", "Chunks that it may work on at once.")),
      slots_busy(set.AddGauge("tikhaul_worker_slots_busy", "Slots with a chunk now.")),
      hints(set.AddCounters("tikhaul_worker_hints_total", "Hints taken from the queue.", {"source"})),
      chunks(set.AddCounters("tikhaul_worker_chunks_total", "Chunks, by how they ended here.", {"outcome"})),
      chunk_seconds(set.AddHistogram("tikhaul_worker_chunk_seconds", "From a grant to the end of the chunk.")),
      pages(set.AddCounters("tikhaul_worker_pages_total", "Pages of rows.", {"extract"})),
      rows_sent(set.AddCounters("tikhaul_worker_rows_sent_total", "Rows sent to coordinators.", {"extract"})),
      bytes_sent(set.AddCounters("tikhaul_worker_batch_bytes_sent_total", "Bytes of the batches that hold them.",
                                 {"extract"})),
      credit_stalls(set.AddCounter("tikhaul_worker_credit_stalls_total", "Times that rows had to wait for credit.")),
      credit_stall_seconds(
          set.AddCounter("tikhaul_worker_credit_stall_seconds_total", "How long rows waited for credit.")),
      memory_used(set.AddGauge("tikhaul_worker_memory_used_bytes", "Answers and rows held now.")),
      memory_limit(set.AddGauge("tikhaul_worker_memory_limit_bytes", "How many there may be.")) {
  for (const char* source : {"new", "reclaimed"}) hints.With({source});
  for (const char* outcome : {"committed", "refused", "elsewhere", "failed", "released", "lost", "unreachable"})
    chunks.With({outcome});
  for (const std::string& extract : extracts) {
    for (CounterFamily* family : {&pages, &rows_sent, &bytes_sent}) family->With({extract});
  }
}

}  // namespace tikhaul
