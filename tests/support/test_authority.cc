#include "tests/support/test_authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/string_view.h"

namespace tikhaul {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;

void Must(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "TestAuthority: %s\n", what);
  std::abort();
}

void Extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  Must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "no extension");
  X509_EXTENSION_free(extension);
}

CertificatePtr Blank(EVP_PKEY* key, const std::string& name, absl::Duration valid_for) {
  CertificatePtr certificate(X509_new());
  uint64_t serial = 0;
  Must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1, "no random number");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -absl::ToInt64Seconds(absl::Hours(1)));
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), static_cast<long>(absl::ToInt64Seconds(valid_for)));
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

template <typename Write>
void WritePem(const std::string& path, Write write) {
  FILE* const file = std::fopen(path.c_str(), "w");
  Must(file != nullptr && write(file) == 1 && std::fclose(file) == 0, "a file cannot be written");
}

void WriteCertificate(const std::string& path, X509* certificate) {
  WritePem(path, [&](FILE* file) { return PEM_write_X509(file, certificate); });
}

}  // namespace

struct TestAuthority::Own {
  KeyPtr key;
  CertificatePtr certificate;
};

TestAuthority::TestAuthority(std::string folder)
    : folder_(std::move(folder)), file_(folder_ + "/authority.pem"), own_(std::make_unique<Own>()) {
  own_->key.reset(EVP_EC_gen("P-256"));
  own_->certificate = Blank(own_->key.get(), "tests of tikhaul", absl::Hours(240));
  X509* const certificate = own_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  Extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  Extend(certificate, certificate, NID_subject_key_identifier, "hash");
  Must(X509_sign(certificate, own_->key.get(), EVP_sha256()) > 0, "no signature");
  WriteCertificate(file_, certificate);
}

TestAuthority::~TestAuthority() = default;

CertificateFiles TestAuthority::Issue(const std::string& file, const std::string& names, absl::Duration valid_for) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate = Blank(key.get(), file, valid_for);
  X509* const issuer = own_->certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  Extend(certificate.get(), issuer, NID_subject_alt_name, names);
  Extend(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  Must(X509_sign(certificate.get(), own_->key.get(), EVP_sha256()) > 0, "no signature");
  CertificateFiles files{folder_ + "/" + file + ".pem", folder_ + "/" + file + ".key"};
  WriteCertificate(files.certificate, certificate.get());
  WritePem(files.key,
           [&](FILE* out) { return PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  return files;
}

}  // namespace tikhaul
