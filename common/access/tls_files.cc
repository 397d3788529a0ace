#include "common/access/tls_files.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

absl::Status Wrong(absl::string_view key, absl::string_view path, absl::string_view what) {
  ERR_clear_error();
  return absl::FailedPreconditionError(absl::StrCat("tls.", key, ": ", path, " ", what));
}

absl::Status CheckReadable(absl::string_view key, const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  const absl::Status read = ReadFile(path).status();
  return read.ok() ? read : absl::FailedPreconditionError(absl::StrCat("tls.", key, ": ", read.message()));
}

absl::Status CheckDates(const v1::Tls& tls, const X509& certificate) {
  if (X509_cmp_current_time(X509_get0_notBefore(&certificate)) > 0) {
    return Wrong("certificate_file", tls.certificate_file(), "is not valid yet: check this machine's clock");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0) {
    return Wrong("certificate_file", tls.certificate_file(), "has expired: put a new certificate there");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTlsFiles(const v1::Tls& tls) {
  RETURN_IF_ERROR(CheckReadable("ca_file", tls.ca_file()));
  RETURN_IF_ERROR(CheckReadable("certificate_file", tls.certificate_file()));
  RETURN_IF_ERROR(CheckReadable("key_file", tls.key_file()));
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()), &SSL_CTX_free);
  if (context == nullptr) return absl::InternalError("OpenSSL cannot be used");
  if (!tls.ca_file().empty() && SSL_CTX_load_verify_locations(context.get(), tls.ca_file().c_str(), nullptr) != 1) {
    return Wrong("ca_file", tls.ca_file(), "holds no certificate in PEM form");
  }
  if (tls.certificate_file().empty()) return absl::OkStatus();
  if (SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate_file().c_str()) != 1) {
    return Wrong("certificate_file", tls.certificate_file(), "holds no certificate in PEM form");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), tls.key_file().c_str(), SSL_FILETYPE_PEM) != 1) {
    return Wrong("key_file", tls.key_file(),
                 absl::StrCat("holds no key in PEM form without a password, or not that of ", tls.certificate_file()));
  }
  return CheckDates(tls, *SSL_CTX_get0_certificate(context.get()));
}

}  // namespace tikhaul
