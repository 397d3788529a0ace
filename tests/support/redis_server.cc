#include "tests/support/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "tests/support/free_port.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kStartDeadline = absl::Minutes(2);

int ConnectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return fd;
  close(fd);
  return -1;
}

// Whatever comes until one line is whole; empty after `timeout_ms` of silence.
std::string ReadAnswer(int fd, int timeout_ms) {
  std::string answer;
  while (!absl::EndsWith(answer, "\r\n")) {
    pollfd readable{fd, POLLIN, 0};
    if (poll(&readable, 1, timeout_ms) <= 0) return "";
    char buffer[4096];
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got <= 0) return "";
    answer.append(buffer, static_cast<size_t>(got));
  }
  return answer;
}

std::string Exchange(int fd, absl::string_view line, int timeout_ms) {
  const std::string request = absl::StrCat(line, "\r\n");
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) return "";
  return ReadAnswer(fd, timeout_ms);
}

void WaitForMilliseconds(int milliseconds) { poll(nullptr, 0, milliseconds); }

}  // namespace

RedisServer::RedisServer(Options options) : options_(std::move(options)) {
  std::signal(SIGPIPE, SIG_IGN);
  char name[] = "/tmp/tkr-XXXXXX";
  if (mkdtemp(name) == nullptr) Fail("no temporary directory");
  directory_ = name;
  socket_ = directory_ + "/s";
  log_ = directory_ + "/log";
  if (options_.tcp || tls()) port_ = FreePort();
  if (!options_.host.empty()) port_ = 6379;
  url_ = port_ == 0 ? absl::StrCat("unix:", socket_)
                    : absl::StrCat("redis://", options_.host.empty() ? "127.0.0.1" : options_.host, ":", port_);
  if (tls()) url_ = absl::StrCat("rediss://localhost:", port_);
  Start();
}

RedisServer::~RedisServer() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void RedisServer::Start() {
  if (running()) return;
  Spawn();
  if (!WaitUntilItAnswers()) Fail("redis-server does not answer");
}

void RedisServer::Stop() { WaitForEnd(SIGTERM); }

void RedisServer::Kill() { WaitForEnd(SIGKILL); }

void RedisServer::FlushAll() {
  if (Ask("FLUSHALL") != "+OK\r\n") Fail("FLUSHALL was refused");
}

// Never kill(0, ...): that is our own process group.
void RedisServer::Freeze() {
  if (running()) kill(pid_, SIGSTOP);
}

void RedisServer::Thaw() {
  if (running()) kill(pid_, SIGCONT);
}

std::string RedisServer::Ask(absl::string_view line) const {
  const int fd = ConnectTo(socket_);
  if (fd < 0) return "";
  const absl::Cleanup closer = [fd] { close(fd); };
  constexpr int kSilenceMs = 5000;
  if (!options_.password.empty()) Exchange(fd, "AUTH " + options_.password, kSilenceMs);
  return Exchange(fd, line, kSilenceMs);
}

void RedisServer::Spawn() {
  std::vector<std::string> arguments = {"redis-server",
                                        "--port",
                                        tls() ? "0" : std::to_string(port_),
                                        "--bind",
                                        options_.host.empty() ? "127.0.0.1" : options_.host,
                                        "--protected-mode",
                                        options_.host.empty() ? "yes" : "no",
                                        "--enable-protected-configs",
                                        "yes",
                                        "--unixsocket",
                                        socket_,
                                        "--dir",
                                        directory_,
                                        "--logfile",
                                        log_,
                                        "--save",
                                        "",
                                        "--appendonly",
                                        options_.keeps_data ? "yes" : "no",
                                        "--appendfsync",
                                        "always",
                                        "--enable-debug-command",
                                        "yes",
                                        "--requirepass",
                                        options_.password,
                                        "--daemonize",
                                        "no"};
  if (tls()) {
    const std::vector<std::string> more = {"--tls-port",         std::to_string(port_),
                                           "--tls-cert-file",    options_.certificate_file,
                                           "--tls-key-file",     options_.key_file,
                                           "--tls-ca-cert-file", options_.ca_file,
                                           "--tls-auth-clients", options_.asks_clients ? "yes" : "no"};
    arguments.insert(arguments.end(), more.begin(), more.end());
  }
  if (!options_.user.empty()) {
    arguments.push_back("--user");
    for (const absl::string_view word : absl::StrSplit(options_.user, ' ')) arguments.emplace_back(word);
  }
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) Fail("fork failed");
  if (pid_ > 0) return;
  // In the child: only calls that are safe after fork in a process with threads.
  if (options_.net_space >= 0 && setns(options_.net_space, CLONE_NEWNET) != 0) _exit(125);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

bool RedisServer::WaitUntilItAnswers() const {
  const SystemClock clock;
  const absl::Duration deadline = clock.Monotonic() + kStartDeadline;
  while (clock.Monotonic() < deadline) {
    if (Ask("PING") == "+PONG\r\n") return true;
    if (waitpid(pid_, nullptr, WNOHANG) != 0) return false;
    WaitForMilliseconds(2);
  }
  return false;
}

void RedisServer::WaitForEnd(int signal) {
  if (!running()) return;
  kill(pid_, SIGCONT);
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void RedisServer::Fail(absl::string_view what) const {
  const std::string log = ReadFile(log_).value_or("no log; is redis-server installed?");
  std::fprintf(stderr, "RedisServer: %.*s\n%s\n", static_cast<int>(what.size()), what.data(), log.c_str());
  std::abort();
}

}  // namespace tikhaul
