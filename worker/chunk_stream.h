// The Extract stream of one chunk: the worker's lease (proto/tikhaul/v1/ingest.proto).
#ifndef TIKHAUL_WORKER_CHUNK_STREAM_H_
#define TIKHAUL_WORKER_CHUNK_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <thread>

#include "tikhaul/v1/ingest.grpc.pb.h"
#include "worker/chunk_inbox.h"

namespace tikhaul {

// Opens the stream, and puts what the coordinator sends into `inbox` (borrowed) from a thread of its own. The other
// functions are for the chunk's thread.
class ChunkStream {
 public:
  ChunkStream(v1::Ingest::StubInterface& stub, ChunkInbox& inbox);
  ~ChunkStream();  // cancels a stream that has not ended
  ChunkStream(const ChunkStream&) = delete;
  ChunkStream& operator=(const ChunkStream&) = delete;

  // False: the stream has ended.
  bool Write(const v1::ExtractRequest& message) { return stream_->Write(message); }
  // After the last message; may be said more than once.
  void WritesDone();
  // Ends the stream at once.
  void Cancel() { context_.TryCancel(); }
  // Waits for the end of the stream, which must be near or cancelled, and says how it was.
  grpc::Status Finish();

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriterInterface<v1::ExtractRequest, v1::ExtractResponse>> stream_;
  std::thread reader_;
  bool writes_done_ = false;
  bool finished_ = false;
  grpc::Status status_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_CHUNK_STREAM_H_
