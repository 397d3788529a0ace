// Where a Redis server is and who we are there.
#ifndef TIKHAUL_COMMON_REDIS_REDIS_URL_H_
#define TIKHAUL_COMMON_REDIS_REDIS_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace tikhaul {

struct RedisAddress {
  std::string socket_path;  // of a Unix socket; empty: host and port
  std::string host;         // name or address; IPv6 without brackets
  int port = 6379;
  bool tls = false;
  int database = 0;
  std::string user;  // empty: the default user
  Secret password;   // empty: no AUTH is sent

  // The address for people and logs: neither user nor password.
  std::string Describe() const;
};

// "redis://[[user]:password@]host[:port][/database]", user and password percent-encoded where they hold reserved
// characters; "rediss://" likewise, with TLS; or "unix:/absolute/path". INVALID_ARGUMENT says what is expected and
// never repeats what stands before
// "@".
absl::StatusOr<RedisAddress> ParseRedisUrl(const std::string& url);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_REDIS_REDIS_URL_H_
