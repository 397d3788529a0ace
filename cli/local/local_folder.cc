#include "cli/local/local_folder.h"

#include <fcntl.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

namespace fs = std::filesystem;

// sun_path holds 108 bytes; the rest is for the file's name.
constexpr size_t kLongestSocketFolder = 80;

absl::StatusOr<std::string> MakeFolderInTmp() {
  std::string path = "/tmp/tikhaul-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot make a folder under /tmp: ", std::strerror(errno)));
  }
  return path;
}

absl::Status HeldByAnother(const std::string& path, const std::string& lock_path) {
  const absl::StatusOr<std::string> holder = ReadFile(lock_path);
  return absl::FailedPreconditionError(absl::StrCat(
      "another `tikhaul local`", holder.ok() && !holder->empty() ? absl::StrCat(" (process ", *holder, ")") : "",
      " works in ", path, ": look at it with `tikhaul status`, stop it, or take another --state-dir"));
}

// A line of our own logs is a JSON object when no terminal is attached (common/base/log.h). Lines of another form are
// what a program said in plain words before it gave up, or the log of another program.
struct LogLine {
  bool error = false;
  std::string text;
};

LogLine ParseLogLine(absl::string_view line) {
  google::protobuf::Struct object;
  if (!google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, &object).ok()) {
    return {true, std::string(line)};
  }
  LogLine parsed;
  std::vector<std::string> values;
  for (const auto& [name, value] : object.fields()) {
    if (name == "level") parsed.error = value.string_value() == "error" || value.string_value() == "critical";
    if (name == "event") parsed.text = value.string_value();
    const bool frame = name == "time" || name == "level" || name == "program" || name == "pid" || name == "event";
    if (!frame) values.push_back(value.string_value());
  }
  std::sort(values.begin(), values.end());
  if (!values.empty()) absl::StrAppend(&parsed.text, ": ", absl::StrJoin(values, ", "));
  return parsed;
}

std::string ReadEnd(const std::string& path) {
  constexpr std::streamoff kBytes = 16384;
  std::ifstream file(path, std::ios::binary);
  file.seekg(0, std::ios::end);
  const std::streamoff size = file.tellg();
  if (size <= 0) return "";
  file.seekg(std::max<std::streamoff>(0, size - kBytes));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string DefaultStateFolder(const std::string& config_path) {
  return (fs::absolute(config_path).parent_path() / ".tikhaul").string();
}

absl::StatusOr<std::string> FolderOfThisProgram() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return absl::InternalError(absl::StrCat("cannot read /proc/self/exe: ", error.message()));
  return program.parent_path().string();
}

absl::StatusOr<LocalFolder> LocalFolder::Open(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make the folder ", path, ": ", error.message()));
  LocalFolder folder;
  folder.path_ = fs::absolute(path).string();
  const std::string lock_path = absl::StrCat(folder.path_, "/lock");
  folder.lock_fd_ = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (folder.lock_fd_ < 0) {
    return absl::UnavailableError(absl::StrCat("cannot write ", lock_path, ": ", std::strerror(errno)));
  }
  if (flock(folder.lock_fd_, LOCK_EX | LOCK_NB) != 0) return HeldByAnother(folder.path_, lock_path);
  const std::string pid = absl::StrCat(getpid());
  if (ftruncate(folder.lock_fd_, 0) != 0 || write(folder.lock_fd_, pid.data(), pid.size()) < 0) {
    return absl::UnavailableError(absl::StrCat("cannot write ", lock_path, ": ", std::strerror(errno)));
  }
  folder.socket_folder_ = folder.path_;
  if (folder.path_.size() > kLongestSocketFolder) {
    ASSIGN_OR_RETURN(folder.socket_folder_, MakeFolderInTmp());
    folder.remove_ = folder.socket_folder_;
  }
  return folder;
}

absl::StatusOr<LocalFolder> LocalFolder::MakeTemporary() {
  LocalFolder folder;
  ASSIGN_OR_RETURN(folder.path_, MakeFolderInTmp());
  folder.socket_folder_ = folder.path_;
  folder.remove_ = folder.path_;
  return folder;
}

LocalFolder::LocalFolder(LocalFolder&& other) noexcept
    : path_(std::move(other.path_)),
      socket_folder_(std::move(other.socket_folder_)),
      remove_(std::exchange(other.remove_, "")),
      lock_fd_(std::exchange(other.lock_fd_, -1)) {}

LocalFolder::~LocalFolder() {
  std::error_code ignored;
  if (!remove_.empty()) fs::remove_all(remove_, ignored);
  if (lock_fd_ >= 0) close(lock_fd_);
}

std::string LocalFolder::NewLog(absl::string_view name) const {
  const std::string path = absl::StrCat(path_, "/", name, ".log");
  std::error_code ignored;  // there may be none yet
  fs::rename(path, absl::StrCat(path, ".1"), ignored);
  return path;
}

std::string LastComplaint(const std::string& log_path) {
  constexpr size_t kMostLines = 5;
  std::vector<std::string> errors, lines;
  for (const absl::string_view line : absl::StrSplit(ReadEnd(log_path), '\n', absl::SkipWhitespace())) {
    LogLine parsed = ParseLogLine(line);
    if (parsed.error) errors.push_back(parsed.text);
    lines.push_back(std::move(parsed.text));
  }
  std::vector<std::string>& chosen = errors.empty() ? lines : errors;
  if (chosen.size() > kMostLines) chosen.erase(chosen.begin(), chosen.end() - kMostLines);
  return absl::StrJoin(chosen, "\n");
}

}  // namespace tikhaul
