// `tikhaul plan`: what would a backfill cost?
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/commands/selectors.h"
#include "cli/format.h"
#include "cli/table.h"

namespace tikhaul {
namespace {

void PrintPlan(Console& console, const v1::PlanResponse& plan) {
  TextTable table({{"extract"},
                   {"days"},
                   {"advertisers", true},
                   {"chunks", true},
                   {"calls", true},
                   {"rows", true},
                   {"at the quota", true}});
  for (const v1::PlanLine& line : plan.lines()) {
    table.Add({line.extract(), HumanDays(line.first_day(), line.last_day()), WithThousands(line.advertisers()),
               WithThousands(line.chunks()), WithThousands(line.calls()),
               line.rows_known() ? WithThousands(line.rows()) : "?",
               line.chunks() == 0 ? "-" : HumanDuration(absl::Seconds(line.seconds_at_quota()))});
  }
  console.out << table.Render();
  if (plan.chunks() == 0) {
    console.out << "nothing left to read\n";
    return;
  }
  console.out << "together: " << Counted(plan.chunks(), "chunk") << ", at least " << Counted(plan.calls(), "call")
              << ", " << HumanDuration(absl::Seconds(plan.seconds_at_quota())) << " at "
              << HumanRate(plan.quota_per_second()) << " calls/s; " << Counted(plan.quota_left_today(), "call")
              << " left today\n";
  if (plan.calls() > plan.quota_left_today()) {
    console.out << "This is more than today's rest of the quota: it goes on after 00:00 UTC.\n";
  }
}

int RunPlan(Session& session, const Selectors& selectors) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  const auto answer = (*client)->Call(&v1::Admin::Stub::Plan, RequestFor<v1::PlanRequest>(selectors), kLongCallTimeout);
  if (!answer.ok()) return session.Fail(answer.status());
  if (!session.PrintedAsJson(*answer)) PrintPlan(session.console(), *answer);
  return kExitOk;
}

}  // namespace

void AddPlan(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "plan",
      "Shows what a backfill would cost: chunks, calls, rows where they are known, time at the quota.\n"
      "Spends nothing, except on the calls that list the advertisers when they are not known yet.\n"
      "Starts a coordinator for the length of the command when none runs here.");
  const auto selectors = std::make_shared<Selectors>();
  AddSelectors(*command, *selectors);
  command->callback([&session, selectors] { session.exit_code = RunPlan(session, *selectors); });
}

}  // namespace tikhaul
