// A folder of its own for each test, with a path short enough for Unix sockets, gone with the object.
#ifndef TIKHAUL_TESTS_SUPPORT_SCRATCH_FOLDER_H_
#define TIKHAUL_TESTS_SUPPORT_SCRATCH_FOLDER_H_

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/string_view.h"

namespace tikhaul {

// A machine without a writable /tmp stops the test program.
class ScratchFolder {
 public:
  ScratchFolder() {
    char name[] = "/tmp/tkt-XXXXXX";
    if (mkdtemp(name) == nullptr) {
      std::perror("mkdtemp /tmp/tkt-XXXXXX");
      std::abort();
    }
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string Path(absl::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_SCRATCH_FOLDER_H_
