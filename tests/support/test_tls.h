// Test certificates as a configuration names them.
#ifndef TIKHAUL_TESTS_SUPPORT_TEST_TLS_H_
#define TIKHAUL_TESTS_SUPPORT_TEST_TLS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/test_certificates.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// What the configuration of the owner of that certificate says; empty name: only what it believes.
inline v1::Tls TlsOf(const TestCertificates& certificates, const std::string& name) {
  v1::Tls tls;
  tls.set_ca_file(certificates.CaFile());
  if (name.empty()) return tls;
  tls.set_certificate_file(certificates.CertificateFile(name));
  tls.set_key_file(certificates.KeyFile(name));
  return tls;
}

// The same as a line of tikhaul.yaml.
inline std::string TlsYaml(const v1::Tls& tls) {
  std::string yaml = absl::StrCat("tls: {certificate_file: ", tls.certificate_file(), ", key_file: ", tls.key_file());
  if (!tls.ca_file().empty()) absl::StrAppend(&yaml, ", ca_file: ", tls.ca_file());
  return yaml + "}\n";
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_TEST_TLS_H_
