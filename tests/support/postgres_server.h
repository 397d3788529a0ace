// A private PostgreSQL cluster for tests: real server, nothing shared with other tests or with the machine.
#ifndef TIKHAUL_TESTS_SUPPORT_POSTGRES_SERVER_H_
#define TIKHAUL_TESTS_SUPPORT_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/support/small_disk.h"

namespace tikhaul {

// Made by initdb in a directory of its own under /tmp, which goes away with the object; listens on a Unix socket there
// and nowhere else; dies with the thread that started it. PostgreSQL refuses to run as root, so a test program of root
// runs it as another user. A server that does not start stops the test program with its log. Used by one thread at a
// time (the server itself serves any number).
class PostgresServer {
 public:
  struct Options {
    std::vector<std::string> settings = {};   // "fsync=on"
    std::vector<std::string> run_under = {};  // a command in front of the server's
    std::string disk = "";                    // not empty: its data lie on a disk of their own of this size ("200m")
    // Not empty: also listens on this address and port 5432, in the network namespace of that open descriptor.
    std::string host = "";
    int net_space = -1;
  };
  PostgresServer() : PostgresServer(Options()) {}
  explicit PostgresServer(Options options);  // started and answering when it returns
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // The one of this test program: making a cluster takes seconds. Goes when the program ends.
  static PostgresServer& Shared();

  // For OpenStore; stays the same over Start and Stop. `user` empty: the superuser.
  std::string Url(const std::string& user = "") const;
  // A name for a schema that nobody else has.
  static std::string NewSchema();
  // For clients that reach its network.
  std::string UrlOverNetwork() const;
  const std::string& socket_folder() const { return directory_; }
  bool running() const { return pid_ > 0; }
  SmallDisk& disk() { return *disk_; }
  // It has ended by itself; notes that, so that it can be started.
  bool Ended();

  void Start();
  void Stop();  // ends all sessions, in order
  void Kill();  // as `pg_ctl stop -m immediate`: the next start recovers from the log
  // SIGSTOP and SIGCONT of the server and all of its sessions: they are there but do not answer.
  void Freeze();
  void Thaw();

  // Runs statements as the superuser; the rows of the last, as text, null as "NULL". A failure fails the test.
  std::vector<std::vector<std::string>> Run(const std::string& sql) const;

 private:
  void Make();
  pid_t Spawn(const std::vector<std::string>& arguments) const;
  void Listen();
  bool Answers() const;
  void SignalAll(int signal) const;
  void WaitForEnd(int signal);
  [[noreturn]] void Fail(const std::string& what) const;

  const Options options_;
  std::string directory_, log_;
  std::optional<SmallDisk> disk_;
  pid_t pid_ = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_POSTGRES_SERVER_H_
