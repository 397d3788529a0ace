#include "common/base/process.h"

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <random>

#include "absl/time/clock.h"
#include "common/base/digest.h"

namespace tikhaul {

ShutdownSignal::ShutdownSignal() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

ShutdownSignal::~ShutdownSignal() { close(fd_); }

bool ShutdownSignal::WaitFor(absl::Duration timeout) {
  if (seen_) return true;
  pollfd waiting{fd_, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) > 0) {
    signalfd_siginfo info;
    seen_ = read(fd_, &info, sizeof(info)) == sizeof(info);
  }
  return seen_;
}

void SleepFor(absl::Duration duration) { absl::SleepFor(duration); }

std::string HostName() {
  char name[256] = "unknown";
  gethostname(name, sizeof(name) - 1);
  return name;
}

std::string RandomId() {
  thread_local std::random_device source;
  return HashHex(uint64_t{source()} << 32 | source());
}

}  // namespace tikhaul
