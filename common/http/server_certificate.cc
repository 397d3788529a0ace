#include "common/http/server_certificate.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"

namespace tikhaul {
namespace {

absl::Status Unusable(absl::string_view what, const std::string& file) {
  char reason[256] = "";
  ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
  ERR_clear_error();
  return absl::FailedPreconditionError(
      absl::StrCat(what, " in ", file, " cannot be used (", reason, "): it must be readable, in PEM form"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerCertificate>> ServerCertificate::Load(const std::string& certificate_file,
                                                                           const std::string& key_file) {
  std::unique_ptr<ServerCertificate> certificate(new ServerCertificate(certificate_file, key_file));
  const Stamp stamp = certificate->StampOfFiles();
  absl::StatusOr<std::shared_ptr<SSL_CTX>> pair = certificate->Read();
  if (!pair.ok()) return pair.status();
  MutexLock lock(certificate->mu_);
  certificate->stamp_ = stamp;
  certificate->pair_ = *std::move(pair);
  return certificate;
}

ServerCertificate::Stamp ServerCertificate::StampOfFiles() const {
  std::error_code ignored;  // a file that is not there has the stamp of none
  return {std::filesystem::last_write_time(certificate_file_, ignored),
          std::filesystem::last_write_time(key_file_, ignored)};
}

absl::StatusOr<std::shared_ptr<SSL_CTX>> ServerCertificate::Read() const {
  const std::shared_ptr<SSL_CTX> pair(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  if (SSL_CTX_use_certificate_chain_file(pair.get(), certificate_file_.c_str()) != 1)
    return Unusable("the certificate", certificate_file_);
  if (SSL_CTX_use_PrivateKey_file(pair.get(), key_file_.c_str(), SSL_FILETYPE_PEM) != 1)
    return Unusable("the key", key_file_);
  if (SSL_CTX_check_private_key(pair.get()) != 1) return Unusable("the key", key_file_);
  return pair;
}

std::shared_ptr<SSL_CTX> ServerCertificate::Newest() {
  const Stamp stamp = StampOfFiles();
  MutexLock lock(mu_);
  if (stamp == stamp_) return pair_;
  absl::StatusOr<std::shared_ptr<SSL_CTX>> pair = Read();
  if (!pair.ok()) {
    LogWarning("the new certificate of the HTTP port cannot be used; the one before is shown",
               {{"error", pair.status().message()}});
    return pair_;
  }
  stamp_ = stamp;
  pair_ = *std::move(pair);
  LogInfo("the HTTP port shows a new certificate", {{"file", certificate_file_}});
  return pair_;
}

int ServerCertificate::OnHandshake(SSL* ssl, void* self) {
  const std::shared_ptr<SSL_CTX> pair = static_cast<ServerCertificate*>(self)->Newest();
  STACK_OF(X509)* issuers = nullptr;
  SSL_CTX_get0_chain_certs(pair.get(), &issuers);
  return SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(pair.get()), SSL_CTX_get0_privatekey(pair.get()), issuers,
                              /*override=*/1);
}

void ServerCertificate::Serve(SSL_CTX& context) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  SSL_CTX_set_cert_cb(&context, OnHandshake, this);
}

}  // namespace tikhaul
