// Lets a worker and a coordinator of this tree talk as two releases do, of which one knows less and one knows more.
#ifndef TIKHAUL_TESTS_STORM_OLD_RELEASE_H_
#define TIKHAUL_TESTS_STORM_OLD_RELEASE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>

#include "tikhaul/v1/ingest.grpc.pb.h"

namespace tikhaul {

// A door to the coordinator. Every message through it, either way, loses the fields that the contract in
// tests/storm/old_release (as it was before asynchronous reports and column groups) did not have, and gains one that no
// release has: what an older program leaves out and does not see, and what a newer one adds. It shows that these
// messages are understood; it is no older program.
class OldRelease final : public v1::Ingest::Service {
 public:
  OldRelease(const std::string& listen, const std::string& coordinator);
  ~OldRelease() override;

  // Messages that had something to lose.
  int64_t shortened() const { return shortened_; }
  int64_t passed() const { return passed_; }

 private:
  using Stream = grpc::ServerReaderWriter<v1::ExtractResponse, v1::ExtractRequest>;
  grpc::Status Hello(grpc::ServerContext* context, const v1::HelloRequest* request,
                     v1::HelloResponse* response) override;
  grpc::Status Extract(grpc::ServerContext* context, Stream* stream) override;
  void Change(google::protobuf::Message* message);

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  std::atomic<int64_t> shortened_{0}, passed_{0};
  std::unique_ptr<v1::Ingest::Stub> coordinator_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_STORM_OLD_RELEASE_H_
