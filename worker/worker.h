// A worker process's parts put together: slots, the hint loop, the transport and the way to the coordinator.
#ifndef TIKHAUL_WORKER_WORKER_H_
#define TIKHAUL_WORKER_WORKER_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/access/authenticator.h"
#include "common/base/clock.h"
#include "common/base/life_signs.h"
#include "common/base/mutex.h"
#include "common/http/http_guard.h"
#include "common/http/http_server.h"
#include "common/metrics/metric_set.h"
#include "common/queue/hint_queue.h"
#include "common/quota/limiter.h"
#include "common/tiktok/call_metrics.h"
#include "common/tiktok/client.h"
#include "tikhaul/v1/config.pb.h"
#include "tikhaul/v1/ingest.grpc.pb.h"
#include "worker/chunk_run.h"
#include "worker/coordinator_links.h"
#include "worker/hint_spender.h"
#include "worker/memory_budget.h"
#include "worker/page_source.h"
#include "worker/quota_borrower.h"
#include "worker/slot_board.h"
#include "worker/worker_metrics.h"

namespace tikhaul {

struct WorkerOptions {
  v1::Config config;
  std::vector<std::string> coordinators;  // addresses; empty: as the configuration says
  std::string name;                       // empty: the machine's name
  uint32_t slots = 0;                     // 0: config.worker.slots
  std::string revision = "unknown";       // of the sources, for the metrics
};

// Stateless: everything it knows is lost without harm when the process dies. `clock` is borrowed.
class Worker {
 public:
  // Checks the configuration; connects to nothing yet. INVALID_ARGUMENT and FAILED_PRECONDITION say what to change.
  static absl::StatusOr<std::unique_ptr<Worker>> Make(WorkerOptions options, const Clock& clock);
  ~Worker();  // Stop(ZeroDuration())

  // Starts the threads: says Hello until a coordinator answers, then pops hints and runs chunks. UNAVAILABLE when the
  // address for HTTP cannot be used.
  absl::Status Start();
  // Takes no new chunks. Those that run may go on for `grace`, are then asked to give themselves back, and have
  // `patience` more to do so. False: some have not ended (the process may exit all the same: its streams end with it).
  bool Stop(absl::Duration grace, absl::Duration patience = absl::Milliseconds(1500));
  // Lets those of a configuration that was read again see the metrics. As Authenticator::Take.
  absl::Status TakeIdentities(const v1::Config& config) { return authenticator_.Take(config); }
  // True once a coordinator has answered Hello and none has been lost since.
  bool linked() const { return linked_; }
  // Where metrics and probes are served; 0: nowhere.
  int http_port() const { return http_ == nullptr ? 0 : http_->port(); }

 private:
  Worker(WorkerOptions options, std::unique_ptr<CoordinatorLinks> links, const Clock& clock);
  // Whoever may ask, and how it is encrypted, belongs here.
  absl::Status StartHttp();
  void SetFigures();
  void SetLinked(bool linked);
  void LinkLoop();
  bool Hello();
  // So that a coordinator shows workers that have nothing to do.
  void Greet();
  grpc::Status SayHello(const std::string& address, absl::Duration patience, v1::HelloResponse& response);
  // Pops and hands out once; false: Redis is out of reach.
  bool ServeHints(HintConsumer& hints);
  void SlotLoop();
  // Follows the chunk to the coordinator that grants it.
  ChunkOutcome RunChunk(const Hint& hint, ChunkInbox& inbox);
  void NoteRedis(const absl::Status& status);
  void Pause(absl::Duration longest);
  std::string instance() const;

  const WorkerOptions options_;
  const Clock& clock_;
  const std::string incarnation_;
  const std::string consumer_;  // in the queue's group
  const RedisOptions redis_;
  MetricSet metric_set_;
  CallMetrics call_metrics_;
  WorkerMetrics metrics_;
  LifeSigns life_;
  Authenticator authenticator_;
  HttpGuard guard_;
  const std::unique_ptr<CoordinatorLinks> links_;
  QuotaBorrower borrower_;
  TokenAgent tokens_;
  MemoryBudget budget_;  // outlives the transport, which books bodies in it
  ApiTransport transport_;
  TransportPageSource source_;
  HintSpender spender_;
  SlotBoard board_;
  const RunContext run_context_;

  mutable Mutex mu_;
  CondVar stop_asked_;
  std::string instance_ ABSL_GUARDED_BY(mu_);
  std::atomic<bool> linked_ = false;
  bool told_unreachable_ = false;  // the link thread's own, as are the two below
  bool redis_is_down_ = false;
  absl::Duration next_reclaim_, next_greeting_;
  std::thread link_thread_;
  std::vector<std::thread> slot_threads_;
  std::unique_ptr<HttpServer> http_;  // the last: what it shows outlives it
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_WORKER_H_
