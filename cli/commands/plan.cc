// `tikhaul plan`: what would a backfill cost?
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/commands/selectors.h"
#include "cli/format.h"
#include "cli/table.h"

namespace tikhaul {
namespace {

// Where rows are not known, calls are the fewest that there can be.
bool IsLeast(const v1::PlanResponse& plan) {
  return std::any_of(plan.lines().begin(), plan.lines().end(),
                     [](const v1::PlanLine& line) { return line.chunks() > 0 && !line.rows_known(); });
}

void PrintPlan(Console& console, const v1::PlanResponse& plan) {
  TextTable table({{"extract"},
                   {"days"},
                   {"advertisers", true},
                   {"chunks", true},
                   {"left out as idle", true},
                   {"calls", true},
                   {"rows", true},
                   {"at the quota", true}});
  for (const v1::PlanLine& line : plan.lines()) {
    table.Add({line.extract(), HumanDays(line.first_day(), line.last_day()), WithThousands(line.advertisers()),
               WithThousands(line.chunks()), WithThousands(line.idle_windows()), WithThousands(line.calls()),
               line.rows_known() ? WithThousands(line.rows()) : "?",
               line.chunks() == 0 ? "-" : HumanDuration(absl::Seconds(line.seconds_at_quota()))});
  }
  console.out << table.Render();
  for (const std::string& note : plan.notes()) console.out << Printable(note) << "\n";
  if (plan.chunks() == 0) {
    console.out << "nothing left to read\n";
    return;
  }
  console.out << "together: " << Counted(plan.chunks(), "chunk") << ", " << (IsLeast(plan) ? "at least " : "about ")
              << Counted(plan.calls(), "call") << ", " << HumanDuration(absl::Seconds(plan.seconds_at_quota()))
              << " at " << HumanRate(plan.quota_per_second()) << " calls/s; "
              << Counted(plan.quota_left_today(), "call") << " left today\n";
  if (plan.calls_spent() > 0) console.out << "finding this out took " << Counted(plan.calls_spent(), "call") << "\n";
  if (plan.calls() > plan.quota_left_today()) {
    console.out << "This is more than today's rest of the quota: it goes on after 00:00 UTC.\n";
  }
}

struct PlanOptions {
  Selectors selectors;
  std::vector<std::string> only_metrics;  // empty: whole rows
  bool sync = false;
  bool no_calls = false;
};

int RunPlan(Session& session, const PlanOptions& options) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  auto request = RequestFor<v1::PlanRequest>(options.selectors);
  request.mutable_only_metrics()->Assign(options.only_metrics.begin(), options.only_metrics.end());
  request.set_increments(options.sync);
  request.set_without_calls(options.no_calls);
  const auto answer = (*client)->Call(&v1::Admin::Stub::Plan, request, kLongCallTimeout);
  if (!answer.ok()) return session.Fail(answer.status());
  if (!session.PrintedAsJson(*answer)) PrintPlan(session.console(), *answer);
  return kExitOk;
}

}  // namespace

void AddPlan(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "plan",
      "Shows what a backfill would cost, or what is left of it: chunks, calls, rows, time at the quota.\n"
      "Asks the API for the spans in which advertisers were idle, which the backfill then leaves out, and for the\n"
      "numbers of rows of some windows, where no earlier reads tell them: a few per cent of the calls planned.\n"
      "Starts a coordinator for the length of the command when none runs here.");
  const auto options = std::make_shared<PlanOptions>();
  AddSelectors(*command, options->selectors);
  AddOnlyMetrics(*command, options->only_metrics);
  command->add_flag("--sync", options->sync, "What `tikhaul sync` would cost now, instead of a backfill")
      ->excludes("--advertiser")
      ->excludes("--from")
      ->excludes("--to")
      ->excludes("--only-metrics");
  command->add_flag("--no-calls", options->no_calls,
                    "Judge by what is known already, without asking the API (but for advertisers not known yet)");
  command->callback([&session, options] { session.exit_code = RunPlan(session, *options); });
}

}  // namespace tikhaul
