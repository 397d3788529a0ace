// One coordinator per store: an exclusive lock on a file beside it.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_FILE_LOCK_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_FILE_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace tikhaul {

// Held from Take until destruction; the kernel ends it with the process, however that dies. The file stays, since
// removing it would race with the next holder.
class FileLock {
 public:
  // Locks `path` (made when it is not there) for what messages call `what`. FAILED_PRECONDITION, naming the process id
  // of the holder, when another process or another part of this one has it; UNAVAILABLE when the file cannot be made.
  static absl::StatusOr<std::unique_ptr<FileLock>> Take(const std::string& path, const std::string& what);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_FILE_LOCK_H_
