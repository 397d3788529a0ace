// A Redis for tests, and the way to it: the two ways that an installation goes.
#ifndef TIKHAUL_TESTS_SUPPORT_REDIS_STAGE_H_
#define TIKHAUL_TESTS_SUPPORT_REDIS_STAGE_H_

#include <memory>
#include <string>

#include "common/redis/redis.h"
#include "tests/support/redis_server.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/test_certificates.h"

namespace tikhaul {

enum class RedisWay {
  kPlain,  // a Unix socket, as the default user
  kTls,    // TLS, as the user whose rights k8s/redis/users.acl gives: what we need and may not have shows in any test
};
std::string RedisWayName(RedisWay way);

inline constexpr char kRedisTestPassword[] = "only-for-tests-8d1f";

// A server that shows certificate `redis`, and knows user tikhaul with these rights and the password above.
RedisServer::Options TlsRedis(const TestCertificates& certificates, const std::string& rights,
                              RedisServer::Options other = {});

// What k8s/redis/users.acl lets user tikhaul do: keys, channels and commands.
std::string ReleasedRights();

class RedisStage {
 public:
  // `server` but for what the way needs. `rights`: of the user, when there is one.
  explicit RedisStage(RedisWay way, RedisServer::Options server = {}, const std::string& rights = ReleasedRights());

  RedisServer& server() { return server_; }
  RedisOptions Options() const;  // of somebody who knows the password, and the authority
  const std::string& password_file() const { return password_file_; }

 private:
  const ScratchFolder folder_;
  const std::unique_ptr<const TestCertificates> certificates_;  // kTls
  const std::string password_file_;
  RedisServer server_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_REDIS_STAGE_H_
