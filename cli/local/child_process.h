// One child process.
#ifndef TIKHAUL_CLI_LOCAL_CHILD_PROCESS_H_
#define TIKHAUL_CLI_LOCAL_CHILD_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tikhaul {

struct ChildSpec {
  std::string name;                    // for people
  std::vector<std::string> arguments;  // the first is the program: a path, or a name that is looked up in PATH
  std::string log_path;                // standard output and error are appended here
};

// A started program, killed and waited for at the latest when the object goes. The child has a process group of its own
// (a Ctrl-C at the terminal reaches only us), no inherited descriptors, an empty signal mask, default signal actions,
// and gets SIGTERM from the kernel when the thread that started it ends. Movable; one thread at a time, always the
// same.
class ChildProcess {
 public:
  // NOT_FOUND or UNAVAILABLE when the program cannot be started.
  static absl::StatusOr<ChildProcess> Start(const ChildSpec& spec);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  // "exit code 1", "signal 9 (Killed)"; nothing while it runs. Never blocks.
  std::optional<std::string> Ended();
  // SIGTERM, without waiting.
  void Terminate();
  // SIGTERM; SIGKILL when it still runs after `patience`. Returns when it has ended.
  void Stop(absl::Duration patience);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  bool WaitUpTo(absl::Duration patience);

  pid_t pid_ = -1;                    // -1: moved from
  std::optional<std::string> ended_;  // set once the process is waited for
};

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_LOCAL_CHILD_PROCESS_H_
