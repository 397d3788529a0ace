#include "cli/admin_client.h"

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <limits>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli/format.h"
#include "common/base/process.h"
#include "common/rpc/lead.h"

namespace tikhaul {
namespace {

// Ledgers and catalogues may be larger than gRPC's 4 MiB.
constexpr int kMaxAnswerBytes = 64 << 20;
constexpr int kMostFollowed = 8;
// One coordinator takes over from another within 15 s.
constexpr absl::Duration kTakeoverPatience = absl::Seconds(20);
constexpr absl::Duration kTakeoverPoll = absl::Milliseconds(500);

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Channels of one process share connections otherwise, and with them the back-off after a failed attempt.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

absl::Status NobodyAnswers(const std::string& address) {
  return absl::UnavailableError(
      absl::StrCat("no coordinator answers at ", address,
                   ": start one with `tikhaul local` or `tikhaul-coordinator`, or name another "
                   "address with --coordinator"));
}

}  // namespace

std::string DialAddress(absl::string_view listen) {
  for (const absl::string_view any : {"0.0.0.0:", "[::]:", "*:"}) {
    absl::string_view port = listen;
    if (absl::ConsumePrefix(&port, any)) return absl::StrCat("127.0.0.1:", port);
  }
  return std::string(listen);
}

bool IsLocalAddress(absl::string_view address) {
  for (const absl::string_view prefix : {"unix:", "127.", "localhost:", "[::1]:"}) {
    if (absl::StartsWith(address, prefix)) return true;
  }
  return false;
}

absl::Status ExplainRpcError(const grpc::Status& status, const std::string& address, absl::Duration timeout) {
  const std::string message = Printable(status.error_message());
  switch (status.error_code()) {
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::DeadlineExceededError(absl::StrCat("the coordinator at ", address, " did not answer within ",
                                                      HumanDuration(timeout), ": its log tells what it is busy with"));
    case grpc::StatusCode::UNIMPLEMENTED:
      return absl::UnimplementedError(
          absl::StrCat("what answers at ", address, " does not know this call (", message,
                       "): check the address, and that tikhaul and the coordinator are of the same version"));
    case grpc::StatusCode::UNAVAILABLE:
      if (absl::StrContains(message, "failed to connect")) return NobodyAnswers(address);
      break;
    default:
      break;
  }
  if (message.empty()) {
    return absl::UnknownError(absl::StrCat("the coordinator at ", address, " failed without saying why (code ",
                                           status.error_code(), "): see its log"));
  }
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), message);
}

AdminClient::Link AdminClient::LinkTo(const std::string& address) {
  Link link{.address = address, .channel = MakeChannel(address), .stub = nullptr};
  link.stub = v1::Admin::NewStub(link.channel);
  return link;
}

AdminClient::AdminClient(std::vector<std::string> addresses)
    : addresses_(std::move(addresses)), link_(LinkTo(addresses_.front())) {}

AdminClient::Link AdminClient::link() const {
  MutexLock lock(mu_);
  return link_;
}

void AdminClient::Use(Link link) {
  MutexLock lock(mu_);
  link_ = std::move(link);
}

std::chrono::system_clock::time_point AdminClient::Deadline(absl::Duration timeout) {
  return std::chrono::system_clock::now() + absl::ToChronoMicroseconds(timeout);
}

absl::Status AdminClient::Connect(absl::Duration timeout) {
  for (const std::string& address : addresses_) {
    const Link link = LinkTo(address);
    const auto deadline = Deadline(timeout);
    for (;;) {
      const grpc_connectivity_state state = link.channel->GetState(/*try_to_connect=*/true);
      if (state == GRPC_CHANNEL_READY) {
        Use(link);
        return absl::OkStatus();
      }
      const bool refused = state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN;
      if (refused || !link.channel->WaitForStateChange(state, deadline)) break;
    }
  }
  return NobodyAnswers(absl::StrJoin(addresses_, ", "));
}

bool AdminClient::Follow(const grpc::ClientContext& context, LeadSearch& search) {
  const std::optional<std::string> lead = LeadNamedBy(context);
  if (!lead.has_value()) return false;
  if (!lead->empty() && *lead != address() && ++search.followed <= kMostFollowed) {
    Use(LinkTo(DialAddress(*lead)));
    return true;
  }
  if (search.waited >= kTakeoverPatience) return false;
  tikhaul::SleepFor(kTakeoverPoll);
  search.waited += kTakeoverPoll;
  return true;
}

// The health protocol's messages, a string and an enumeration in field 1, have the wire form of protobuf's StringValue
// and Int32Value; its generated code is not part of the packaged gRPC.
bool AdminClient::Serving() {
  constexpr int kServing = 1;
  grpc::TemplatedGenericStub<google::protobuf::StringValue, google::protobuf::Int32Value> health(link().channel);
  grpc::ClientContext context;
  context.set_deadline(Deadline(absl::Seconds(2)));
  grpc::CompletionQueue queue;
  google::protobuf::Int32Value answer;
  grpc::Status status;
  const auto call =
      health.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", google::protobuf::StringValue(), &queue);
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok && status.ok() && answer.value() == kServing;
}

}  // namespace tikhaul
