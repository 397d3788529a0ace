// A file without a name that holds frames of bytes. Gone with its last descriptor.
#ifndef TIKHAUL_COORDINATOR_SPOOL_SPOOL_FILE_H_
#define TIKHAUL_COORDINATOR_SPOOL_SPOOL_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tikhaul {

// Movable; one thread at a time. Owns its descriptor.
class SpoolFile {
 public:
  struct Frame {
    uint64_t offset = 0;
    uint64_t size = 0;
    uint64_t hash = 0;
  };

  // NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED (disk full, too many open files) or UNAVAILABLE, with the
  // directory.
  static absl::StatusOr<SpoolFile> Open(const std::string& directory);
  SpoolFile(SpoolFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)), end_(other.end_) {}
  SpoolFile& operator=(SpoolFile&& other) noexcept;
  ~SpoolFile();

  // Behind what is there. After an error (RESOURCE_EXHAUSTED: disk full; UNAVAILABLE) the file is as it was before.
  absl::StatusOr<Frame> Append(absl::string_view bytes);
  // DATA_LOSS when the bytes are not those that were written, UNAVAILABLE when they cannot be read.
  absl::StatusOr<std::string> Read(const Frame& frame) const;

 private:
  explicit SpoolFile(int fd) : fd_(fd) {}

  int fd_ = -1;
  uint64_t end_ = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SPOOL_SPOOL_FILE_H_
