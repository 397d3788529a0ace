// One Extract stream from claim to end.
#ifndef TIKHAUL_COORDINATOR_INGEST_EXTRACT_SESSION_H_
#define TIKHAUL_COORDINATOR_INGEST_EXTRACT_SESSION_H_

#include <memory>
#include <optional>
#include <string>

#include "coordinator/ingest/chunk_rows.h"
#include "coordinator/ingest/ingest_service.h"

namespace tikhaul {

// Lives on the stream's thread; not thread-safe.
class ExtractSession {
 public:
  using Stream = grpc::ServerReaderWriter<v1::ExtractResponse, v1::ExtractRequest>;

  ExtractSession(IngestService& service, grpc::ServerContext& context, Stream& stream)
      : service_(service), context_(context), stream_(stream) {}

  grpc::Status Run();

 private:
  // What the stream does after a message.
  enum class Next { kRead, kEnd };

  bool Claim(const v1::Claim& claim);
  void ReadUntilEnd();
  Next Handle(v1::ExtractRequest& request);
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
  grpc::ServerContext& context_;
  Stream& stream_;

  Chunk chunk_;  // as granted
  absl::Time claimed_at_;
  std::string worker_;
  Road road_ = Road::kPages;
  std::unique_ptr<ChunkRows> rows_;
  uint64_t last_sequence_ = 0;
  uint64_t pages_ = 0, calls_ = 0;
  bool access_open_ = true;
  bool settled_ = false;  // the chunk's fate is recorded
  bool left_ = false;     // out of the claim table
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_EXTRACT_SESSION_H_
