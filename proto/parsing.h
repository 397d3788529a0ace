// How gRPC makes messages of the bytes that came: a few at a time. A message can take thirty times its bytes, and gRPC
// parses all that have come at once, each in a thread of its own.
//
// Every file that is generated for a service includes this (CMakeLists.txt here), for gRPC looks for the
// specialisations at the end.
#ifndef TIKHAUL_PROTO_PARSING_H_
#define TIKHAUL_PROTO_PARSING_H_

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <cstddef>

#include "common/base/mutex.h"

namespace externalscaler {
class ScaledObjectRef;
}

namespace tikhaul {

// Bytes that may be parsed at once. Thread-safe.
class ParseBudget {
 public:
  explicit ParseBudget(size_t bytes) : bytes_(bytes), free_(bytes) {}

  // Waits for its turn when constructed, and lets others have theirs when destroyed. More bytes than there are in all
  // take all.
  class Turn {
   public:
    Turn(ParseBudget& budget, size_t bytes);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    ParseBudget& budget_;
    const size_t bytes_;
  };

 private:
  const size_t bytes_;
  Mutex mu_;
  CondVar freed_;
  size_t free_ ABSL_GUARDED_BY(mu_);
};

// As gRPC's own, but in turn. `bytes` are given back.
grpc::Status ParseInTurn(grpc::ByteBuffer* bytes, grpc::protobuf::MessageLite* message);

// What gRPC asks of a type of messages.
class ParsedInTurn {
 public:
  static grpc::Status Serialize(const grpc::protobuf::MessageLite& message, grpc::ByteBuffer* bytes, bool* own_bytes) {
    return grpc::GenericSerialize<grpc::ProtoBufferWriter, grpc::protobuf::MessageLite>(message, bytes, own_bytes);
  }
  static grpc::Status Deserialize(grpc::ByteBuffer* bytes, grpc::protobuf::MessageLite* message) {
    return ParseInTurn(bytes, message);
  }
};

namespace v1 {
class ExtractRequest;
class ListFiguresRequest;
class VerifyRequest;
class WatchStatusRequest;
}  // namespace v1

}  // namespace tikhaul

namespace grpc {

// Of all methods with one request and one answer.
template <>
class SerializationTraits<protobuf::MessageLite> : public tikhaul::ParsedInTurn {};
// Of each of the others.
template <>
class SerializationTraits<externalscaler::ScaledObjectRef> : public tikhaul::ParsedInTurn {};
template <>
class SerializationTraits<tikhaul::v1::ExtractRequest> : public tikhaul::ParsedInTurn {};
template <>
class SerializationTraits<tikhaul::v1::ListFiguresRequest> : public tikhaul::ParsedInTurn {};
template <>
class SerializationTraits<tikhaul::v1::VerifyRequest> : public tikhaul::ParsedInTurn {};
template <>
class SerializationTraits<tikhaul::v1::WatchStatusRequest> : public tikhaul::ParsedInTurn {};

}  // namespace grpc

#endif  // TIKHAUL_PROTO_PARSING_H_
