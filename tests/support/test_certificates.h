// A private certificate authority for tests, and certificates of it, made by scripts/make-certificates.
#ifndef TIKHAUL_TESTS_SUPPORT_TEST_CERTIFICATES_H_
#define TIKHAUL_TESTS_SUPPORT_TEST_CERTIFICATES_H_

#include <string>

#include "tests/support/scratch_folder.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// The files go with the object. A script that fails stops the test program.
class TestCertificates {
 public:
  // Makes a certificate for "server", good for localhost, 127.0.0.1 and ::1.
  TestCertificates();

  // Makes a certificate of that name, also for `hosts` (commas between them); anew when there is one.
  void Make(const std::string& name, const std::string& hosts = "") const;

  std::string CaFile() const { return folder_.Path("ca.pem"); }
  std::string CertificateFile(const std::string& name) const { return folder_.Path(name + ".pem"); }
  std::string KeyFile(const std::string& name) const { return folder_.Path(name + ".key"); }
  // What the configuration of the owner of that certificate says; empty name: only what it believes.
  v1::Tls Tls(const std::string& name) const;

 private:
  ScratchFolder folder_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_TEST_CERTIFICATES_H_
