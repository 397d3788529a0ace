#include "coordinator/server/server_credentials.h"

#include <grpcpp/security/auth_metadata_processor.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/access/method_rules.h"
#include "common/access/tls_files.h"
#include "common/access/token.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/config/addresses.h"
#include "common/rpc/certificates.h"

namespace tikhaul {
namespace {

absl::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

// The names by which `identities` know a certificate.
std::vector<std::string> CertificateNames(const grpc::AuthContext& context) {
  std::vector<std::string> names;
  for (const char* property : {"peer_dns", "peer_uri"}) {
    for (const grpc::string_ref& name : context.FindPropertyValues(property)) names.emplace_back(View(name));
  }
  if (!names.empty()) return names;
  for (const grpc::string_ref& name : context.FindPropertyValues("x509_common_name")) names.emplace_back(View(name));
  return names;
}

// gRPC asks this for every call, known method or not, before it looks for a handler.
class Doorkeeper final : public grpc::AuthMetadataProcessor {
 public:
  explicit Doorkeeper(std::shared_ptr<const Authenticator> authenticator) : authenticator_(std::move(authenticator)) {}

  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata* consumed,
                       OutputMetadata* /*response*/) override {
    Credentials shown{.token = std::nullopt, .certificate_names = CertificateNames(*context)};
    const auto [first, last] = metadata.equal_range("authorization");
    for (auto header = first; header != last; ++header) {
      shown.token = BearerToken(View(header->second)).value_or("");
      consumed->emplace(std::string(View(header->first)), std::string(View(header->second)));
    }
    const auto path = metadata.find(":path");
    const absl::string_view method = path == metadata.end() ? "" : View(path->second);
    const absl::Status allowed = MayCall(*authenticator_, shown, method);
    if (allowed.ok()) return grpc::Status::OK;
    LogDebug("a call was refused", {{"method", method}, {"reason", allowed.message()}});
    return {static_cast<grpc::StatusCode>(allowed.code()), std::string(allowed.message())};
  }

 private:
  const std::shared_ptr<const Authenticator> authenticator_;
};

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> EncryptedPort(const v1::Config& config) {
  const v1::Tls& tls = config.tls();
  if (tls.certificate_file().empty()) {
    return absl::FailedPreconditionError(
        "`tls` names no certificate_file and key_file, and a coordinator needs them: `scripts/make-certificates` makes "
        "some to try with");
  }
  RETURN_IF_ERROR(CheckTlsFiles(tls));
  grpc::experimental::TlsServerCredentialsOptions options(WatchedFiles(tls));
  options.watch_identity_key_cert_pairs();
  if (!tls.ca_file().empty()) {
    options.watch_root_certs();
    // Without identities the certificate is all there is to know a peer by.
    options.set_cert_request_type(config.identities().empty()
                                      ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                      : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

// gRPC asks nobody on a port without credentials, and has credentials without encryption for these hosts only.
absl::Status CheckLoopback(absl::string_view address) {
  for (const absl::string_view host : {"127.0.0.1:", "localhost:", "[::1]:"}) {
    if (absl::StartsWith(address, host)) return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("`identities` need `tls` at ", address,
                   "; without it they are looked at on 127.0.0.1, localhost and [::1] only"));
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> PlainPort(const v1::Config& config,
                                                                   const ListenAddress& listen) {
  if (!listen.local && !config.coordinator().allow_plaintext()) {
    return absl::FailedPreconditionError(absl::StrCat(
        listen.address,
        " can be reached from other machines, and connections are not encrypted without `tls`: name "
        "its files, listen on 127.0.0.1 or a Unix socket, or say coordinator.allow_plaintext: true where the network "
        "is yours alone"));
  }
  if (!config.identities().empty()) {
    RETURN_IF_ERROR(CheckLoopback(listen.address));
    return grpc::experimental::LocalServerCredentials(LOCAL_TCP);
  }
  if (!listen.local) {
    LogWarning("connections are not encrypted, and whoever reaches the port may do everything: set `tls`",
               {{"listen", listen.address}});
  }
  return grpc::InsecureServerCredentials();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const v1::Config& config, std::shared_ptr<const Authenticator> authenticator) {
  ASSIGN_OR_RETURN(const ListenAddress listen, ParseListen(config.coordinator().listen(), "/"));
  if (absl::StartsWith(listen.address, "unix:")) return grpc::InsecureServerCredentials();
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::ServerCredentials> credentials,
                   config.has_tls() ? EncryptedPort(config) : PlainPort(config, listen));
  if (!authenticator->everybody())
    credentials->SetAuthMetadataProcessor(std::make_shared<Doorkeeper>(std::move(authenticator)));
  return credentials;
}

}  // namespace tikhaul
