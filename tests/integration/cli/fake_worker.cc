// Stands in for tikhaul-worker: writes its arguments and its end to its log, ends at SIGTERM.
#include <cstdio>

#include "common/base/process.h"

int main(int argc, char** argv) {
  tikhaul::ShutdownSignal signal;
  for (int i = 1; i < argc; ++i) std::fprintf(stderr, "argument %s\n", argv[i]);
  while (!signal.WaitFor(absl::Seconds(60))) {
  }
  std::fprintf(stderr, "stopped by a signal\n");
  return 0;
}
