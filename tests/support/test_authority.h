// Certificates for tests: an authority of their own, and what it signs.
#ifndef TIKHAUL_TESTS_SUPPORT_TEST_AUTHORITY_H_
#define TIKHAUL_TESTS_SUPPORT_TEST_AUTHORITY_H_

#include <memory>
#include <string>

#include "absl/time/time.h"

namespace tikhaul {

// Files of a certificate and its key, PEM.
struct CertificateFiles {
  std::string certificate;
  std::string key;
};

// Writes files into a folder that must outlive those that read them. What cannot be made stops the test program.
class TestAuthority {
 public:
  explicit TestAuthority(std::string folder);
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // The authority's own certificate.
  const std::string& file() const { return file_; }
  // A certificate for `names`, such as "DNS:localhost,IP:127.0.0.1", valid from an hour ago for `valid_for` from now
  // (negative: it has expired). Files are called after `file`, and written anew when they are there.
  CertificateFiles Issue(const std::string& file, const std::string& names, absl::Duration valid_for = absl::Hours(24));

 private:
  struct Own;  // certificate and key

  const std::string folder_;
  const std::string file_;
  std::unique_ptr<Own> own_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_TEST_AUTHORITY_H_
