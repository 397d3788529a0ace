#include "worker/chunk_stream.h"

#include <utility>

namespace tikhaul {

ChunkStream::ChunkStream(v1::Ingest::StubInterface& stub, ChunkInbox& inbox) : stream_(stub.Extract(&context_)) {
  reader_ = std::thread([stream = stream_.get(), &inbox] {
    v1::ExtractResponse message;
    while (stream->Read(&message)) {
      inbox.AddMessage(std::move(message));
      message.Clear();
    }
    inbox.AddStreamEnd("the stream to the coordinator ended");
  });
}

ChunkStream::~ChunkStream() {
  if (finished_) return;
  Cancel();
  Finish();
}

void ChunkStream::WritesDone() {
  if (!std::exchange(writes_done_, true)) stream_->WritesDone();
}

grpc::Status ChunkStream::Finish() {
  if (finished_) return status_;
  reader_.join();  // until then the reader's thread uses the stream
  status_ = stream_->Finish();
  finished_ = true;
  return status_;
}

}  // namespace tikhaul
