// Who is there: from what a peer shows to the identities of the configuration. For all ports, gRPC and HTTP.
#ifndef TIKHAUL_COMMON_ACCESS_AUTHENTICATOR_H_
#define TIKHAUL_COMMON_ACCESS_AUTHENTICATOR_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// What a peer shows.
struct Credentials {
  std::optional<std::string> token;            // the bearer token
  std::vector<std::string> certificate_names;  // of a certificate that was verified: see Identity.certificate_name
};

// Somebody who is known.
struct Caller {
  std::string name;             // for messages and logs: "ops", or "ops and ci" where several identities fit
  std::vector<v1::Role> roles;  // of all of them

  // An operator may do all that a viewer may.
  bool May(v1::Role role) const;
};

// Thread-safe.
class Authenticator {
 public:
  explicit Authenticator(const v1::Config& config)
      : everybody_(config.identities().empty()), identities_(IdentitiesOf(config)) {}

  // No identities are configured: whoever reaches a port may do everything, and nobody is asked who he is.
  bool everybody() const { return everybody_; }
  // From now on those of a configuration that was read again. FAILED_PRECONDITION, and nothing changes, when it has
  // none and there were some, or the other way round: ports are opened for the one or for the other.
  absl::Status Take(const v1::Config& config);
  // The identities that the token and the certificate belong to. UNAUTHENTICATED, with the mend, when there is none,
  // and whenever the token is unknown, even beside a known certificate. Call only where not everybody().
  absl::StatusOr<Caller> Identify(const Credentials& credentials) const;

 private:
  using Identities = std::vector<v1::Identity>;
  static std::shared_ptr<const Identities> IdentitiesOf(const v1::Config& config) {
    return std::make_shared<const Identities>(config.identities().begin(), config.identities().end());
  }
  std::shared_ptr<const Identities> identities() const;

  const bool everybody_;
  mutable Mutex mu_;
  std::shared_ptr<const Identities> identities_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_ACCESS_AUTHENTICATOR_H_
