// A private redis-server process for tests: real Redis, nothing shared with other tests or with the machine.
#ifndef TIKHAUL_TESTS_SUPPORT_REDIS_SERVER_H_
#define TIKHAUL_TESTS_SUPPORT_REDIS_SERVER_H_

#include <sys/types.h>

#include <string>

#include "absl/strings/string_view.h"

namespace tikhaul {

// Listens on a Unix socket in a directory of its own under /tmp, which goes away with the object, and dies with the
// thread that started it. A server that does not start stops the test program with its log. Also makes the process
// ignore SIGPIPE, as main() does. Used by one thread at a time (the server itself serves any number).
class RedisServer {
 public:
  struct Options {
    bool keeps_data = false;    // append-only file with fsync per write: data survive Stop() and Kill()
    bool tcp = false;           // also listens on a free port of 127.0.0.1, and url() names it
    std::string password = "";  // of the default user; url() does not hold it
    // Not empty: listens on this address and port 6379 instead, in the network namespace of that open descriptor.
    std::string host = "";
    int net_space = -1;
    // Not empty: speaks TLS only, on a free port of 127.0.0.1, and url() names it by the name localhost.
    std::string certificate_file = "";
    std::string key_file = "";
    std::string ca_file = "";   // whose certificates of clients it believes
    bool asks_clients = false;  // for a certificate
    std::string user = "";      // a line of an ACL file, without "user": a user beside the default one
  };
  RedisServer() : RedisServer(Options()) {}
  explicit RedisServer(Options options);  // started and answering when it returns
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // For RedisOptions::url; stays the same over Start and Stop.
  const std::string& url() const { return url_; }
  const std::string& socket_path() const { return socket_; }
  bool running() const { return pid_ > 0; }

  void Start();  // returns when PING is answered
  void Stop();   // SIGTERM: the server ends in order
  void Kill();   // kill -9
  void FlushAll();
  // SIGSTOP and SIGCONT: the server is there but does not answer.
  void Freeze();
  void Thaw();
  // Sends one line in the inline form ("DEBUG SLEEP 1") on a connection of its own and gives the answer as it came
  // ("+OK\r\n"); empty when the server cannot be reached or is silent for 5 s.
  std::string Ask(absl::string_view line) const;

 private:
  bool tls() const { return !options_.certificate_file.empty(); }
  void Spawn();
  bool WaitUntilItAnswers() const;
  void WaitForEnd(int signal);
  [[noreturn]] void Fail(absl::string_view what) const;

  const Options options_;
  std::string directory_;
  std::string socket_;
  std::string log_;
  std::string url_;
  int port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_REDIS_SERVER_H_
