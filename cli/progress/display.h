// Progress on the console: redrawn in place on a terminal, lines that stay elsewhere.
#ifndef TIKHAUL_CLI_PROGRESS_DISPLAY_H_
#define TIKHAUL_CLI_PROGRESS_DISPLAY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/console.h"
#include "cli/progress/plain.h"
#include "common/base/clock.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// Borrows console and clock. While one is in use nothing else may print on the console. Not thread-safe.
class ProgressDisplay {
 public:
  ProgressDisplay(Console& console, const Clock& clock) : console_(console), clock_(clock) {}

  // Shows `status`, in place of the one before on a terminal.
  void Show(const v1::Status& status);
  // The last state, which stays.
  void Finish(const v1::Status& status);
  // A line that stays, above the progress.
  void Note(absl::string_view line);

 private:
  void Redraw();
  void Erase();

  Console& console_;
  const Clock& clock_;
  PlainProgress plain_;
  std::vector<std::string> lines_;  // on the screen
  size_t drawn_ = 0;                // how many of them the cursor stands beneath
};

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_PROGRESS_DISPLAY_H_
