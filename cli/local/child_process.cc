#include "cli/local/child_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/base/process.h"

namespace tikhaul {
namespace {

absl::Status StartError(const ChildSpec& spec, int error) {
  const std::string message = absl::StrCat("cannot start ", spec.arguments[0], ": ", std::strerror(error));
  return error == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
}

// Between fork and exec only async-signal-safe calls are allowed: the parent has threads.
[[noreturn]] void BecomeChild(char* const* arguments, int log_fd, int error_fd, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(0);  // the parent died before the line above
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null_fd = open("/dev/null", O_RDONLY);
  dup2(null_fd, STDIN_FILENO);
  dup2(log_fd, STDOUT_FILENO);
  dup2(log_fd, STDERR_FILENO);
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  execvp(arguments[0], arguments);
  const int error = errno;
  if (write(error_fd, &error, sizeof(error)) != sizeof(error)) _exit(126);
  _exit(127);
}

std::string DescribeEnd(int status) {
  if (WIFSIGNALED(status)) return absl::StrCat("signal ", WTERMSIG(status), " (", strsignal(WTERMSIG(status)), ")");
  return absl::StrCat("exit code ", WEXITSTATUS(status));
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const ChildSpec& spec) {
  const int log_fd = open(spec.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log_fd < 0)
    return absl::UnavailableError(absl::StrCat("cannot write ", spec.log_path, ": ", std::strerror(errno)));
  const auto close_log = absl::MakeCleanup([log_fd] { close(log_fd); });
  int errors[2];
  if (pipe2(errors, O_CLOEXEC) != 0) return StartError(spec, errno);
  const auto close_reader = absl::MakeCleanup([&errors] { close(errors[0]); });
  std::vector<char*> arguments;
  for (const std::string& argument : spec.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) BecomeChild(arguments.data(), log_fd, errors[1], parent);
  close(errors[1]);
  if (pid < 0) return StartError(spec, errno);
  int error = 0;
  ssize_t count = 0;
  while ((count = read(errors[0], &error, sizeof(error))) < 0 && errno == EINTR) {
  }
  if (count == 0) return ChildProcess(pid);  // exec closed the pipe
  waitpid(pid, nullptr, 0);
  return StartError(spec, error);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), ended_(std::move(other.ended_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(ended_, other.ended_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) Stop(absl::ZeroDuration());
}

std::optional<std::string> ChildProcess::Ended() {
  if (ended_.has_value()) return ended_;
  int status = 0;
  const pid_t result = waitpid(pid_, &status, WNOHANG);
  if (result == pid_) ended_ = DescribeEnd(status);
  if (result < 0 && errno == ECHILD) ended_ = "ended unseen";
  return ended_;
}

void ChildProcess::Terminate() {
  if (!Ended().has_value()) kill(pid_, SIGTERM);
}

void ChildProcess::Stop(absl::Duration patience) {
  Terminate();
  if (WaitUpTo(patience)) return;
  kill(pid_, SIGKILL);
  WaitUpTo(absl::InfiniteDuration());
}

// By looking again and again: SIGCHLD belongs to whoever embeds us, and pidfds are not everywhere.
bool ChildProcess::WaitUpTo(absl::Duration patience) {
  constexpr absl::Duration kStep = absl::Milliseconds(10);
  for (absl::Duration waited; !Ended().has_value(); waited += kStep) {
    if (waited >= patience) return false;
    tikhaul::SleepFor(kStep);
  }
  return true;
}

}  // namespace tikhaul
