#include "tests/storm/old_release.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "common/base/files.h"

namespace tikhaul {
namespace {

constexpr int kFieldOfNoRelease = 2047;

bool EndsTheStream(const v1::ExtractResponse& response) {
  return response.has_refused() || response.has_committed() || response.has_revoked();
}

}  // namespace

OldRelease::OldRelease(const std::string& listen, const std::string& coordinator) : factory_(&pool_) {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  google::protobuf::FileDescriptorSet files;
  EXPECT_TRUE(files.ParseFromString(ReadFile(program.parent_path() / "old_release.protoset").value_or("")));
  EXPECT_GT(files.file_size(), 0);
  for (const auto& file : files.file()) EXPECT_NE(pool_.BuildFile(file), nullptr) << file.name();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  coordinator_ =
      v1::Ingest::NewStub(grpc::CreateCustomChannel(coordinator, grpc::InsecureChannelCredentials(), arguments));
  grpc::ServerBuilder builder;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials());
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  EXPECT_NE(server_, nullptr);
}

OldRelease::~OldRelease() { server_->Shutdown(std::chrono::system_clock::now()); }

void OldRelease::Change(google::protobuf::Message* message) {
  const auto* const type = pool_.FindMessageTypeByName(message->GetDescriptor()->full_name());
  const std::unique_ptr<google::protobuf::Message> old(factory_.GetPrototype(type)->New());
  const std::string before = message->SerializeAsString();
  EXPECT_TRUE(old->ParseFromString(before));
  old->DiscardUnknownFields();
  ++passed_;
  if (old->ByteSizeLong() < before.size()) ++shortened_;
  old->GetReflection()->MutableUnknownFields(old.get())->AddLengthDelimited(kFieldOfNoRelease, "of a newer release");
  EXPECT_TRUE(message->ParseFromString(old->SerializeAsString()));
}

grpc::Status OldRelease::Hello(grpc::ServerContext* context, const v1::HelloRequest* request,
                               v1::HelloResponse* response) {
  const auto onwards = grpc::ClientContext::FromServerContext(*context);
  v1::HelloRequest changed = *request;
  Change(&changed);
  const grpc::Status status = coordinator_->Hello(onwards.get(), changed, response);
  if (status.ok()) Change(response);
  return status;
}

grpc::Status OldRelease::Extract(grpc::ServerContext* context, Stream* stream) {
  const auto onwards = grpc::ClientContext::FromServerContext(*context);
  const auto upstream = coordinator_->Extract(onwards.get());
  std::thread answers([&] {
    v1::ExtractResponse response;
    bool ended = false;
    while (upstream->Read(&response)) {
      ended = EndsTheStream(response);
      Change(&response);
      if (!stream->Write(response)) break;
      response.Clear();
    }
    if (!ended) context->TryCancel();  // it broke: so does the other half
  });
  v1::ExtractRequest request;
  while (stream->Read(&request)) {
    Change(&request);
    if (!upstream->Write(request)) break;
    request.Clear();
  }
  if (context->IsCancelled()) onwards->TryCancel();
  upstream->WritesDone();
  answers.join();
  return upstream->Finish();
}

}  // namespace tikhaul
