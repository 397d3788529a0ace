// Where `tikhaul local` keeps logs and sockets.
#ifndef TIKHAUL_CLI_LOCAL_LOCAL_FOLDER_H_
#define TIKHAUL_CLI_LOCAL_LOCAL_FOLDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tikhaul {

// ".tikhaul" beside the configuration file, as an absolute path.
std::string DefaultStateFolder(const std::string& config_path);
// The folder of the running program, where its sisters lie.
absl::StatusOr<std::string> FolderOfThisProgram();

// A folder with mode 0700 for logs, and one with a path short enough for Unix sockets (the same where it is). Movable.
class LocalFolder {
 public:
  // Makes `path` if needed and holds it for this process. FAILED_PRECONDITION: another process holds it.
  static absl::StatusOr<LocalFolder> Open(const std::string& path);
  // A new folder under /tmp that goes, with what lies in it, when the object goes.
  static absl::StatusOr<LocalFolder> MakeTemporary();

  LocalFolder(LocalFolder&& other) noexcept;
  LocalFolder& operator=(LocalFolder&&) = delete;
  ~LocalFolder();

  const std::string& path() const { return path_; }
  const std::string& socket_folder() const { return socket_folder_; }
  // "<path>/<name>.log"; a log that is there is kept as "<name>.log.1".
  std::string NewLog(absl::string_view name) const;

 private:
  LocalFolder() = default;

  std::string path_;
  std::string socket_folder_;
  std::string remove_;  // what goes with the object; empty: nothing
  int lock_fd_ = -1;
};

// What a child last complained about: its last error lines, or its last lines when none is marked as an error. Reads
// the end of the file only. Empty when there is nothing.
std::string LastComplaint(const std::string& log_path);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_LOCAL_LOCAL_FOLDER_H_
