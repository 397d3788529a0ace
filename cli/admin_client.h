// The command line's side of the admin RPC.
#ifndef TIKHAUL_CLI_ADMIN_CLIENT_H_
#define TIKHAUL_CLI_ADMIN_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tikhaul/v1/admin.grpc.pb.h"

namespace tikhaul {

inline constexpr char kDefaultCoordinator[] = "127.0.0.1:7733";
inline constexpr absl::Duration kCallTimeout = absl::Seconds(10);
// For calls during which the coordinator itself asks the API.
inline constexpr absl::Duration kLongCallTimeout = absl::Minutes(10);

// The address at which a coordinator that listens on `listen` is reached from this machine: "0.0.0.0:1" is
// "127.0.0.1:1".
std::string DialAddress(absl::string_view listen);
// True for Unix sockets and loopback addresses.
bool IsLocalAddress(absl::string_view address);
// One sentence, and what to do about it. Keeps the code of `status`.
absl::Status ExplainRpcError(const grpc::Status& status, const std::string& address, absl::Duration timeout);

// Blocking calls, without TLS. Thread-safe.
class AdminClient {
 public:
  // "host:port" or "unix:/path". Connects at the first call.
  explicit AdminClient(std::string address);

  // UNAVAILABLE, with the mend, when nobody answers within `timeout`; a refused connection is told at once.
  absl::Status Connect(absl::Duration timeout = absl::Seconds(5));
  // True when the server's health service says SERVING. False when it does not, or there is no connection.
  bool Serving();

  // client.Call(&v1::Admin::Stub::Plan, request). The error is the coordinator's own where it gave one.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                        Response*),
                                const Request& request, absl::Duration timeout = kCallTimeout) {
    grpc::ClientContext context;
    context.set_deadline(Deadline(timeout));
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return ExplainRpcError(status, address_, timeout);
    return response;
  }

  // client.Stream(&v1::Admin::Stub::WatchStatus, request, on_message): calls `on_message` for every message until it
  // returns false or the coordinator closes the stream.
  template <typename Request, typename Response, typename OnMessage>
  absl::Status Stream(std::unique_ptr<grpc::ClientReader<Response>> (v1::Admin::Stub::*method)(grpc::ClientContext*,
                                                                                               const Request&),
                      const Request& request, OnMessage on_message) {
    grpc::ClientContext context;
    const auto reader = (stub_.get()->*method)(&context, request);
    Response message;
    bool wanted = true;
    while (wanted && reader->Read(&message)) wanted = on_message(message);
    if (!wanted) context.TryCancel();
    const grpc::Status end = reader->Finish();
    if (!wanted || end.ok()) return absl::OkStatus();
    return ExplainRpcError(end, address_, absl::InfiniteDuration());
  }

  const std::string& address() const { return address_; }

 private:
  static std::chrono::system_clock::time_point Deadline(absl::Duration timeout);

  const std::string address_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Admin::Stub> stub_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_ADMIN_CLIENT_H_
