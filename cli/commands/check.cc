// `tikhaul check`: is everything in place?
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/format.h"

namespace tikhaul {
namespace {

struct Mark {
  absl::string_view word;
  Colour colour;
};

Mark MarkOf(v1::CheckLine::State state) {
  switch (state) {
    case v1::CheckLine::STATE_OK:
      return {"ok", Colour::kGreen};
    case v1::CheckLine::STATE_WARNING:
      return {"warning", Colour::kYellow};
    default:
      return {"FAILED", Colour::kRed};
  }
}

void PrintLines(Session& session, const v1::CheckResponse& answer) {
  const Console& console = session.console();
  int width = 0;
  for (const v1::CheckLine& line : answer.lines()) width = std::max(width, DisplayWidth(Printable(line.subject())));
  for (const v1::CheckLine& line : answer.lines()) {
    const Mark mark = MarkOf(line.state());
    std::string text = absl::StrCat(Paint(PadRight(mark.word, 7), mark.colour, console.colour), "  ",
                                    PadRight(Printable(line.subject()), width), "  ", Printable(line.detail()));
    if (!line.mend().empty()) absl::StrAppend(&text, "; ", Printable(line.mend()));
    console.out << text << "\n";
  }
}

int RunCheck(Session& session) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  const auto answer = (*client)->Call(&v1::Admin::Stub::Check, v1::CheckRequest(), kLongCallTimeout);
  if (!answer.ok()) return session.Fail(answer.status());
  if (!session.PrintedAsJson(*answer)) PrintLines(session, *answer);
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
