#include "cli/check_lines.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/format.h"
#include "common/base/status_macros.h"

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

void Print(const Console& console, const v1::CheckResponse& answer) {
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

}  // namespace

absl::StatusOr<v1::CheckResponse> AskForCheck(Session& session) {
  ASSIGN_OR_RETURN(AdminClient* const client, session.ConnectOrStart());
  return client->Call(&v1::Admin::Stub::Check, v1::CheckRequest(), kLongCallTimeout);
}

int ShowCheck(Session& session, const v1::CheckResponse& answer) {
  if (!session.PrintedAsJson(answer)) Print(session.console(), answer);
  return answer.ok() ? kExitOk : kExitFailed;
}

}  // namespace tikhaul
