#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/redis/socket_wait.h"
#include "common/redis/transport.h"

namespace tikhaul {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using ContextPtr = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Deleter<SSL_free>>;

// Before each call, so that what SSL_get_error sees is of that call.
void ForgetErrors() {
  ERR_clear_error();
  errno = 0;
}

// What the newest entry of this thread's error queue says.
std::string Reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "no reason given" : reason;
}

absl::Status BadFile(absl::string_view setting, const std::string& path, absl::string_view mend) {
  const absl::Status read = ReadFile(path).status();
  const std::string why = read.ok() ? absl::StrCat(path, " cannot be used: ", Reason()) : std::string(read.message());
  return absl::FailedPreconditionError(absl::StrCat("redis_options.", setting, ": ", why, "; ", mend));
}

// A key with a passphrase would ask for it on the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

// Of four or sixteen bytes; others are no address.
std::string AddressText(absl::string_view bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  if (bytes.size() == 4) inet_ntop(AF_INET, bytes.data(), text, sizeof(text));
  if (bytes.size() == 16) inet_ntop(AF_INET6, bytes.data(), text, sizeof(text));
  return text[0] == '\0' ? "an address that cannot be read" : text;
}

// The names in the certificate that the server has shown, for people.
std::string NamesIn(X509* certificate) {
  std::vector<std::string> names;
  auto* const found =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(found); ++i) {
    int kind = 0;
    const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(found, i), &kind);
    const auto* const text = static_cast<const ASN1_STRING*>(value);
    const absl::string_view bytes =
        kind == GEN_DNS || kind == GEN_IPADD
            ? absl::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), ASN1_STRING_length(text))
            : "";
    if (kind == GEN_DNS) names.push_back(absl::CEscape(bytes));
    if (kind == GEN_IPADD) names.push_back(AddressText(bytes));
  }
  GENERAL_NAMES_free(found);
  return names.empty() ? "no name" : absl::StrJoin(names, ", ");
}

// Keeps the names of a certificate that is not believed, where SSL_set_app_data points to. The verdict stays as it is.
int NoteNames(int believed, X509_STORE_CTX* verified) {
  if (believed == 1) return 1;
  const auto* const ssl =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(verified, SSL_get_ex_data_X509_STORE_CTX_idx()));
  *static_cast<std::string*>(SSL_get_app_data(ssl)) = NamesIn(X509_STORE_CTX_get0_cert(verified));
  return 0;
}

absl::StatusOr<ContextPtr> MakeContext(const TlsFiles& files) {
  ContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return absl::ResourceExhaustedError("out of memory for TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, NoteNames);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_default_passwd_cb(context.get(), NoPassphrase);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (files.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_locations(context.get(), files.ca.c_str(), nullptr) != 1) {
    return BadFile("ca_file", files.ca, "it holds the certificates of authorities in PEM form");
  }
  if (files.certificate.empty()) return context;
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return BadFile("certificate_file", files.certificate, "it holds a certificate in PEM form, then its chain");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return BadFile("key_file", files.key, "it holds the key of certificate_file in PEM form, without a passphrase");
  }
  return context;
}

bool IsAddress(const std::string& host) {
  in6_addr parsed;
  return inet_pton(AF_INET, host.c_str(), &parsed) == 1 || inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

// False: out of memory.
bool Expect(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl);
  if (IsAddress(host)) return X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) == 1 &&
         SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

// Why the server's certificate was not believed, and the mend.
absl::Status Disbelief(long verdict, const TlsFiles& files, const std::string& host, const std::string& names) {
  std::string why = X509_verify_cert_error_string(verdict);
  std::string mend = "see the certificate of the server, and redis_options.ca_file";
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      why = absl::StrCat("it is not for ", host, " but for ", names);
      mend = "write a name that it holds into the address `redis`, or give the server a certificate for this one";
      break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      mend = "give the server one that is valid now, and see that this machine's clock is right";
      break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      mend = files.ca.empty()
                 ? "name the file with the authority's certificate as redis_options.ca_file"
                 : absl::StrCat("the authority that signed it is not in redis_options.ca_file, ", files.ca);
      break;
    default:
      break;
  }
  return absl::UnauthenticatedError(absl::StrCat("the server's certificate is not believed: ", why, "; ", mend));
}

// What TLS itself says is wrong.
absl::Status Protest(unsigned long error) {
  const char* mend = "";
  switch (ERR_GET_REASON(error)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_HTTP_REQUEST:
      mend =
          "; that port does not speak TLS: name the TLS port in the address `redis`, or write redis:// for a plain one";
      break;
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      mend = "; the server asks for a certificate: set redis_options.certificate_file and key_file";
      break;
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      mend =
          "; the server does not believe our certificate, redis_options.certificate_file: see its expiry, and the "
          "server's tls-ca-cert-file";
      break;
    default:
      break;
  }
  const char* const reason = ERR_reason_error_string(error);
  return absl::FailedPreconditionError(
      absl::StrCat("TLS fails: ", reason == nullptr ? "unknown reason" : reason, mend));
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(int socket, SslPtr ssl) : socket_(socket), ssl_(std::move(ssl)) {}

  absl::Status Handshake(const TlsFiles& files, const std::string& host, absl::Duration patience) {
    SSL_set_app_data(ssl_.get(), &refused_names_);
    for (;;) {
      ForgetErrors();
      const int done = SSL_connect(ssl_.get());
      if (done == 1) return absl::OkStatus();
      const absl::Status status = WaitOrFail(done, patience);
      if (status.ok()) continue;
      const long verdict = SSL_get_verify_result(ssl_.get());
      return verdict == X509_V_OK ? status : Disbelief(verdict, files, host, refused_names_);
    }
  }

  absl::Status Send(absl::string_view bytes, absl::Duration patience) override {
    while (!bytes.empty()) {
      ForgetErrors();
      size_t sent = 0;
      const int done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
      if (done == 1) {
        bytes.remove_prefix(sent);
        continue;
      }
      const absl::Status status = WaitOrFail(done, patience);
      if (!status.ok()) return LastWords(status);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Receive(absl::Span<char> buffer, absl::Duration patience) override {
    for (;;) {
      ForgetErrors();
      size_t got = 0;
      const int done = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got);
      if (done == 1) return got;
      RETURN_IF_ERROR(WaitOrFail(done, patience));
    }
  }

  // Session tickets and the like are read on the way, and are not the server's words.
  bool Silent() override {
    ForgetErrors();
    char byte;
    size_t got = 0;
    const int done = SSL_peek_ex(ssl_.get(), &byte, 1, &got);
    return done != 1 && SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ;
  }

 private:
  // After a call that gave `done`: OK when it is to be made again.
  absl::Status WaitOrFail(int done, absl::Duration patience) {
    const int saved_errno = errno;
    switch (SSL_get_error(ssl_.get(), done)) {
      case SSL_ERROR_WANT_READ:
        return WaitFor(socket_, POLLIN, patience);
      case SSL_ERROR_WANT_WRITE:
        return WaitFor(socket_, POLLOUT, patience);
      case SSL_ERROR_ZERO_RETURN:
        return absl::UnavailableError("the server has closed it");
      case SSL_ERROR_SYSCALL:
        if (saved_errno != 0) return SocketFault(saved_errno);
        return absl::UnavailableError("the server has closed it");
      default:
        break;
    }
    const unsigned long error = ERR_peek_last_error();
    if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
      return absl::UnavailableError("the server has closed it");
    }
    return Protest(error);
  }

  // A server that closes the connection says why before: it stands there to be read when sending fails.
  absl::Status LastWords(const absl::Status& status) {
    if (!absl::IsUnavailable(status)) return status;
    ForgetErrors();
    char byte;
    size_t got = 0;
    const int done = SSL_peek_ex(ssl_.get(), &byte, 1, &got);
    if (done == 1 || SSL_get_error(ssl_.get(), done) != SSL_ERROR_SSL) return status;
    const absl::Status said = WaitOrFail(done, absl::ZeroDuration());
    return absl::IsUnavailable(said) ? status : said;
  }

  const int socket_;
  std::string refused_names_;  // of the certificate that is not believed
  const SslPtr ssl_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Transport>> MakeTlsTransport(int socket, const TlsFiles& files, const std::string& host,
                                                            absl::Duration patience) {
  ForgetErrors();
  ASSIGN_OR_RETURN(const ContextPtr context, MakeContext(files));
  SslPtr ssl(SSL_new(context.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), socket) != 1 || !Expect(ssl.get(), host)) {
    return absl::ResourceExhaustedError("out of memory for TLS");
  }
  auto transport = std::make_unique<TlsTransport>(socket, std::move(ssl));
  RETURN_IF_ERROR(transport->Handshake(files, host, patience));
  return transport;
}

}  // namespace tikhaul
