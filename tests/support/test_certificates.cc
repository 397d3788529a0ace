#include "tests/support/test_certificates.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace tikhaul {

TestCertificates::TestCertificates() { Make("server", "localhost,127.0.0.1,::1"); }

void TestCertificates::Make(const std::string& name, const std::string& hosts) const {
  const std::string command =
      absl::StrCat(TIKHAUL_SCRIPTS, "/make-certificates ", folder_.path(), " '", name, "=", hosts, "'");
  if (std::system(command.c_str()) == 0) return;
  std::fprintf(stderr, "failed: %s\n", command.c_str());
  std::abort();
}

v1::Tls TestCertificates::Tls(const std::string& name) const {
  v1::Tls tls;
  tls.set_ca_file(CaFile());
  if (name.empty()) return tls;
  tls.set_certificate_file(CertificateFile(name));
  tls.set_key_file(KeyFile(name));
  return tls;
}

}  // namespace tikhaul
