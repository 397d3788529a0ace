// `tikhaul`: the operator's command line.
#include "cli/app.h"
#include "cli/console.h"
#include "common/base/clock.h"

int main(int argc, char** argv) {
  const tikhaul::SystemClock clock;
  tikhaul::Console console = tikhaul::StandardConsole();
  return tikhaul::RunTikhaul(argc, argv, console, clock);
}
