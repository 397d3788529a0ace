// `tikhaul backfill` and `tikhaul sync`: work for the coordinator.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands/commands.h"
#include "cli/commands/selectors.h"
#include "cli/format.h"
#include "cli/runs.h"
#include "common/base/process.h"

namespace tikhaul {
namespace {

struct BackfillOptions {
  Selectors selectors;
  std::vector<std::string> only_metrics;  // empty: whole rows
  std::string key;
  bool again = false;
  bool wait = false;
};

struct SyncOptions {
  std::vector<std::string> extracts;
  std::string key;
  bool wait = false;
};

// Shows the runs of an answer; with `wait`, stays until they have ended.
template <typename Response>
int ShowRuns(Session& session, AdminClient& client, const Response& answer, bool wait) {
  const bool json = session.PrintedAsJson(answer);
  if (!json) {
    for (const std::string& note : answer.notes()) session.console().out << Printable(note) << "\n";
    session.console().out << RunTable(answer.runs()) << std::flush;
  }
  if (!wait) return kExitOk;
  std::vector<std::string> ids;
  for (const v1::Run& run : answer.runs()) ids.push_back(run.id());
  if (ids.empty()) return kExitOk;
  const absl::StatusOr<Runs> runs = AwaitRuns(session, client, ids);
  if (!runs.ok()) return session.Fail(runs.status());
  if (!json) session.console().out << RunTable(*runs);
  return ExitCodeOf(*runs);
}

int RunBackfill(Session& session, const BackfillOptions& options) {
  const absl::StatusOr<AdminClient*> client = session.Connect();
  if (!client.ok()) return session.Fail(client.status());
  auto request = RequestFor<v1::BackfillRequest>(options.selectors);
  request.mutable_only_metrics()->Assign(options.only_metrics.begin(), options.only_metrics.end());
  // With a key of the caller's the same command is the same request.
  if (options.again) request.set_again_key(options.key.empty() ? RandomId() : options.key);
  request.set_idempotency_key(options.key);
  const auto answer = (*client)->Call(&v1::Admin::Stub::Backfill, request, kLongCallTimeout);
  if (!answer.ok()) return session.Fail(answer.status());
  return ShowRuns(session, **client, *answer, options.wait);
}

int RunSync(Session& session, const SyncOptions& options) {
  const absl::StatusOr<AdminClient*> client = session.Connect();
  if (!client.ok()) return session.Fail(client.status());
  v1::SyncRequest request;
  request.mutable_extracts()->Assign(options.extracts.begin(), options.extracts.end());
  request.set_idempotency_key(options.key);
  const auto answer = (*client)->Call(&v1::Admin::Stub::Sync, request, kLongCallTimeout);
  if (!answer.ok()) return session.Fail(answer.status());
  return ShowRuns(session, **client, *answer, options.wait);
}

constexpr char kWaitHelp[] = "Stay until the runs have ended, showing progress; with --json one status per line";

}  // namespace

void AddBackfill(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "backfill",
      "Reads history: any extracts, advertisers and days, also into holes and backwards. Never wipes what is there.\n"
      "The same request twice is one backfill; --again reads anew what it has read.\n"
      "--only-metrics reads metrics that were added later, for days that were read, and writes their columns only;\n"
      "days on which the API now has other rows are read again whole.");
  const auto options = std::make_shared<BackfillOptions>();
  AddSelectors(*command, options->selectors);
  AddOnlyMetrics(*command, options->only_metrics);
  AddIdempotencyKey(*command, options->key);
  command->add_flag("--again", options->again, "Read again what an earlier run of the same request has read");
  command->add_flag("--wait", options->wait, kWaitHelp);
  command->callback([&session, options] { session.exit_code = RunBackfill(session, *options); });
}

void AddSync(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("sync", "Reads what is new since the cursors, and the look-back days again");
  const auto options = std::make_shared<SyncOptions>();
  command->add_option("EXTRACT", options->extracts, "Extracts of the configuration; none: all");
  AddIdempotencyKey(*command, options->key);
  command->add_flag("--wait", options->wait, kWaitHelp);
  command->callback([&session, options] { session.exit_code = RunSync(session, *options); });
}

}  // namespace tikhaul
