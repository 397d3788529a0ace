// Loaded into a process before its libraries (LD_PRELOAD): makes its disk slow, moves its calendar, or ends it when it
// receives a poisoned answer. What it does stands in a file that tests change while the process runs (shim_file.h).
// Only what the process asks after a change sees it: a wait that is under way ends when it would have ended.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <cstring>

#include "tests/support/shim/shim_file.h"

namespace {

using tikhaul::ShimFile;

constexpr long kMicro = 1000000, kNano = 1000000000;

template <typename Function>
Function Next(const char* name, const char* version = nullptr) {
  return reinterpret_cast<Function>(version == nullptr ? dlsym(RTLD_NEXT, name) : dlvsym(RTLD_NEXT, name, version));
}

const ShimFile& File() {
  static const ShimFile* const file = [] {
    static const ShimFile none;
    const char* const path = getenv(tikhaul::kShimVariable);
    const int fd = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return &none;
    void* const at = mmap(nullptr, sizeof(ShimFile), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    return at == MAP_FAILED ? &none : static_cast<const ShimFile*>(at);
  }();
  return *file;
}

long Offset() { return File().clock_offset_us; }

timespec Moved(timespec time, long by_us) {
  long nanos = time.tv_nsec + by_us % kMicro * 1000;
  time.tv_sec += by_us / kMicro;
  for (; nanos < 0; nanos += kNano) --time.tv_sec;
  for (; nanos >= kNano; nanos -= kNano) ++time.tv_sec;
  time.tv_nsec = nanos;
  return time;
}

// Deadlines by the calendar, as the kernel must be told them. Those by a monotonic clock stay as they are: no machine
// has been up since the year 2001.
timespec ForTheKernel(const timespec& deadline) {
  return deadline.tv_sec > 1000000000 ? Moved(deadline, -Offset()) : deadline;
}

void WaitForTheDisk() {
  const long delay = File().fsync_delay_us;
  if (delay > 0) usleep(static_cast<useconds_t>(delay));
}

}  // namespace

extern "C" {

int fsync(int fd) {
  WaitForTheDisk();
  static const auto next = Next<int (*)(int)>("fsync");
  return next(fd);
}

int fdatasync(int fd) {
  WaitForTheDisk();
  static const auto next = Next<int (*)(int)>("fdatasync");
  return next(fd);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static const auto next = Next<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int result = next(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) *time = Moved(*time, Offset());
  return result;
}

int gettimeofday(timeval* __restrict time, void* __restrict) noexcept {
  timespec now{};
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return result;
}

time_t time(time_t* time) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (time != nullptr) *time = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* deadline) {
  static const auto next =
      Next<int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*)>("pthread_cond_timedwait", "GLIBC_2.3.2");
  const timespec real = ForTheKernel(*deadline);
  return next(condition, mutex, &real);
}

int sem_timedwait(sem_t* semaphore, const timespec* deadline) {
  static const auto next = Next<int (*)(sem_t*, const timespec*)>("sem_timedwait");
  const timespec real = ForTheKernel(*deadline);
  return next(semaphore, &real);
}

// Locks of abseil ask the kernel themselves.
long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  timespec real{};
  if (number == SYS_futex && (arguments[1] & FUTEX_CLOCK_REALTIME) != 0 && arguments[3] != 0) {
    real = ForTheKernel(*reinterpret_cast<const timespec*>(arguments[3]));
    arguments[3] = reinterpret_cast<long>(&real);
  }
  static const auto next = Next<long (*)(long, ...)>("syscall");
  return next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  static const auto next = Next<ssize_t (*)(int, void*, size_t, int)>("recv");
  const ssize_t got = next(fd, buffer, size, flags);
  if (got > 0 && File().poisonous != 0 &&
      memmem(buffer, static_cast<size_t>(got), tikhaul::kPoison, sizeof(tikhaul::kPoison) - 1) != nullptr) {
    abort();
  }
  return got;
}

}  // extern "C"
