// One chunk from claim to commit.
#ifndef TIKHAUL_WORKER_CHUNK_RUN_H_
#define TIKHAUL_WORKER_CHUNK_RUN_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/model/chunk_log.h"
#include "tikhaul/v1/config.pb.h"
#include "tikhaul/v1/ingest.grpc.pb.h"
#include "worker/chunk_inbox.h"
#include "worker/chunk_reader.h"
#include "worker/chunk_stream.h"
#include "worker/memory_budget.h"
#include "worker/page_source.h"
#include "worker/task_reader.h"
#include "worker/worker_metrics.h"

namespace tikhaul {

enum class ChunkOutcome {
  kCommitted,
  kRefused,      // the claim was not granted
  kElsewhere,    // another coordinator grants it
  kFailed,       // given back with a fault
  kReleased,     // given back because the process is stopping
  kLost,         // revoked, or the stream broke after the grant
  kUnreachable,  // the coordinator did not answer the claim
};
const char* Name(ChunkOutcome outcome);

// What all chunks of a worker share. Borrowed members must outlive the runs.
struct RunContext {
  PageSource& source;
  MemoryBudget& budget;
  const Clock& clock;
  const v1::Config& config;  // connections, to find token files
  WorkerMetrics& metrics;
  std::string worker;
  std::string incarnation;
  uint32_t window = 8;  // pages of one chunk asked for at once
  TaskPolicy tasks = {};
};

// Used once, by one thread; `inbox` is where other threads reach it.
class ChunkRun {
 public:
  ChunkRun(const RunContext& context, v1::Ingest::StubInterface& stub, ChunkInbox& inbox, ChunkId chunk);

  // Blocks until the chunk is settled one way or the other. `answered` is called once when the coordinator has given a
  // definite answer to the claim: the hint is spent. Not so after kElsewhere.
  ChunkOutcome Run(const std::function<void()>& answered);
  // After kElsewhere: where to claim it.
  const std::string& elsewhere() const { return elsewhere_; }

 private:
  using Request = v1::ExtractRequest;

  std::optional<v1::Granted> Claim(const std::function<void()>& answered);
  // Names the chunk in the log, and its extract in the metrics, from here on.
  void NoteGrant(const v1::Granted& granted);
  ChunkOutcome Extract(const v1::Granted& granted);
  // INVALID_ARGUMENT when the plan makes no sense.
  absl::StatusOr<std::unique_ptr<ChunkReader>> ReaderFor(const v1::ReadPlan& plan, Secret token);
  ChunkOutcome ReadPages(ChunkReader& reader);
  // True when everything is read and sent. False: go on, or stop with `*outcome` when that is set.
  bool Step(ChunkReader& reader, std::optional<ChunkOutcome>* outcome);
  // Waits for what comes and hands pages to the reader.
  ChunkEvents Listen(absl::Duration wait, ChunkReader& reader, std::optional<ApiFault>* fault);
  bool SendBatches();
  // Rows wait for credit from now on, or do not any more.
  void NoteCredit(bool waits);
  bool SendProgress(const ChunkReader& reader);
  ChunkOutcome Finish(const ChunkReader& reader);
  ChunkOutcome Fail(const ApiFault& fault, uint64_t calls);
  ChunkOutcome GiveBack(ChunkReader& reader);
  ChunkOutcome Lost();
  void CloseStream();

  const RunContext& context_;
  ChunkInbox& inbox_;
  ChunkLabel label_;
  ChunkStream stream_;
  std::optional<LabelledPageSource> source_;  // once granted
  std::deque<ReadyBatch> batches_;            // read, not sent
  int64_t credit_bytes_ = 0;
  std::optional<absl::Duration> without_credit_since_;
  std::optional<Counter> rows_sent_, bytes_sent_;
  uint64_t sequence_ = 0;
  absl::Duration last_sent_;  // when the coordinator last heard from us
  ChunkOutcome refusal_ = ChunkOutcome::kUnreachable;
  std::string end_reason_;
  std::string elsewhere_;
  Request message_;  // reused, for its memory
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_CHUNK_RUN_H_
