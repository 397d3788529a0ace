#include "tests/support/test_certificates.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace tikhaul {

void TestCertificates::Make(const std::string& name, const std::string& hosts, int days) const {
  const std::string command = absl::StrCat(TIKHAUL_SCRIPTS, "/make-certificates --days ", days, " ", folder_.path(),
                                           " '", name, "=", hosts, "'");
  if (std::system(command.c_str()) == 0) return;
  std::fprintf(stderr, "failed: %s\n", command.c_str());
  std::abort();
}

}  // namespace tikhaul
