// `tikhaul cursors`: how far each advertiser is read.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands/commands.h"
#include "cli/format.h"
#include "cli/table.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

constexpr int kMostShown = 3;

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string ListOf(const google::protobuf::RepeatedPtrField<std::string>& windows) {
  if (windows.empty()) return "-";
  const int shown = std::min(kMostShown, windows.size());
  std::string text = absl::StrJoin(windows.begin(), windows.begin() + shown, " ");
  if (windows.size() > shown) absl::StrAppend(&text, " and ", windows.size() - shown, " more");
  return text;
}

struct CursorOptions {
  std::string extract;
  std::string advertiser;
};

absl::StatusOr<v1::ListCursorsResponse> ReadCursors(AdminClient& client, const CursorOptions& options) {
  v1::ListCursorsRequest request;
  request.set_extract(options.extract);
  request.set_advertiser(options.advertiser);
  request.set_page_size(1000);
  v1::ListCursorsResponse all;
  do {
    request.set_page_token(all.next_page_token());
    ASSIGN_OR_RETURN(const v1::ListCursorsResponse page, client.Call(&v1::Admin::Stub::ListCursors, request));
    all.clear_next_page_token();
    all.MergeFrom(page);
  } while (!all.next_page_token().empty());
  return all;
}

int RunCursors(Session& session, const CursorOptions& options) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  const absl::StatusOr<v1::ListCursorsResponse> answer = ReadCursors(**client, options);
  if (!answer.ok()) return session.Fail(answer.status());
  if (session.PrintedAsJson(*answer)) return kExitOk;
  TextTable table({{"extract"},
                   {"advertiser"},
                   {"name"},
                   {"zone"},
                   {"wanted from"},
                   {"cursor"},
                   {"read through"},
                   {"holes"},
                   {"idle by totals"},
                   {"updated"},
                   {"look-back"},
                   {"because"}});
  for (const v1::Cursor& cursor : answer->cursors()) {
    table.Add({cursor.extract(), cursor.advertiser(), CutToWidth(OrDash(cursor.advertiser_name()), 30),
               OrDash(cursor.timezone()), OrDash(cursor.first_day()), OrDash(cursor.cursor()), OrDash(cursor.through()),
               ListOf(cursor.holes()), ListOf(cursor.idle()), HumanTime(cursor.updated()),
               cursor.look_back_days() == 0 ? "-" : Counted(cursor.look_back_days(), "day"),
               OrDash(cursor.look_back_why())});
  }
  session.console().out << (table.empty() ? "nothing is read yet: `tikhaul backfill` begins\n" : table.Render());
  return kExitOk;
}

}  // namespace

void AddCursors(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "cursors",
      "Shows how far each advertiser is read. `cursor` is the last day of the unbroken history that may no longer be\n"
      "provisional; `read through` is the last day read in it; `holes` are days behind the newest that are not read;\n"
      "`idle by totals` are days that were not read one by one, because the API's totals of them are zero.\n"
      "`look-back` is how many read days the next increment reads again, and `because` why.\n"
      "Starts a coordinator for the length of the command when none runs here.");
  const auto options = std::make_shared<CursorOptions>();
  command->add_option("EXTRACT", options->extract, "Only this extract");
  command->add_option("--advertiser", options->advertiser, "Only this advertiser");
  command->callback([&session, options] { session.exit_code = RunCursors(session, *options); });
}

}  // namespace tikhaul
