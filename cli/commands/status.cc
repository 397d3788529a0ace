// `tikhaul status`: what happens now.
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/progress/display.h"
#include "cli/progress/render.h"
#include "cli/runs.h"
#include "cli/table.h"

namespace tikhaul {
namespace {

struct StatusOptions {
  bool watch = false;
  uint32_t runs = 10;
};

// The permission matrix, counted; what is closed follows by name.
std::string AccessLine(const v1::AccessCounts& access) {
  std::string line = absl::StrCat(WithThousands(access.open()), " advertiser x endpoint open");
  if (access.unknown() > 0) absl::StrAppend(&line, ", ", WithThousands(access.unknown()), " not asked yet");
  if (access.no_grant() > 0) absl::StrAppend(&line, ", ", WithThousands(access.no_grant()), " not granted");
  if (access.account_dead() > 0)
    absl::StrAppend(&line, ", ", WithThousands(access.account_dead()), " of closed accounts");
  return line;
}

// Nothing where there is one.
std::string CoordinatorTable(const v1::Status& status) {
  if (status.coordinators_size() < 2) return "";
  TextTable table({{"coordinator"}, {"leads"}, {"shards", true}, {"chunks", true}, {"state"}});
  for (const v1::CoordinatorInfo& one : status.coordinators()) {
    table.Add({Printable(one.address()), one.leads() ? "yes" : "", WithThousands(one.shards()),
               WithThousands(one.chunks()),
               !one.answers()  ? "does not answer"
               : one.passive() ? "only answers"
                               : "works"});
  }
  return table.Render();
}

std::string WorkerTable(const v1::Status& status) {
  TextTable table({{"worker"}, {"chunks", true}, {"last seen"}, {"start"}});
  for (const v1::WorkerInfo& worker : status.workers()) {
    table.Add({worker.name(), WithThousands(worker.chunks()), HumanTime(worker.last_seen()), worker.incarnation()});
  }
  return table.empty() ? "no worker is connected\n" : table.Render();
}

std::string DriftTable(const v1::Status& status) {
  TextTable table(
      {{"drift of the API's answers"}, {"extract"}, {"name"}, {"times", true}, {"first seen"}, {"last seen"}});
  for (const v1::Drift& drift : status.drift()) {
    table.Add({drift.kind(), drift.extract(), drift.name(), WithThousands(drift.count()), HumanTime(drift.first_seen()),
               HumanTime(drift.last_seen())});
  }
  return table.Render();
}

// One line per extract: the oldest of its advertisers' last verifications, their figures together.
std::string VerifiedTable(const v1::Status& status) {
  struct Line {
    uint64_t advertisers = 0, equal = 0, explained = 0, flagged = 0;
    google::protobuf::Timestamp oldest;
  };
  std::map<std::string, Line> lines;
  for (const v1::Verification& one : status.verified()) {
    Line& line = lines[one.extract()];
    if (line.advertisers++ == 0 || one.verified().seconds() < line.oldest.seconds()) line.oldest = one.verified();
    line.equal += one.equal();
    line.explained += one.explained();
    line.flagged += one.flagged();
  }
  TextTable table({{"verified"},
                   {"advertisers", true},
                   {"not longer ago than"},
                   {"equal", true},
                   {"explained", true},
                   {"flagged", true}});
  for (const auto& [extract, line] : lines) {
    table.Add({extract, WithThousands(line.advertisers), HumanTime(line.oldest), WithThousands(line.equal),
               WithThousands(line.explained), WithThousands(line.flagged)});
  }
  return table.Render();
}

void PrintStatus(Console& console, const v1::Status& status) {
  console.out << "coordinator " << Printable(status.version()) << " at " << HumanTime(status.now()) << ", "
              << (status.idle() ? "idle" : "working") << (status.queue_connected() ? "" : ", not connected to Redis")
              << "\n";
  console.out << "quota    " << Printable(QuotaLine(status.quota())) << "\n";
  if (const v1::AccessCounts& access = status.access();
      access.open() + access.unknown() > 0 || status.blocks_size() > 0) {
    console.out << "access   " << AccessLine(access) << "\n";
  }
  for (const std::string& line : HindranceLines(status))
    console.out << Paint(line, Colour::kYellow, console.colour) << "\n";
  for (const std::string& section : {RunTable(status.runs()), CoordinatorTable(status), WorkerTable(status),
                                     VerifiedTable(status), DriftTable(status)}) {
    if (!section.empty()) console.out << "\n" << section;
  }
}

int WatchStatus(Session& session, AdminClient& client) {
  v1::WatchStatusRequest request;
  request.set_interval_ms(500);
  ProgressDisplay display(session.console(), session.clock());
  const absl::Status end = client.Stream(&v1::Admin::Stub::WatchStatus, request, [&](const v1::Status& status) {
    if (session.json) {
      session.console().out << ToJson(status, /*pretty=*/false) << std::endl;
    } else {
      display.Show(status);
    }
    return session.console().out.good();
  });
  return end.ok() ? kExitOk : session.Fail(end);
}

int RunStatus(Session& session, const StatusOptions& options) {
  const absl::StatusOr<AdminClient*> client = session.Connect();
  if (!client.ok()) return session.Fail(client.status());
  if (options.watch) return WatchStatus(session, **client);
  v1::GetStatusRequest request;
  request.set_recent_runs(options.runs);
  const auto status = (*client)->Call(&v1::Admin::Stub::GetStatus, request);
  if (!status.ok()) return session.Fail(status.status());
  if (!session.PrintedAsJson(*status)) PrintStatus(session.console(), *status);
  return kExitOk;
}

}  // namespace

void AddStatus(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("status", "Shows runs, workers, quota, and what hinders");
  const auto options = std::make_shared<StatusOptions>();
  command->add_flag("--watch", options->watch, "Show progress until Ctrl-C; with --json one status per line");
  command->add_option("--runs", options->runs, "Finished runs to show beside the running ones")->capture_default_str();
  command->callback([&session, options] { session.exit_code = RunStatus(session, *options); });
}

}  // namespace tikhaul
