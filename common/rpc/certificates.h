// The files of `tls` as gRPC's credentials, of servers and clients alike.
#ifndef TIKHAUL_COMMON_RPC_CERTIFICATES_H_
#define TIKHAUL_COMMON_RPC_CERTIFICATES_H_

#include <grpcpp/security/tls_credentials_options.h>

#include <memory>

#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// New connections have what the files hold, at most this long after they have changed.
inline constexpr unsigned int kCertificateRefreshSeconds = 2;

// At least one file is named, and CheckTlsFiles was content.
inline std::shared_ptr<grpc::experimental::CertificateProviderInterface> WatchedFiles(const v1::Tls& tls) {
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key_file(), tls.certificate_file(), tls.ca_file(), kCertificateRefreshSeconds);
}

// Sets what `options` believes and shows. Without ca_file a client believes the system's certificates.
inline void WatchCertificates(const v1::Tls& tls, grpc::experimental::TlsCredentialsOptions& options) {
  if (tls.ca_file().empty() && tls.certificate_file().empty()) return;
  options.set_certificate_provider(WatchedFiles(tls));
  if (!tls.ca_file().empty()) options.watch_root_certs();
  if (!tls.certificate_file().empty()) options.watch_identity_key_cert_pairs();
}

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_RPC_CERTIFICATES_H_
