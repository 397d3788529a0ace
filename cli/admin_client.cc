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

constexpr int kMostFollowed = 8;
// One coordinator takes over from another within 15 s.
constexpr absl::Duration kTakeoverPatience = absl::Seconds(20);
constexpr absl::Duration kTakeoverPoll = absl::Milliseconds(500);

// `reason`: gRPC's own words for the attempt that failed.
absl::Status NobodyAnswers(const std::string& address, const std::string& reason = "") {
  if (absl::StrContains(reason, "andshake")) {
    return absl::UnavailableError(absl::StrCat(
        "what answers at ", address, " could not be trusted (", reason.substr(reason.rfind(": ") + 2),
        "): tls.ca_file must be the CA of its certificate, and the certificate must hold the name by which it is "
        "called here"));
  }
  if (absl::StrContains(reason, "Socket closed") || absl::StrContains(reason, "reset by peer")) {
    return absl::UnavailableError(
        absl::StrCat("what answers at ", address,
                     " ended the connection at once: either it wants TLS (`tls` in the configuration, "
                     "with a certificate of its CA where it asks for one), or it knows no TLS"));
  }
  return absl::UnavailableError(
      absl::StrCat("no coordinator answers at ", address,
                   ": start one with `tikhaul local` or `tikhaul-coordinator`, or name another "
                   "address with --coordinator"));
}

// The health protocol's messages, a string and an enumeration in field 1, have the wire form of protobuf's StringValue
// and Int32Value; its generated code is not part of the packaged gRPC.
grpc::Status AskHealth(const std::shared_ptr<grpc::Channel>& channel, bool& serving) {
  constexpr int kServing = 1;
  grpc::TemplatedGenericStub<google::protobuf::StringValue, google::protobuf::Int32Value> health(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(2));
  grpc::CompletionQueue queue;
  google::protobuf::Int32Value answer;
  grpc::Status status;
  const auto call =
      health.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", google::protobuf::StringValue(), &queue);
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  if (!queue.Next(&tag, &ok) || !ok) return grpc::Status(grpc::StatusCode::INTERNAL, "the call was not made");
  serving = status.ok() && answer.value() == kServing;
  return status;
}

}  // namespace

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
      if (absl::StrContains(message, "failed to connect")) return NobodyAnswers(address, message);
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

AdminClient::Link AdminClient::LinkTo(const std::string& address) const {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = dialer_.Open(address, ChannelUse::kCommand);
  if (!channel.ok()) return {.address = address, .channel = nullptr, .stub = nullptr, .usable = channel.status()};
  return {.address = address, .channel = *channel, .stub = v1::Admin::NewStub(*channel), .usable = absl::OkStatus()};
}

AdminClient::AdminClient(std::vector<std::string> addresses, Dialer dialer)
    : addresses_(std::move(addresses)), dialer_(std::move(dialer)), link_(LinkTo(addresses_.front())) {}

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
  std::string reason;
  for (const std::string& address : addresses_) {
    const Link link = LinkTo(address);
    RETURN_IF_ERROR(link.usable);
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
    bool serving = false;
    reason = Printable(AskHealth(link.channel, serving).error_message());
  }
  return NobodyAnswers(absl::StrJoin(addresses_, ", "), reason);
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

bool AdminClient::Serving() {
  const Link link = this->link();
  bool serving = false;
  return link.usable.ok() && AskHealth(link.channel, serving).ok() && serving;
}

}  // namespace tikhaul
