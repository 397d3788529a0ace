// Commands as a person types them.
#ifndef TIKHAUL_TESTS_SUPPORT_SHELL_H_
#define TIKHAUL_TESTS_SUPPORT_SHELL_H_

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "common/base/files.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {

struct ShellResult {
  int code = -1;  // -1: ended by a signal
  std::string out, err;
};

// Runs the command by /bin/sh and waits for it.
inline ShellResult RunShell(const std::string& command) {
  const ScratchFolder folder;
  const std::string out = folder.Path("out"), err = folder.Path("err");
  const int status = std::system(("( " + command + "\n) >" + out + " 2>" + err + " </dev/null").c_str());
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = ReadFile(out).value_or(""),
          .err = ReadFile(err).value_or("")};
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_SHELL_H_
