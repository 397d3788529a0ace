// What every main() does first, and how it learns that it should stop.
#ifndef TIKHAUL_COMMON_BASE_PROCESS_H_
#define TIKHAUL_COMMON_BASE_PROCESS_H_

#include <string>

#include "absl/time/time.h"

namespace tikhaul {

// Blocks SIGINT and SIGTERM for the whole process and ignores SIGPIPE (hiredis writes to closed sockets without
// asking). Call before any thread is made; make at most one.
class ShutdownSignal {
 public:
  ShutdownSignal();
  ~ShutdownSignal();
  ShutdownSignal(const ShutdownSignal&) = delete;
  ShutdownSignal& operator=(const ShutdownSignal&) = delete;

  // True when a signal has come; false when `timeout` passed without one. One thread at a time.
  bool WaitFor(absl::Duration timeout);

 private:
  int fd_;
  bool seen_ = false;
};

// Holds the calling thread up; for waits that nothing can cut short.
void SleepFor(absl::Duration duration);

// The machine's or pod's name.
std::string HostName();
// 16 random hexadecimal digits: names one start of a process, one file, one request.
std::string RandomId();

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_PROCESS_H_
