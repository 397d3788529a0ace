// One Extract stream from claim to end.
#ifndef TIKHAUL_COORDINATOR_INGEST_EXTRACT_SESSION_H_
#define TIKHAUL_COORDINATOR_INGEST_EXTRACT_SESSION_H_

#include <memory>
#include <optional>
#include <string>

#include "common/model/chunk_log.h"
#include "coordinator/ingest/chunk_rows.h"
#include "coordinator/ingest/ingest_service.h"

namespace tikhaul {

// The way back to the worker, and the stream's end. Write belongs to the stream's thread, the others are thread-safe.
class WorkerStream {
 public:
  virtual ~WorkerStream() = default;
  // False: the stream is broken.
  virtual bool Write(const v1::ExtractResponse& response) = 0;
  // Breaks the stream from this side, without waiting.
  virtual void Cancel() = 0;
  virtual bool IsCancelled() const = 0;
};

// Lives on the stream's thread; not thread-safe. Borrows what it is given.
class ExtractSession {
 public:
  // What the stream does after a message.
  enum class Next { kRead, kEnd };

  ExtractSession(IngestService& service, WorkerStream& stream) : service_(service), stream_(stream) {}

  // The first message.
  Next Claim(const v1::Claim& claim);
  // Each later one, as long as the answer is kRead; its memory may be taken.
  Next Handle(v1::ExtractRequest& request);
  // There will be no more messages, for whatever reason. At last, once, if the chunk was claimed.
  void End();

 private:
  Next HandleBatch(v1::Batch& batch);
  bool AllBatchesCame(const v1::Finish& finish) const;
  void NotePage();
  Next HandleFinish(const v1::Finish& finish);
  absl::StatusOr<SettleCounts> PublishPatiently(const FinishFacts& facts);
  Next Lose(Failure failure, const std::string& tell_worker);
  void LoseBrokenStream();
  // Leaves the claim table, once.
  std::optional<StreamEnd> Leave();
  void Refuse(v1::Refused::Reason reason, const std::string& detail, const std::string& coordinator = "");
  bool Write(const v1::ExtractResponse& response) { return stream_.Write(response); }

  IngestService& service_;
  WorkerStream& stream_;

  ChunkLabel claimed_;  // as far as it is known
  Chunk chunk_;         // as granted
  absl::Time claimed_at_;
  std::string worker_;
  Road road_ = Road::kPages;
  std::unique_ptr<ChunkRows> rows_;
  std::optional<Counter> rows_received_, bytes_received_;  // of the extract
  uint64_t last_sequence_ = 0;
  uint64_t pages_ = 0, calls_ = 0;
  bool access_open_ = true;
  bool granted_ = false;
  bool settled_ = false;  // the chunk's fate is recorded
  bool left_ = false;     // out of the claim table
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_EXTRACT_SESSION_H_
