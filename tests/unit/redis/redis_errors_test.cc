#include "common/redis/redis_errors.h"

#include <gtest/gtest.h>

namespace tikhaul {
namespace {

TEST(RedisErrorsTest, AnswersThatCallersAskForReachThemOnTheSameConnection) {
  for (const char* error : {"ERR unknown command", "NOSCRIPT No matching script.", "NOGROUP No such key 's'",
                            "BUSYGROUP Consumer Group name already exists", "UNBLOCKED the stream key no longer exists",
                            "WRONGTYPE Operation against a key", "EXECABORT Transaction discarded"}) {
    EXPECT_EQ(RuleForRedisError(error).status, absl::StatusCode::kOk) << error;
    EXPECT_FALSE(RuleForRedisError(error).reconnect) << error;
  }
}

TEST(RedisErrorsTest, NotNowIsUnavailable) {
  for (const char* error :
       {"LOADING Redis is loading the dataset in memory", "READONLY You can't write against a read only replica.",
        "MASTERDOWN Link with MASTER is down", "OOM command not allowed when used memory > 'maxmemory'.",
        "MISCONF Redis is configured to save RDB snapshots", "BUSY Redis is busy running a script"}) {
    EXPECT_EQ(RuleForRedisError(error).status, absl::StatusCode::kUnavailable) << error;
    EXPECT_FALSE(RuleForRedisError(error).advice.empty()) << error;
  }
}

TEST(RedisErrorsTest, ReplicasAreLeft) {
  EXPECT_TRUE(RuleForRedisError("READONLY You can't write").reconnect);
  EXPECT_TRUE(RuleForRedisError("MASTERDOWN Link").reconnect);
}

TEST(RedisErrorsTest, RefusedPasswordIsUnauthenticated) {
  EXPECT_EQ(RuleForRedisError("WRONGPASS invalid username-password pair").status, absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(RuleForRedisError("NOAUTH Authentication required.").status, absl::StatusCode::kUnauthenticated);
}

TEST(RedisErrorsTest, MissingRightsSayWhereTheyStandAlsoInScripts) {
  for (const char* error : {"NOPERM this user has no permissions to run the 'get' command",
                            "ERR The user executing the script can't run this command or subcommand script: 897afd"}) {
    EXPECT_EQ(RuleForRedisError(error).status, absl::StatusCode::kPermissionDenied) << error;
    EXPECT_NE(RuleForRedisError(error).advice.find("docs/redis.md"), absl::string_view::npos) << error;
  }
}

TEST(RedisErrorsTest, UnknownCodeGoesToTheCallerOnANewConnectionNextTime) {
  EXPECT_EQ(RuleForRedisError("NEWS from a later version").status, absl::StatusCode::kOk);
  EXPECT_TRUE(RuleForRedisError("NEWS from a later version").reconnect);
  EXPECT_TRUE(RuleForRedisError("").reconnect);
  EXPECT_TRUE(RuleForRedisError("ERRATIC is not ERR").reconnect);
}

}  // namespace
}  // namespace tikhaul
