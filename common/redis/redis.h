// The one home of hiredis: a blocking connection that reconnects by itself between commands.
#ifndef TIKHAUL_COMMON_REDIS_REDIS_H_
#define TIKHAUL_COMMON_REDIS_REDIS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tikhaul {

// One answer of the server, copied out of the library.
struct RedisReply {
  enum class Kind { kNil, kInteger, kString, kStatus, kError, kArray };
  Kind kind = Kind::kNil;
  int64_t integer = 0;
  std::string text;  // of strings, statuses and errors
  std::vector<RedisReply> elements;
};

struct RedisOptions {
  std::string url;                 // "redis://[user:password@]host:port[/db]", "rediss://..." or "unix:/absolute/path"
  std::string user = {};           // empty: the URL's
  std::string password_file = {};  // empty: the URL's password. Read at each connection
  // For "rediss://", PEM files, read at each connection. An empty ca_file: the authorities that this machine believes.
  std::string ca_file = {};
  std::string certificate_file = {};  // shown to a server that asks for one; with its key_file
  std::string key_file = {};
  absl::Duration connect_timeout = absl::Seconds(2);
  absl::Duration command_timeout = absl::Seconds(5);
  std::string client_name = "tikhaul";  // what CLIENT LIST shows; no blanks
};

// Used by one thread at a time. After any fault of the connection the context is thrown away; the next command connects
// again (with TLS, AUTH and SELECT), at most once per back-off interval (50 ms to 2 s). The process must ignore
// SIGPIPE.
class RedisConnection {
 public:
  explicit RedisConnection(RedisOptions options);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  // Sends one command, arguments binary-safe. UNAVAILABLE: the server cannot be reached, is loading, or the connection
  // broke (whether the command ran is unknown); UNAUTHENTICATED: password refused, or the server's certificate not
  // believed; PERMISSION_DENIED: the user's ACL forbids it; FAILED_PRECONDITION: a file of the options cannot be used,
  // or the server wants something else. An error answer of the server is a reply of kind kError, not a status, except
  // for those that mean "not now" (LOADING, READONLY, MASTERDOWN, OOM, MISCONF: UNAVAILABLE). `blocking_for` is added
  // to the command time-out, for XREADGROUP BLOCK.
  absl::StatusOr<RedisReply> Command(const std::vector<std::string>& arguments,
                                     absl::Duration blocking_for = absl::ZeroDuration());
  // Sends all commands at once and gives their replies in order. As Command(); when one of the replies means "not now",
  // its status is returned and the others are lost (they may have run).
  absl::StatusOr<std::vector<RedisReply>> Pipeline(const std::vector<std::vector<std::string>>& commands);
  // EVALSHA, with EVAL when the server does not know the script.
  absl::StatusOr<RedisReply> Eval(const std::string& script, const std::vector<std::string>& keys,
                                  const std::vector<std::string>& arguments);
  bool connected() const;
  // The address for messages: without user and password.
  const std::string& address() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// INVALID_ARGUMENT when the URL is not of a known form. The message does not hold user or password.
absl::Status CheckRedisUrl(const std::string& url);

// `reply` as it is, or INTERNAL with the server's words when it is an error answer: for callers that expect none.
absl::StatusOr<RedisReply> NoError(absl::StatusOr<RedisReply> reply);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_REDIS_REDIS_H_
