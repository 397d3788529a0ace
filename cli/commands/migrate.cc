// `tikhaul migrate`: brings the store to the schema of this version.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/local/local_folder.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

// Only the coordinator knows the store; it says itself what is wrong.
absl::StatusOr<int> RunCoordinator(const std::string& config_path) {
  ASSIGN_OR_RETURN(const std::string folder, FolderOfThisProgram());
  const std::string program = folder + "/tikhaul-coordinator";
  const pid_t child = fork();
  if (child < 0) return absl::UnavailableError(absl::StrCat("cannot start a process: ", std::strerror(errno)));
  if (child == 0) {
    execl(program.c_str(), program.c_str(), "--config", config_path.c_str(), "--migrate", "--log-level", "warning",
          nullptr);
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    return absl::NotFoundError(absl::StrCat("cannot start ", program));
  return WIFEXITED(status) ? WEXITSTATUS(status) : kExitFailed;
}

int RunMigrate(Session& session) {
  const absl::StatusOr<int> code = RunCoordinator(session.config_path);
  if (!code.ok()) return session.Fail(code.status());
  if (*code != 0) return kExitFailed;
  if (session.json) {
    session.console().out << "{\"migrated\":true}\n";
  } else {
    session.console().out << "the store has the schema of this version\n";
  }
  return kExitOk;
}

}  // namespace

void AddMigrate(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "migrate",
      "Brings the store to the schema of this version, which a coordinator does by itself unless the configuration\n"
      "says store_options: {migrate: by_hand}. Stop the coordinator and make a backup first.");
  command->callback([&session] { session.exit_code = RunMigrate(session); });
}

}  // namespace tikhaul
