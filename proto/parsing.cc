#include "proto/parsing.h"

#include <grpcpp/impl/codegen/proto_buffer_reader.h>

#include <algorithm>

#include "proto/limits.h"

namespace tikhaul {
namespace {

constexpr size_t kAtOnce = kLargestRequest;  // some 120 MiB of messages

}  // namespace

ParseBudget::Turn::Turn(ParseBudget& budget, size_t bytes) : budget_(budget), bytes_(std::min(bytes, budget.bytes_)) {
  const MutexLock lock(budget_.mu_);
  while (budget_.free_ < bytes_) budget_.freed_.Wait(budget_.mu_);
  budget_.free_ -= bytes_;
}

ParseBudget::Turn::~Turn() {
  const MutexLock lock(budget_.mu_);
  budget_.free_ += bytes_;
  budget_.freed_.SignalAll();
}

grpc::Status ParseInTurn(grpc::ByteBuffer* bytes, grpc::protobuf::MessageLite* message) {
  static ParseBudget budget(kAtOnce);
  const ParseBudget::Turn turn(budget, bytes->Length());
  return grpc::GenericDeserialize<grpc::ProtoBufferReader, grpc::protobuf::MessageLite>(bytes, message);
}

}  // namespace tikhaul
