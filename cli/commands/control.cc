// `tikhaul cancel`, `pause`, `resume`: what may run.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/commands/selectors.h"
#include "cli/runs.h"

namespace tikhaul {
namespace {

struct Scope {
  std::string kind;
  std::string name;
  std::string key;
};

struct CancelOptions {
  std::string run_id;
  std::string key;
};

int RunCancel(Session& session, const CancelOptions& options) {
  const absl::StatusOr<AdminClient*> client = session.Connect();
  if (!client.ok()) return session.Fail(client.status());
  v1::CancelRequest request;
  request.set_run_id(options.run_id);
  request.set_idempotency_key(options.key);
  const auto answer = (*client)->Call(&v1::Admin::Stub::Cancel, request);
  if (!answer.ok()) return session.Fail(answer.status());
  if (session.PrintedAsJson(*answer)) return kExitOk;
  Runs runs;
  *runs.Add() = answer->run();
  session.console().out << RunTable(runs);
  return kExitOk;
}

template <typename Request, typename Response>
int RunPauseOrResume(Session& session, const Scope& scope, absl::string_view done,
                     grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  const absl::StatusOr<AdminClient*> client = session.Connect();
  if (!client.ok()) return session.Fail(client.status());
  Request request;
  request.set_scope(scope.kind);
  request.set_name(scope.name);
  request.set_idempotency_key(scope.key);
  const auto answer = (*client)->Call(method, request);
  if (!answer.ok()) return session.Fail(answer.status());
  if (session.PrintedAsJson(*answer)) return kExitOk;
  session.console().out << done << ": " << scope.kind << (scope.name.empty() ? "" : " ") << scope.name << "\n";
  return kExitOk;
}

bool IsNamedById(const std::string& kind) { return kind == "run" || kind == "advertiser"; }

// Adds the two positional arguments; `run` is called with a scope that is whole.
void AddScoped(CLI::App& app, const std::string& name, const std::string& description,
               const std::function<void(const Scope&)>& run) {
  CLI::App* command = app.add_subcommand(name, description);
  const auto scope = std::make_shared<Scope>();
  command->add_option("SCOPE", scope->kind, "all, connection, extract, run or advertiser")
      ->required()
      ->check(CLI::IsMember({"all", "connection", "extract", "run", "advertiser"}));
  command->add_option("NAME", scope->name,
                      "Name of the connection or extract, id of the run or advertiser; none for all");
  AddIdempotencyKey(*command, scope->key);
  command->callback([scope, name, run] {
    if (scope->kind == "all" && !scope->name.empty()) {
      throw CLI::ValidationError(name, "`all` takes no name");
    }
    if (scope->kind != "all" && scope->name.empty()) {
      throw CLI::ValidationError(
          name, absl::StrCat("which ", scope->kind, "? Give its ", IsNamedById(scope->kind) ? "id" : "name"));
    }
    run(*scope);
  });
}

}  // namespace

void AddCancel(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("cancel", "Ends a run; rows that are committed stay");
  const auto options = std::make_shared<CancelOptions>();
  command->add_option("RUN", options->run_id, "Id of the run, as `tikhaul status` shows it")->required();
  AddIdempotencyKey(*command, options->key);
  command->callback([&session, options] { session.exit_code = RunCancel(session, *options); });
}

void AddPause(CLI::App& app, Session& session) {
  AddScoped(app, "pause", "Starts no more chunks of what is named; chunks that run come to their end",
            [&session](const Scope& scope) {
              session.exit_code = RunPauseOrResume(session, scope, "paused", &v1::Admin::Stub::Pause);
            });
}

void AddResume(CLI::App& app, Session& session) {
  AddScoped(app, "resume", "Takes a pause back", [&session](const Scope& scope) {
    session.exit_code = RunPauseOrResume(session, scope, "resumed", &v1::Admin::Stub::Resume);
  });
}

}  // namespace tikhaul
