#include "tests/support/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/process.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kStartDeadline = absl::Minutes(2);
constexpr char kSuperuser[] = "postgres";

// Debian keeps the programs of each version apart from the path.
std::string Program(const std::string& name) {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    const std::string path = version.path() / "bin" / name;
    if (std::filesystem::exists(path)) found.push_back(path);
  }
  return found.empty() ? name : *std::max_element(found.begin(), found.end());
}

// Whom the server runs as when we are root.
const passwd* Unprivileged() {
  const passwd* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

// The server's process and those of its sessions.
std::vector<pid_t> ProcessesOf(pid_t server) {
  std::vector<pid_t> processes = {server};
  std::ifstream children(absl::StrCat("/proc/", server, "/task/", server, "/children"));
  for (pid_t child = 0; children >> child;) processes.push_back(child);
  return processes;
}

}  // namespace

PostgresServer& PostgresServer::Shared() {
  static auto* const shared = new std::unique_ptr<PostgresServer>();
  if (*shared == nullptr) {
    *shared = std::make_unique<PostgresServer>();
    std::atexit([] { shared->reset(); });
  }
  return **shared;
}

std::string PostgresServer::NewSchema() {
  static int last = 0;
  return absl::StrCat("store ", ++last);  // with a blank: every name is quoted
}

PostgresServer::PostgresServer(Options options) : options_(std::move(options)) {
  char name[] = "/tmp/tkp-XXXXXX";
  if (mkdtemp(name) == nullptr) Fail("no temporary directory");
  directory_ = name;
  log_ = directory_ + "/log";
  if (geteuid() == 0) {
    const passwd* const user = Unprivileged();
    if (user == nullptr || chown(name, user->pw_uid, user->pw_gid) != 0) Fail("no user to run it as");
    if (!options_.disk.empty()) {
      disk_.emplace(directory_ + "/data", options_.disk);
      if (!disk_->mounted() || chown(disk_->path().c_str(), user->pw_uid, user->pw_gid) != 0) Fail("no small disk");
    }
  }
  Make();
  if (!options_.host.empty()) Listen();
  Start();
}

PostgresServer::~PostgresServer() {
  WaitForEnd(SIGQUIT);
  disk_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string PostgresServer::Url(const std::string& user) const {
  return absl::StrCat("postgresql://", user.empty() ? kSuperuser : user, "@/postgres?host=", directory_);
}

std::string PostgresServer::UrlOverNetwork() const {
  return absl::StrCat("postgresql://", kSuperuser, "@", options_.host, "/postgres");
}

bool PostgresServer::Ended() {
  if (!running() || waitpid(pid_, nullptr, WNOHANG) == 0) return false;
  pid_ = 0;
  return true;
}

void PostgresServer::Listen() {
  std::ofstream(directory_ + "/data/pg_hba.conf", std::ios::app) << "host all all 10.0.0.0/8 trust\n";
}

// Runs a program as the server's user, with its output in the log.
pid_t PostgresServer::Spawn(const std::vector<std::string>& arguments) const {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const passwd* const user = geteuid() == 0 ? Unprivileged() : nullptr;
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  // In the child: only calls that are safe after fork in a process with threads.
  if (options_.net_space >= 0 && setns(options_.net_space, CLONE_NEWNET) != 0) _exit(124);
  if (user != nullptr && (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
    _exit(125);
  prctl(PR_SET_PDEATHSIG, SIGQUIT);  // after the change of the user, which forgets it
  if (getppid() != parent) _exit(126);
  const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (chdir(directory_.c_str()) != 0) _exit(127);
  execvp(argv[0], argv.data());
  _exit(127);
}

void PostgresServer::Make() {
  const pid_t initdb = Spawn({Program("initdb"), "--pgdata", directory_ + "/data", "--username", kSuperuser, "--auth",
                              "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"});
  int status = 0;
  if (initdb < 0 || waitpid(initdb, &status, 0) != initdb || status != 0)
    Fail("initdb failed; is postgresql-15 installed?");
}

void PostgresServer::Start() {
  if (running()) return;
  // Without fsync a crash of the server loses nothing, only one of the machine would.
  std::vector<std::string> command = options_.run_under;
  command.insert(command.end(), {Program("postgres"), "-D", directory_ + "/data", "-k", directory_, "-c",
                                 "listen_addresses=" + options_.host});
  std::vector<std::string> settings = {"fsync=off", "shared_buffers=32MB", "max_connections=60", "log_checkpoints=off",
                                       "deadlock_timeout=200ms"};
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  for (const std::string& setting : settings) command.insert(command.end(), {"-c", setting});
  pid_ = Spawn(command);
  if (pid_ < 0) Fail("fork failed");
  const SystemClock clock;
  const absl::Duration deadline = clock.Monotonic() + kStartDeadline;
  while (!Answers()) {
    if (waitpid(pid_, nullptr, WNOHANG) != 0 || clock.Monotonic() >= deadline) Fail("the server does not answer");
    tikhaul::SleepFor(absl::Milliseconds(10));
  }
}

bool PostgresServer::Answers() const { return PQping(Url().c_str()) == PQPING_OK; }

void PostgresServer::Stop() { WaitForEnd(SIGINT); }
void PostgresServer::Kill() { WaitForEnd(SIGQUIT); }
void PostgresServer::Freeze() { SignalAll(SIGSTOP); }
void PostgresServer::Thaw() { SignalAll(SIGCONT); }

void PostgresServer::SignalAll(int signal) const {
  if (!running()) return;
  for (const pid_t process : ProcessesOf(pid_)) kill(process, signal);
}

void PostgresServer::WaitForEnd(int signal) {
  if (!running()) return;
  Thaw();
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

std::vector<std::vector<std::string>> PostgresServer::Run(const std::string& sql) const {
  std::vector<std::vector<std::string>> rows;
  PGconn* const db = PQconnectdb(Url().c_str());
  PQsetNoticeReceiver(
      db, [](void*, const PGresult*) {}, nullptr);
  PGresult* const result = PQexec(db, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  EXPECT_TRUE(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) << sql << ": " << PQerrorMessage(db);
  for (int i = 0; i < PQntuples(result); ++i) {
    auto& row = rows.emplace_back();
    for (int k = 0; k < PQnfields(result); ++k) {
      row.emplace_back(PQgetisnull(result, i, k) != 0 ? "NULL" : PQgetvalue(result, i, k));
    }
  }
  PQclear(result);
  PQfinish(db);
  return rows;
}

void PostgresServer::Fail(const std::string& what) const {
  const std::string log = ReadFile(log_).value_or("no log");
  std::fprintf(stderr, "PostgresServer: %s\n%s\n", what.c_str(), log.c_str());
  std::abort();
}

}  // namespace tikhaul
