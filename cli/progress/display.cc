#include "cli/progress/display.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/progress/render.h"

namespace tikhaul {

void ProgressDisplay::Show(const v1::Status& status) {
  if (!console_.terminal) {
    for (const std::string& line : plain_.Lines(status, clock_.Monotonic())) console_.out << line << "\n";
    console_.out.flush();
    return;
  }
  const TerminalSize size = CurrentTerminalSize();
  // The last column stays free: some terminals wrap when it is written.
  lines_ = RenderProgress(status, {std::max(20, size.columns - 1), console_.unicode, console_.colour});
  // What scrolled out at the top could not be redrawn.
  lines_.resize(std::min(lines_.size(), static_cast<size_t>(std::max(1, size.lines - 1))));
  Redraw();
}

void ProgressDisplay::Finish(const v1::Status& status) {
  if (console_.terminal) {
    Show(status);
    drawn_ = 0;
    return;
  }
  for (const std::string& line : plain_.Lines(status, clock_.Monotonic(), /*last=*/true)) console_.out << line << "\n";
  console_.out.flush();
}

void ProgressDisplay::Note(absl::string_view line) {
  if (console_.terminal) Erase();
  console_.out << line << std::endl;
  if (console_.terminal) Redraw();
}

void ProgressDisplay::Erase() {
  if (drawn_ > 0) console_.out << absl::StrCat("\x1b[", drawn_, "A\r\x1b[J");
  drawn_ = 0;
}

void ProgressDisplay::Redraw() {
  std::string frame;
  if (drawn_ > 0) absl::StrAppend(&frame, "\x1b[", drawn_, "A\r");
  for (const std::string& line : lines_) absl::StrAppend(&frame, line, "\x1b[K\n");
  absl::StrAppend(&frame, "\x1b[J");
  console_.out << frame << std::flush;
  drawn_ = lines_.size();
}

}  // namespace tikhaul
