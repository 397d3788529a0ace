// `tikhaul check`: is everything in place?
#include <CLI/CLI.hpp>

#include "cli/check_lines.h"
#include "cli/commands/commands.h"

namespace tikhaul {
namespace {

int RunCheck(Session& session) {
  const absl::StatusOr<v1::CheckResponse> answer = AskForCheck(session);
  return answer.ok() ? ShowCheck(session, *answer) : session.Fail(answer.status());
}

}  // namespace

void AddCheck(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "check",
      "Checks configuration, API, tokens, advertisers, store and Redis: one line each, with what to do.\n"
      "Spends a handful of API calls. Starts a coordinator for the length of the command when none runs here.");
  command->callback([&session] { session.exit_code = RunCheck(session); });
}

}  // namespace tikhaul
