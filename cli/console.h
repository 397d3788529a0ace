// Where a command writes, and what is known of the other end.
#ifndef TIKHAUL_CLI_CONSOLE_H_
#define TIKHAUL_CLI_CONSOLE_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace tikhaul {

// Borrows both streams. Not thread-safe.
struct Console {
  std::ostream& out;      // results
  std::ostream& err;      // errors and notes
  bool terminal = false;  // `out` is a terminal that understands cursor movement
  bool colour = false;
  bool unicode = false;
};

// Standard output and standard error. Colour only on a terminal and without NO_COLOR; block characters where the
// locale's variables name UTF-8.
Console StandardConsole();

// Columns and lines of the terminal at standard output; 100 x 40 when there is none.
struct TerminalSize {
  int columns = 100;
  int lines = 40;
};
TerminalSize CurrentTerminalSize();

enum class Colour { kGreen, kYellow, kRed, kDim };
// `text` in the colour when `enabled`, else as it is.
std::string Paint(absl::string_view text, Colour colour, bool enabled);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_CONSOLE_H_
