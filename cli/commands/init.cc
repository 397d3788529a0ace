// `tikhaul init`: a configuration to start from.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "common/base/files.h"
#include "common/config/config.h"

namespace tikhaul {
namespace {

struct InitOptions {
  std::string path;
  bool force = false;
};

constexpr char kNextSteps[] =
    "Next:\n"
    "  1. put your developer app's id, the files of its secret and of your token, and your advertisers into it (each "
    "key\n"
    "     is explained there); no token yet? tikhaul auth exchange --listen\n"
    "  2. tikhaul check    is everything in place?\n"
    "  3. tikhaul plan     what would a backfill cost?\n"
    "  4. tikhaul local    run it, all on this machine\n";

int RunInit(Session& session, const InitOptions& options) {
  std::string path = options.path.empty() ? session.config_path : options.path;
  if (std::filesystem::is_directory(path)) path = absl::StrCat(path, "/tikhaul.yaml");
  if (!options.force && access(path.c_str(), F_OK) == 0) {
    return session.Fail(absl::AlreadyExistsError(
        absl::StrCat(path, " is there already: edit it, or write over it with `tikhaul init --force`")));
  }
  const absl::Status written = WriteFileAtomically(path, StarterConfig());
  if (!written.ok()) return session.Fail(written);
  session.console().out << "wrote " << path << "\n" << kNextSteps;
  return kExitOk;
}

}  // namespace

void AddInit(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("init", "Writes a commented configuration to start from");
  const auto options = std::make_shared<InitOptions>();
  command->add_option("PATH", options->path, "File or folder; default: the file named by --config");
  command->add_flag("--force", options->force, "Write over a file that is there");
  command->callback([&session, options] { session.exit_code = RunInit(session, *options); });
}

}  // namespace tikhaul
