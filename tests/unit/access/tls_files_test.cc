#include "common/access/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/files.h"
#include "tests/support/test_tls.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

class TlsFilesTest : public ::testing::Test {
 protected:
  std::string Trouble() const {
    const absl::Status status = CheckTlsFiles(tls_);
    EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kFailedPrecondition) << status;
    return std::string(status.message());
  }

  const TestCertificates certificates_;
  v1::Tls tls_ = TlsOf(certificates_, "server");
};

TEST_F(TlsFilesTest, WholeSetsPass) {
  EXPECT_EQ(Trouble(), "");
  tls_.clear_ca_file();
  EXPECT_EQ(Trouble(), "");
  EXPECT_TRUE(CheckTlsFiles(TlsOf(certificates_, "")).ok());
}

TEST_F(TlsFilesTest, AKeyOfAnotherCertificate) {
  certificates_.Make("other");
  tls_.set_key_file(certificates_.KeyFile("other"));
  EXPECT_THAT(Trouble(), HasSubstr("tls.key_file: " + certificates_.KeyFile("other") + " holds no key"));
}

TEST_F(TlsFilesTest, FilesThatAreMissingOrSomethingElse) {
  tls_.set_certificate_file("/nowhere/c.pem");
  EXPECT_THAT(Trouble(), HasSubstr("tls.certificate_file: cannot read /nowhere/c.pem"));
  tls_ = TlsOf(certificates_, "server");
  ASSERT_TRUE(WriteFileAtomically(certificates_.CertificateFile("server"), "no certificate").ok());
  EXPECT_THAT(Trouble(), HasSubstr("holds no certificate in PEM form"));
  tls_ = TlsOf(certificates_, "");
  ASSERT_TRUE(WriteFileAtomically(certificates_.CaFile(), "").ok());
  EXPECT_THAT(Trouble(), HasSubstr("tls.ca_file"));
}

}  // namespace
}  // namespace tikhaul
