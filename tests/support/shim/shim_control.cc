#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>

#include "absl/strings/str_cat.h"
#include "tests/support/shim/shim.h"

namespace tikhaul {
namespace {

constexpr char kLibrary[] = "libtikhaul_test_shim.so";

}  // namespace

std::string Shim::WhyNot() {
#if defined(__SANITIZE_ADDRESS__)
  return "nothing can be loaded before AddressSanitizer";
#else
  return "";
#endif
}

// Servers may run as other users: folder and library are open to all.
Shim::Shim() {
  chmod(folder_.path().c_str(), 0755);
  const std::filesystem::path built = std::filesystem::read_symlink("/proc/self/exe").parent_path() / kLibrary;
  std::filesystem::copy_file(built, folder_.Path(kLibrary));
  const int fd = open(folder_.Path("shim").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  void* at = MAP_FAILED;
  if (fd >= 0 && fchmod(fd, 0644) == 0 && ftruncate(fd, sizeof(ShimFile)) == 0)
    at = mmap(nullptr, sizeof(ShimFile), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) {
    std::perror("Shim");
    std::abort();
  }
  close(fd);
  file_ = new (at) ShimFile();
}

Shim::~Shim() { munmap(file_, sizeof(ShimFile)); }

std::vector<std::string> Shim::Prefix() const {
  return {"env", absl::StrCat("LD_PRELOAD=", folder_.Path(kLibrary)),
          absl::StrCat(kShimVariable, "=", folder_.Path("shim"))};
}

}  // namespace tikhaul
