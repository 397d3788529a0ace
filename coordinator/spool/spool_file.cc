#include "coordinator/spool/spool_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/digest.h"

namespace tikhaul {
namespace {

absl::Status SpoolError(absl::string_view what, const std::string& where, int error) {
  const std::string message =
      absl::StrCat("cannot ", what, where.empty() ? "" : absl::StrCat(" in ", where), ": ", std::strerror(error));
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(
          absl::StrCat(message, "; free space there or set coordinator.spool_dir to a larger disk"));
    case EMFILE:
    case ENFILE:
      return absl::ResourceExhaustedError(absl::StrCat(message, "; raise the limit of open files (ulimit -n)"));
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(
          absl::StrCat(message, "; make the folder or set coordinator.spool_dir to one that is there"));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(
          absl::StrCat(message, "; let this user write there or set coordinator.spool_dir"));
    default:
      return absl::UnavailableError(message);
  }
}

// For file systems without O_TMPFILE: a name for the blink of an eye.
int OpenAndUnlink(const std::string& directory) {
  std::string path = absl::StrCat(directory, "/spool.XXXXXX");
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd >= 0) unlink(path.c_str());
  return fd;
}

}  // namespace

absl::StatusOr<SpoolFile> SpoolFile::Open(const std::string& directory) {
  int fd = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  // EISDIR: a kernel without the flag; EOPNOTSUPP: a file system without it.
  if (fd < 0 && (errno == EISDIR || errno == EOPNOTSUPP)) fd = OpenAndUnlink(directory);
  if (fd < 0) return SpoolError("make a spool file", directory, errno);
  return SpoolFile(fd);
}

SpoolFile& SpoolFile::operator=(SpoolFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(end_, other.end_);
  return *this;
}

SpoolFile::~SpoolFile() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<SpoolFile::Frame> SpoolFile::Append(absl::string_view bytes) {
  const Frame frame{end_, bytes.size(), StableHash(bytes)};
  uint64_t at = end_;
  while (!bytes.empty()) {
    const ssize_t count = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (count < 0) {
      if (errno == EINTR) continue;
      const int error = errno;
      // What was written of the frame is of no use; a failed cut only costs its space until the file goes.
      if (ftruncate(fd_, static_cast<off_t>(end_)) != 0)
        return SpoolError("write to and then cut a spool file", "", error);
      return SpoolError("write to a spool file", "", error);
    }
    bytes.remove_prefix(static_cast<size_t>(count));
    at += static_cast<uint64_t>(count);
  }
  end_ = at;
  return frame;
}

absl::StatusOr<std::string> SpoolFile::Read(const Frame& frame) const {
  std::string bytes(frame.size, '\0');
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t count = pread(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(frame.offset + done));
    if (count < 0) {
      if (errno == EINTR) continue;
      return SpoolError("read a spool file", "", errno);
    }
    if (count == 0) return absl::DataLossError("a spool file is shorter than what was written to it");
    done += static_cast<size_t>(count);
  }
  if (StableHash(bytes) != frame.hash)
    return absl::DataLossError("a spool file gives back other bytes than were written to it");
  return bytes;
}

}  // namespace tikhaul
