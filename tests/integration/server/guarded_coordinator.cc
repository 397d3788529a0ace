#include "tests/integration/server/guarded_coordinator.h"

#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/files.h"
#include "tests/support/eventually.h"
#include "tests/support/free_port.h"

namespace tikhaul {
namespace {

constexpr std::chrono::seconds kCallPatience(5);

}  // namespace

GuardedCoordinator::GuardedCoordinator(const GuardedOptions& options)
    : port_(FreePort()), address_(options.listen.empty() ? absl::StrCat("127.0.0.1:", port_) : options.listen) {
  const std::string binaries = std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
  EXPECT_TRUE(WriteFileAtomically(Path("token"), "an-access-token").ok());
  const std::string config =
      absl::StrCat("app: {id: \"123\"}\n",
                   "connections: [{name: main, token_file: token, advertisers: [\"7002238017842757633\"]}]\n",
                   "extracts: [{name: campaigns, stream: campaigns}]\n", "redis: \"", redis_.url(), "\"\n",
                   "api: {base_url: \"http://127.0.0.1:9/\"}\n", "coordinator: {listen: \"", address_, "\"",
                   options.coordinator.empty() ? "" : ", ", options.coordinator, "}\n", options.yaml);
  EXPECT_TRUE(WriteFileAtomically(Path("tikhaul.yaml"), config).ok());
  absl::StatusOr<ChildProcess> process =
      ChildProcess::Start({.name = "coordinator",
                           .arguments = {binaries + "/tikhaul-coordinator", "--config", Path("tikhaul.yaml"),
                                         "--only-answer", "--log-level", "debug"},
                           .log_path = Path("coordinator.log")});
  EXPECT_TRUE(process.ok()) << process.status();
  process_ = *std::move(process);
}

GuardedCoordinator::~GuardedCoordinator() { kill(process_->pid(), SIGKILL); }

std::string GuardedCoordinator::Log() const { return ReadFile(Path("coordinator.log")).value_or(""); }

bool GuardedCoordinator::AwaitReady() {
  Eventually([&] { return absl::StrContains(Log(), "coordinator is ready") || Ended().has_value(); }, kPatience);
  return absl::StrContains(Log(), "coordinator is ready");
}

grpc::Status TryCall(const Dialer& dialer, const std::string& address, const std::string& method) {
  const auto channel = dialer.Open(address, ChannelUse::kCommand);
  if (!channel.ok()) return {grpc::StatusCode::UNAVAILABLE, std::string(channel.status().message())};
  grpc::GenericStub stub(*channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallPatience);
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  bool going = done();
  if (going) {
    const grpc::Slice nothing;
    call->WriteLast(grpc::ByteBuffer(&nothing, 1), grpc::WriteOptions(), nullptr);
    done();
    grpc::ByteBuffer answer;
    call->Read(&answer, nullptr);
    going = done();
  }
  if (going) context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  done();
  return going ? grpc::Status::OK : status;
}

bool ReachedService(const grpc::Status& status) {
  return status.error_code() != grpc::StatusCode::UNAUTHENTICATED &&
         status.error_code() != grpc::StatusCode::PERMISSION_DENIED &&
         !absl::StrContains(status.error_message(), "failed to connect");
}

}  // namespace tikhaul
