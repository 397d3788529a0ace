// The command line's side of the admin RPC.
#ifndef TIKHAUL_CLI_ADMIN_CLIENT_H_
#define TIKHAUL_CLI_ADMIN_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/rpc/channel.h"
#include "tikhaul/v1/admin.grpc.pb.h"

namespace tikhaul {

inline constexpr char kDefaultCoordinator[] = "127.0.0.1:7733";
inline constexpr absl::Duration kCallTimeout = absl::Seconds(10);
// For calls during which the coordinator itself asks the API.
inline constexpr absl::Duration kLongCallTimeout = absl::Minutes(10);

// True for Unix sockets and loopback addresses.
bool IsLocalAddress(absl::string_view address);
// One sentence, and what to do about it. Keeps the code of `status`.
absl::Status ExplainRpcError(const grpc::Status& status, const std::string& address, absl::Duration timeout);

// Blocking calls. Where a coordinator answers that another one leads, that one is asked; while one takes
// the lead over, it is waited for. Thread-safe.
class AdminClient {
 public:
  // Each "host:port" or "unix:/path"; at least one. Connects at the first call.
  explicit AdminClient(std::vector<std::string> addresses, Dialer dialer = Dialer());
  explicit AdminClient(std::string address, Dialer dialer = Dialer())
      : AdminClient(std::vector<std::string>{std::move(address)}, std::move(dialer)) {}

  // To the first of the addresses where somebody answers. UNAVAILABLE, with the mend, when nobody answers within
  // `timeout`; a refused connection is told at once.
  absl::Status Connect(absl::Duration timeout = absl::Seconds(5));
  // True when the server's health service says SERVING. False when it does not, or there is no connection.
  bool Serving();

  // client.Call(&v1::Admin::Stub::Plan, request). The error is the coordinator's own where it gave one.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                        Response*),
                                const Request& request, absl::Duration timeout = kCallTimeout) {
    LeadSearch search;
    for (;;) {
      const Link link = this->link();
      RETURN_IF_ERROR(link.usable);
      grpc::ClientContext context;
      context.set_deadline(Deadline(timeout));
      Response response;
      const grpc::Status status = (link.stub.get()->*method)(&context, request, &response);
      if (status.ok()) return response;
      if (!Follow(context, search)) return ExplainRpcError(status, link.address, timeout);
    }
  }

  // client.Stream(&v1::Admin::Stub::WatchStatus, request, on_message): calls `on_message` for every message until it
  // returns false or the coordinator closes the stream.
  template <typename Request, typename Response, typename OnMessage>
  absl::Status Stream(std::unique_ptr<grpc::ClientReader<Response>> (v1::Admin::Stub::*method)(grpc::ClientContext*,
                                                                                               const Request&),
                      const Request& request, OnMessage on_message) {
    LeadSearch search;
    for (;;) {
      const Link link = this->link();
      RETURN_IF_ERROR(link.usable);
      grpc::ClientContext context;
      const auto reader = (link.stub.get()->*method)(&context, request);
      Response message;
      bool wanted = true;
      while (wanted && reader->Read(&message)) wanted = on_message(message);
      if (!wanted) context.TryCancel();
      const grpc::Status end = reader->Finish();
      if (!wanted || end.ok()) return absl::OkStatus();
      if (!Follow(context, search)) return ExplainRpcError(end, link.address, absl::InfiniteDuration());
    }
  }

  // Of the coordinator that is asked at present.
  std::string address() const { return link().address; }

 private:
  // Where calls go. Shared with the calls under way.
  struct Link {
    std::string address;
    std::shared_ptr<grpc::Channel> channel;
    std::shared_ptr<v1::Admin::Stub> stub;
    absl::Status usable;  // when not, there is neither channel nor stub
  };
  // Of one call: how often it was passed on, and for how long nobody led.
  struct LeadSearch {
    int followed = 0;
    absl::Duration waited;
  };
  static std::chrono::system_clock::time_point Deadline(absl::Duration timeout);
  Link LinkTo(const std::string& address) const;
  Link link() const ABSL_LOCKS_EXCLUDED(mu_);
  void Use(Link link) ABSL_LOCKS_EXCLUDED(mu_);
  // After a call that failed: true when it is to be made again, at the lead that was named or appeared meanwhile.
  bool Follow(const grpc::ClientContext& context, LeadSearch& search);

  const std::vector<std::string> addresses_;
  const Dialer dialer_;
  mutable Mutex mu_;
  Link link_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_ADMIN_CLIENT_H_
