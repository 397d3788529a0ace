// `tikhaul`: the operator's command line.
#include "cli/app.h"
#include "cli/console.h"
#include "common/base/clock.h"
#include "common/rpc/grpc_log.h"

int main(int argc, char** argv) {
  tikhaul::SilenceGrpcLog();
  const tikhaul::SystemClock clock;
  tikhaul::Console console = tikhaul::StandardConsole();
  return tikhaul::RunTikhaul(argc, argv, console, clock);
}
