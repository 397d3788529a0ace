// What happens to chunks: claimed, given back, failed, published. Decisions come from core, facts go to the store, each
// in one transaction.
#ifndef TIKHAUL_COORDINATOR_INGEST_CHUNK_SERVICE_H_
#define TIKHAUL_COORDINATOR_INGEST_CHUNK_SERVICE_H_

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/process.h"
#include "common/model/chunk.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/core/lifecycle.h"
#include "coordinator/extract_registry.h"
#include "coordinator/fault_board.h"
#include "coordinator/ingest/chunk_rows.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

// What a worker says at the end of a chunk.
struct FinishFacts {
  uint64_t rows = 0;  // of each column group, as is the next
  uint64_t promised_rows = 0;
  uint64_t pages = 0;
  uint64_t calls = 0;
  std::vector<std::string> request_ids;
  std::vector<Drift> drift;  // extract, kind, name and count are set
  std::string worker;
  uint32_t slice_ids = 0;  // as in Finish
  Road road = Road::kPages;
  absl::Time claimed = absl::InfiniteFuture();  // when the chunk was; figures may be as old as that
};

// Thread-safe. Borrows what it is given.
class ChunkService {
 public:
  struct Hooks {
    std::function<void()> wake_dispatcher;  // chunks became ready
    // The shard is this coordinator's for some time to come; when it is about to move, nothing more of it is granted.
    std::function<bool(int shard)> keeps;
    // Of its thread, between tries of what the store did not take.
    std::function<void(absl::Duration)> sleep = tikhaul::SleepFor;
    std::function<double()> random = RandomUnit;  // uniform in [0, 1)
  };

  ChunkService(const ExtractRegistry& extracts, Store& store, const Clock& clock, FaultBoard& faults,
               CoordinatorMetrics& metrics, Hooks hooks);

  struct Claimed {
    ClaimAnswer answer = ClaimAnswer::kGone;
    std::string detail;
    Chunk chunk;              // with its new epoch, when granted
    v1::ReadPlan plan;        // when granted
    bool access_open = true;  // it is known that the API answers for this advertiser and endpoint
    absl::Time at;
  };
  // `live`: a stream of ours holds the chunk.
  absl::StatusOr<Claimed> Claim(ChunkId chunk, const std::string& worker, bool live);

  // The holder of (chunk, epoch) is gone or has failed. Does nothing when the epoch is no longer the chunk's. Tries
  // until the store takes it: an unrecorded loss would leave the chunk running for ever.
  void Fail(ChunkId chunk, uint64_t epoch, const Failure& failure);
  // The API has answered with a page for this chunk's advertiser and endpoint: others of the pair need not wait for it.
  void NoteOpen(const Chunk& chunk);
  // From now on Fail does not wait for a store that is out of order: the next start gives back whatever was running.
  void StartDraining() { draining_ = true; }
  void Sleep(absl::Duration duration) const { hooks_.sleep(duration); }

  // Rows, ledger, cursor and chunk state in one transaction; after an error nothing was written. ABORTED: the epoch is
  // old. FAILED_PRECONDITION: the rows contradict the promised total, or column groups each other. RESOURCE_EXHAUSTED,
  // UNAVAILABLE: store or spool cannot take it now; try again with the same rows. Others: store or spool are damaged.
  absl::StatusOr<SettleCounts> Publish(ChunkId chunk, uint64_t epoch, const ChunkRows& rows, const FinishFacts& facts);

 private:
  // The road of a chunk that is about to be granted.
  absl::StatusOr<Road> RoadFor(StoreReader& reader, const RegisteredExtract& extract, const Chunk& chunk);
  uint64_t TasksToday() ABSL_LOCKS_EXCLUDED(tasks_mu_);
  void CountTask() ABSL_LOCKS_EXCLUDED(tasks_mu_);
  absl::Status FailOnce(ChunkId chunk, uint64_t epoch, const Failure& failure, FailureOutcome* outcome);
  void CountCommit(const std::string& extract, const SettleCounts& counts, const FinishFacts& facts);
  void CountCommitFailure(const absl::Status& status);
  absl::Status Record(StoreTransaction& tx, const RegisteredExtract& extract, absl::TimeZone zone, Chunk chunk,
                      const FinishFacts& facts, const SettleCounts& counts, uint64_t digest, absl::Time now);

  const ExtractRegistry& extracts_;
  Store& store_;
  const Clock& clock_;
  FaultBoard& faults_;
  CoordinatorMetrics& metrics_;
  const Hooks hooks_;
  std::atomic<bool> draining_{false};
  std::atomic<bool> gave_up_{false};  // while draining
  Mutex tasks_mu_;
  absl::CivilDay tasks_day_ ABSL_GUARDED_BY(tasks_mu_);  // UTC
  uint64_t tasks_ ABSL_GUARDED_BY(tasks_mu_) = 0;        // granted on that day
};

// Writes the run's state as its chunks now say it: for every transaction that ends a chunk.
absl::Status SettleRunState(StoreTransaction& tx, const std::string& run_id, absl::Time now);

// Why the chunk may not run now ("paused: operator"); empty when it may.
absl::StatusOr<std::string> PauseReason(StoreReader& reader, const Chunk& chunk);

// The advertiser as recorded. NOT_FOUND when it is not known any more.
absl::StatusOr<Advertiser> FindAdvertiser(StoreReader& reader, const std::string& id);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_CHUNK_SERVICE_H_
