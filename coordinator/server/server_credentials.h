// How the coordinator's port is guarded: TLS, and who may call what.
#ifndef TIKHAUL_COORDINATOR_SERVER_SERVER_CREDENTIALS_H_
#define TIKHAUL_COORDINATOR_SERVER_SERVER_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/statusor.h"
#include "common/access/authenticator.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// For the port at coordinator.listen. With identities every call passes MayCall (common/access) before anything of ours
// sees it; a Unix socket is of its owner alone, who may do everything. FAILED_PRECONDITION says what is wrong with the
// files of `tls`, or that the port would be open to other machines without encryption. Warns when it is.
// `authenticator` knows the identities of `config`.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const v1::Config& config, std::shared_ptr<const Authenticator> authenticator);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SERVER_SERVER_CREDENTIALS_H_
