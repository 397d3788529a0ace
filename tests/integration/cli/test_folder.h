// A folder for one test, and waiting for what must happen.
#ifndef TIKHAUL_TESTS_INTEGRATION_CLI_TEST_FOLDER_H_
#define TIKHAUL_TESTS_INTEGRATION_CLI_TEST_FOLDER_H_

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/files.h"

namespace tikhaul {

// Short enough for Unix sockets. Goes with what lies in it.
class TestFolder {
 public:
  TestFolder() {
    if (mkdtemp(path_.data()) == nullptr) abort();
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return absl::StrCat(path_, "/", name); }

 private:
  std::string path_ = "/tmp/tikhaul-cli-XXXXXX";
};

// True as soon as `condition` is; false when it is not within ten seconds.
inline bool Eventually(const std::function<bool()>& condition) {
  const SystemClock clock;
  const absl::Duration deadline = clock.Monotonic() + absl::Seconds(10);
  while (!condition()) {
    if (clock.Monotonic() > deadline) return false;
    poll(nullptr, 0, 10);
  }
  return true;
}

// True when the process is gone or a zombie that nobody has waited for (as under an init that does not).
inline bool HasEnded(pid_t pid) {
  if (kill(pid, 0) != 0) return true;
  const std::string stat = ReadFile(absl::StrCat("/proc/", pid, "/stat")).value_or("");
  const size_t name_end = stat.rfind(')');
  return name_end == std::string::npos || stat.compare(name_end, 3, ") Z") == 0;
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_INTEGRATION_CLI_TEST_FOLDER_H_
