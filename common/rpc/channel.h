// The way to a coordinator, of workers, operators and other coordinators: encrypted as `tls` says, with the bearer
// token of `token_file`.
#ifndef TIKHAUL_COMMON_RPC_CHANNEL_H_
#define TIKHAUL_COMMON_RPC_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// The address at which a coordinator that listens on `listen` is reached from this machine: "0.0.0.0:1" is
// "127.0.0.1:1".
std::string DialAddress(absl::string_view listen);

// What a connection is for.
enum class ChannelUse {
  kStanding,  // of a program that stays: a peer that is lost is noticed within 15 s
  kCommand,   // of a command: large answers, and a failed attempt does not hold up the next
};

// Thread-safe; copies share what they hold.
class Dialer {
 public:
  // Without tls and token: stays on this machine.
  Dialer();
  // As the configuration says. FAILED_PRECONDITION and others when a file that it names cannot be used. Files are read
  // again when they change.
  static absl::StatusOr<Dialer> Make(const v1::Config& config);

  // `address` is "host:port" or "unix:/absolute/path"; a wildcard host (a copied `listen`) means this machine. A Unix
  // socket is not encrypted. FAILED_PRECONDITION when the way leaves the machine without `tls` and plaintext is not
  // allowed; INVALID_ARGUMENT for other forms. Connects at the first call.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Open(const std::string& address,
                                                      ChannelUse use = ChannelUse::kStanding) const;
  bool encrypts() const;

 private:
  struct Ways;
  explicit Dialer(std::shared_ptr<const Ways> ways) : ways_(std::move(ways)) {}

  std::shared_ptr<const Ways> ways_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_RPC_CHANNEL_H_
