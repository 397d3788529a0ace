#include "coordinator/store/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/files.h"

namespace tikhaul {

absl::StatusOr<std::unique_ptr<FileLock>> FileLock::Take(const std::string& path, const std::string& what) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot make ", path, ": ", std::strerror(errno), "; this user must be able to write the folder"));
  }
  std::unique_ptr<FileLock> lock(new FileLock(fd));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return absl::UnavailableError(absl::StrCat("cannot lock ", path, ": ", std::strerror(errno)));
    }
    const std::string holder(absl::StripAsciiWhitespace(ReadFile(path).value_or("")));
    return absl::FailedPreconditionError(absl::StrCat("another coordinator (pid ", holder.empty() ? "unknown" : holder,
                                                      ") holds ", what,
                                                      "; stop it first, or give this one another store"));
  }
  // The id is for people; a lock without it holds just as well (the disk may be full).
  const std::string id = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd, 0) == 0) (void)!write(fd, id.data(), id.size());
  return lock;
}

FileLock::~FileLock() { close(fd_); }

}  // namespace tikhaul
