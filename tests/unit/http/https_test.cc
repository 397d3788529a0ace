// HTTPS, with certificates made by the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"
#include "common/base/files.h"
#include "common/http/http_server.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {
namespace {

using testing::HasSubstr;

// Writes a certificate that its own key has signed, for 127.0.0.1, and the key.
void WriteCertificate(const std::string& certificate_file, const std::string& key_file, const std::string& name) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_set_version(certificate.get(), 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), subject);
  X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  FILE* file = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate.get());
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

class HttpsTest : public testing::Test {
 protected:
  HttpsTest() { WriteCertificate(tls_.certificate_file, tls_.key_file, "first"); }

  void Start() {
    auto server =
        HttpServer::Start("127.0.0.1:0", {{"/", [](const HttpRequest&) { return HttpAnswer{.body = "seen"}; }}}, tls_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  // The name in the certificate that a new connection is shown, which must be the one that `trusted` holds; empty when
  // there is no answer.
  std::string NameShown(const std::string& trusted) {
    httplib::SSLClient client("127.0.0.1", server_->port());
    client.set_ca_cert_path(trusted.c_str());
    const auto answer = client.Get("/");
    if (!answer || answer->body != "seen") return "";
    FILE* const file = std::fopen(trusted.c_str(), "r");
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_X509(file, nullptr, nullptr, nullptr),
                                                                  X509_free);
    std::fclose(file);
    char name[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof(name));
    return name;
  }

  ScratchFolder folder_;
  const HttpTls tls_ = {.certificate_file = folder_.Path("certificate.pem"), .key_file = folder_.Path("key.pem")};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpsTest, HttpsAloneIsServed) {
  Start();
  EXPECT_EQ(NameShown(tls_.certificate_file), "first");
  httplib::Client plain("127.0.0.1", server_->port());
  EXPECT_FALSE(plain.Get("/"));
}

TEST_F(HttpsTest, ANewCertificateIsShownWithoutARestart) {
  Start();
  WriteCertificate(folder_.Path("second.pem"), folder_.Path("second_key.pem"), "second");
  EXPECT_EQ(NameShown(folder_.Path("second.pem")), "");
  // Between the two renames the files do not fit each other: the first pair is shown on.
  std::filesystem::copy_file(tls_.certificate_file, folder_.Path("first.pem"));
  std::filesystem::copy_file(folder_.Path("second.pem"), folder_.Path("new"));
  std::filesystem::rename(folder_.Path("new"), tls_.certificate_file);
  EXPECT_EQ(NameShown(folder_.Path("first.pem")), "first");
  std::filesystem::rename(folder_.Path("second_key.pem"), tls_.key_file);
  EXPECT_EQ(NameShown(folder_.Path("second.pem")), "second");
  EXPECT_EQ(NameShown(folder_.Path("first.pem")), "");
}

TEST_F(HttpsTest, AFileThatIsNoCertificateIsNamed) {
  ASSERT_TRUE(WriteFileAtomically(tls_.certificate_file, "nothing").ok());
  const auto server = HttpServer::Start("127.0.0.1:0", {}, tls_);
  EXPECT_EQ(server.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(server.status().message()), HasSubstr(tls_.certificate_file));
}

TEST_F(HttpsTest, AKeyOfAnotherCertificateIsRefused) {
  WriteCertificate(folder_.Path("other.pem"), tls_.key_file, "other");
  const auto server = HttpServer::Start("127.0.0.1:0", {}, tls_);
  EXPECT_EQ(server.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(server.status().message()), HasSubstr(tls_.key_file));
}

}  // namespace
}  // namespace tikhaul
