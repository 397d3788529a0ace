// `tikhaul check`: is everything in place?
#include <CLI/CLI.hpp>

#include "cli/check_lines.h"
#include "cli/commands/commands.h"

namespace tikhaul {
namespace {

int RunCheck(Session& session) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  const auto answer = (*client)->Call(&v1::Admin::Stub::Check, v1::CheckRequest(), kLongCallTimeout);
  if (!answer.ok()) return session.Fail(answer.status());
  if (!session.PrintedAsJson(*answer)) PrintCheck(session.console(), *answer);
  return answer->ok() ? kExitOk : kExitFailed;
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
