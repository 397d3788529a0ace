// The command line as a whole: parses arguments, runs one command.
#ifndef TIKHAUL_CLI_APP_H_
#define TIKHAUL_CLI_APP_H_

#include "cli/console.h"
#include "common/base/clock.h"

namespace tikhaul {

// Runs the command named by `argv` and returns the exit code (cli/session.h). Results go to `console.out`; errors,
// notes and progress of temporary helpers to `console.err`. Blocks until the command is done.
int RunTikhaul(int argc, const char* const* argv, Console& console, const Clock& clock);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_APP_H_
