#include "tests/integration/worker/fake_coordinator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "proto/limits.h"

namespace tikhaul {

FakeCoordinator::FakeCoordinator(std::string path, std::string instance)
    : path_(std::move(path)), instance_(std::move(instance)) {
  Start();
}

void FakeCoordinator::Start() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address(), grpc::InsecureServerCredentials());
  builder.SetMaxReceiveMessageSize(kLargestRequest);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

void FakeCoordinator::Stop() {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  server_.reset();
}

void FakeCoordinator::AddChunk(int64_t id, v1::ReadPlan plan) {
  MutexLock lock(mu_);
  plans_[id] = std::move(plan);
  refusals_.erase(id);
}

void FakeCoordinator::Refuse(int64_t id, v1::Refused::Reason reason) {
  MutexLock lock(mu_);
  refusals_[id] = reason;
}

void FakeCoordinator::SetCredit(int64_t bytes) {
  MutexLock lock(mu_);
  credit_ = bytes;
}

void FakeCoordinator::GiveCredit(int64_t chunk, int64_t bytes) {
  v1::ExtractResponse message;
  message.mutable_credit()->set_bytes(bytes);
  Send(chunk, message);
}

void FakeCoordinator::Revoke(int64_t chunk) {
  v1::ExtractResponse message;
  message.mutable_revoked()->set_reason("the test wants it back");
  Send(chunk, message);
}

// Under the lock: a stream takes one writer at a time.
void FakeCoordinator::Send(int64_t chunk, const v1::ExtractResponse& message) {
  MutexLock lock(mu_);
  const auto stream = streams_.find(chunk);
  if (stream != streams_.end()) stream->second->Write(message);
}

ChunkRecord FakeCoordinator::record(int64_t chunk) const {
  MutexLock lock(mu_);
  const auto record = records_.find(chunk);
  return record == records_.end() ? ChunkRecord() : record->second;
}

int FakeCoordinator::hellos() const {
  MutexLock lock(mu_);
  return hellos_;
}

grpc::Status FakeCoordinator::Hello(grpc::ServerContext*, const v1::HelloRequest*, v1::HelloResponse* response) {
  MutexLock lock(mu_);
  ++hellos_;
  response->set_instance(instance_);
  return grpc::Status::OK;
}

grpc::Status FakeCoordinator::Extract(grpc::ServerContext*, Stream* stream) {
  v1::ExtractRequest message;
  if (!stream->Read(&message) || !message.has_claim()) {
    return {grpc::StatusCode::INVALID_ARGUMENT, "a claim comes first"};
  }
  const int64_t chunk = message.claim().chunk_id();
  if (!Grant(stream, chunk)) return grpc::Status::OK;
  bool open = true;
  while (open && stream->Read(&message)) open = Take(stream, chunk, message);
  MutexLock lock(mu_);
  streams_.erase(chunk);
  records_[chunk].broken = open;
  return grpc::Status::OK;
}

bool FakeCoordinator::Grant(Stream* stream, int64_t chunk) {
  v1::ExtractResponse answer;
  MutexLock lock(mu_);
  ++records_[chunk].claims;
  if (refusals_.contains(chunk) || !plans_.contains(chunk)) {
    answer.mutable_refused()->set_reason(refusals_.contains(chunk) ? refusals_[chunk] : v1::Refused::REASON_GONE);
    stream->Write(answer);
    return false;
  }
  answer.mutable_granted()->set_chunk_id(chunk);
  answer.mutable_granted()->set_epoch(static_cast<uint64_t>(records_[chunk].claims));
  *answer.mutable_granted()->mutable_plan() = plans_[chunk];
  answer.mutable_granted()->set_credit_bytes(credit_);
  streams_[chunk] = stream;
  stream->Write(answer);
  return true;
}

bool FakeCoordinator::Take(Stream* stream, int64_t chunk, const v1::ExtractRequest& message) {
  MutexLock lock(mu_);
  ChunkRecord& record = records_[chunk];
  switch (message.message_case()) {
    case v1::ExtractRequest::kBatch:
      record.in_sequence = record.in_sequence && message.batch().sequence() == ++record.last_sequence;
      record.rows += message.batch().rows().rows();
      record.most_batch_bytes = std::max<uint64_t>(record.most_batch_bytes, message.batch().rows().ByteSizeLong());
      return true;
    case v1::ExtractRequest::kProgress:
      ++record.progress;
      record.waited_for_quota = record.waited_for_quota || message.progress().waiting_for_quota();
      return true;
    case v1::ExtractRequest::kFinish: {
      record.finish = message.finish();
      plans_.erase(chunk);
      v1::ExtractResponse answer;
      answer.mutable_committed()->set_rows(record.rows);
      stream->Write(answer);
      return false;
    }
    case v1::ExtractRequest::kFail:
      record.fail = message.fail();
      plans_.erase(chunk);
      return false;
    case v1::ExtractRequest::kRelease:
      record.release = message.release();
      return false;
    default:
      record.in_sequence = false;
      return false;
  }
}

}  // namespace tikhaul
