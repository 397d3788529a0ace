// `tikhaul calendar`: how each day of each advertiser stands.
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/calendar_text.h"
#include "cli/commands/commands.h"
#include "cli/commands/selectors.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

struct CalendarOptions {
  std::string extract;
  std::vector<std::string> advertisers;
  std::string from, to;
  std::optional<CalendarScale> scale;  // none: the finest that fits
};

absl::StatusOr<v1::GetCalendarResponse> AllPages(AdminClient& client, const CalendarOptions& options) {
  v1::GetCalendarRequest request;
  request.set_extract(options.extract);
  *request.mutable_range() = RangeOf(options.from, options.to);
  request.mutable_advertisers()->Assign(options.advertisers.begin(), options.advertisers.end());
  v1::GetCalendarResponse all;
  do {
    request.set_page_token(all.next_page_token());
    ASSIGN_OR_RETURN(const v1::GetCalendarResponse page, client.Call(&v1::Admin::Stub::GetCalendar, request));
    all.clear_next_page_token();
    all.MergeFrom(page);
  } while (!all.next_page_token().empty());
  return all;
}

int RunCalendar(Session& session, const CalendarOptions& options) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  const absl::StatusOr<v1::GetCalendarResponse> calendar = AllPages(**client, options);
  if (!calendar.ok()) return session.Fail(calendar.status());
  if (session.PrintedAsJson(*calendar)) return kExitOk;
  if (calendar->first_day().empty()) {
    session.console().out << "nothing of this was asked for yet: `tikhaul backfill " << options.extract << "` begins\n";
    return kExitOk;
  }
  const CalendarScale scale = options.scale.value_or(ScaleThatFits(*calendar, CurrentTerminalSize().columns));
  session.console().out << CalendarText(*calendar, options.extract, scale);
  return kExitOk;
}

}  // namespace

void AddCalendar(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "calendar",
      "Shows how each wanted day of each advertiser stands, for one extract that is a report by day: a line per\n"
      "advertiser, a letter per day, week or month (then of its worst day), and the holes with the command that mends\n"
      "each. The JSON form has a letter per day. docs/status-page.md says what the letters mean.\n"
      "Starts a coordinator for the length of the command when none runs here.");
  const auto options = std::make_shared<CalendarOptions>();
  command->add_option("EXTRACT", options->extract, "The extract")->required();
  command->add_option("--advertiser", options->advertisers, "Advertiser id; may be given several times; none: all")
      ->allow_extra_args(false);
  AddDayRange(*command, options->from, options->to);
  const std::map<std::string, CalendarScale> scales = {
      {"day", CalendarScale::kDay}, {"week", CalendarScale::kWeek}, {"month", CalendarScale::kMonth}};
  command->add_option("--scale", options->scale, "day, week or month; default: the finest that fits the terminal")
      ->transform(CLI::Transformer(scales));
  command->callback([&session, options] { session.exit_code = RunCalendar(session, *options); });
}

}  // namespace tikhaul
