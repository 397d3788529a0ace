// The certificate that an HTTPS server shows, read again when its files change.
#ifndef TIKHAUL_COMMON_HTTP_SERVER_CERTIFICATE_H_
#define TIKHAUL_COMMON_HTTP_SERVER_CERTIFICATE_H_

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/mutex.h"

namespace tikhaul {

// Thread-safe.
class ServerCertificate {
 public:
  // PEM files. FAILED_PRECONDITION names the file that cannot be used.
  static absl::StatusOr<std::unique_ptr<ServerCertificate>> Load(const std::string& certificate_file,
                                                                 const std::string& key_file);
  // Each handshake of the context shows what the files hold then; files that are being replaced and do not fit each
  // other are left for the next one, which shows what was good before. Borrowed by the context.
  void Serve(SSL_CTX& context);

 private:
  // Of two files: a change of either is a change.
  using Stamp = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;

  ServerCertificate(std::string certificate_file, std::string key_file)
      : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)) {}
  Stamp StampOfFiles() const;
  absl::StatusOr<std::shared_ptr<SSL_CTX>> Read() const;
  std::shared_ptr<SSL_CTX> Newest() ABSL_LOCKS_EXCLUDED(mu_);
  static int OnHandshake(SSL* ssl, void* self);

  const std::string certificate_file_, key_file_;
  Mutex mu_;
  Stamp stamp_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<SSL_CTX> pair_ ABSL_GUARDED_BY(mu_);  // holds certificate, issuers and key, and serves nothing
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_HTTP_SERVER_CERTIFICATE_H_
