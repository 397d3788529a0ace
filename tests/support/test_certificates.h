// A private certificate authority for tests, and certificates of it, made by scripts/make-certificates.
#ifndef TIKHAUL_TESTS_SUPPORT_TEST_CERTIFICATES_H_
#define TIKHAUL_TESTS_SUPPORT_TEST_CERTIFICATES_H_

#include <string>

#include "tests/support/scratch_folder.h"

namespace tikhaul {

// The files go with the object. A script that fails stops the test program.
class TestCertificates {
 public:
  static constexpr char kThisMachine[] = "localhost,127.0.0.1,::1";

  // Makes the authority, and a first certificate.
  explicit TestCertificates(const std::string& name = "server", const std::string& hosts = kThisMachine) {
    Make(name, hosts);
  }

  // Makes a certificate of that name, also for `hosts` (commas between them); anew when there is one. It is valid from
  // now for so many days; negative: it has expired.
  void Make(const std::string& name, const std::string& hosts = "", int days = 1) const;

  std::string CaFile() const { return folder_.Path("ca.pem"); }
  std::string CertificateFile(const std::string& name) const { return folder_.Path(name + ".pem"); }
  std::string KeyFile(const std::string& name) const { return folder_.Path(name + ".key"); }

 private:
  ScratchFolder folder_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_TEST_CERTIFICATES_H_
