// `tikhaul runs`: all runs there were.
#include "cli/runs.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands/commands.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

struct RunsOptions {
  std::string extract;
  std::string kind;
  std::string state;
  uint32_t limit = 50;
};

absl::StatusOr<v1::ListRunsResponse> ReadRuns(AdminClient& client, const RunsOptions& options) {
  constexpr uint32_t kPage = 1000;
  v1::ListRunsRequest request;
  request.set_extract(options.extract);
  request.set_kind(options.kind);
  request.set_state(options.state);
  v1::ListRunsResponse all;
  const auto left = [&] { return options.limit - static_cast<uint32_t>(all.runs_size()); };
  do {
    request.set_page_size(options.limit == 0 ? kPage : std::min(kPage, left()));
    request.set_page_token(all.next_page_token());
    ASSIGN_OR_RETURN(const v1::ListRunsResponse page, client.Call(&v1::Admin::Stub::ListRuns, request));
    all.clear_next_page_token();
    all.MergeFrom(page);
  } while (!all.next_page_token().empty() && (options.limit == 0 || left() > 0));
  return all;
}

int RunRuns(Session& session, const RunsOptions& options) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  const absl::StatusOr<v1::ListRunsResponse> answer = ReadRuns(**client, options);
  if (!answer.ok()) return session.Fail(answer.status());
  if (session.PrintedAsJson(*answer)) return kExitOk;
  session.console().out << (answer->runs().empty() ? "no runs\n" : RunTable(answer->runs()));
  if (!answer->next_page_token().empty()) session.console().err << "there is more: --limit 0 shows all\n";
  return kExitOk;
}

}  // namespace

void AddRuns(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("runs",
                                         "Lists backfills and increments, those that have ended too, newest first.\n"
                                         "Starts a coordinator for the length of the command when none runs here.");
  const auto options = std::make_shared<RunsOptions>();
  command->add_option("--extract", options->extract, "Only those of this extract");
  command->add_option("--kind", options->kind, "Only backfills or increments")
      ->check(CLI::IsMember({"backfill", "increment"}));
  command->add_option("--state", options->state, "Only those in this state")
      ->check(CLI::IsMember({"running", "done", "partial", "cancelled"}));
  command->add_option("--limit", options->limit, "Runs at most; 0: all")->capture_default_str();
  command->callback([&session, options] { session.exit_code = RunRuns(session, *options); });
}

}  // namespace tikhaul
