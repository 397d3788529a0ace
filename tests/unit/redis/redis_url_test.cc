#include "common/redis/redis_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/redis/redis.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RedisUrlTest, ReadsHostPortAndDatabase) {
  const auto address = ParseRedisUrl("redis://cache.internal:6380/3");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->host, "cache.internal");
  EXPECT_EQ(address->port, 6380);
  EXPECT_EQ(address->database, 3);
  EXPECT_TRUE(address->password.empty());
  EXPECT_EQ(address->Describe(), "redis://cache.internal:6380/3");
}

TEST(RedisUrlTest, PortAndDatabaseHaveDefaults) {
  const auto address = ParseRedisUrl("redis://localhost/");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->port, 6379);
  EXPECT_EQ(address->database, 0);
}

TEST(RedisUrlTest, ReadsIpv6InBrackets) {
  const auto address = ParseRedisUrl("redis://[::1]:7000");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->host, "::1");
  EXPECT_EQ(address->port, 7000);
  EXPECT_EQ(address->Describe(), "redis://[::1]:7000");
}

TEST(RedisUrlTest, ReadsUserAndPasswordAndShowsNeither) {
  const auto address = ParseRedisUrl("redis://mover:p%40ss%3Aword/x@cache:6379");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->user, "mover");
  EXPECT_EQ(address->password.Reveal(), "p@ss:word/x");
  EXPECT_EQ(address->Describe(), "redis://cache:6379");
}

TEST(RedisUrlTest, PasswordWithoutUserIsTheDefaultUsers) {
  const auto address = ParseRedisUrl("redis://:pa@ss@cache");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->user, "");
  EXPECT_EQ(address->password.Reveal(), "pa@ss");
}

TEST(RedisUrlTest, ReadsSocketPath) {
  const auto address = ParseRedisUrl("unix:/run/redis/socket");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->socket_path, "/run/redis/socket");
  EXPECT_EQ(address->Describe(), "unix:/run/redis/socket");
}

TEST(RedisUrlTest, RefusesOtherForms) {
  for (const std::string& url :
       {std::string(""), std::string("localhost:6379"), std::string("http://localhost"), std::string("unix:socket"),
        "unix:/" + std::string(200, 'x'), std::string("redis://"), std::string("redis://:6379"),
        std::string("redis://host:0"), std::string("redis://host:65536"), std::string("redis://host:port"),
        std::string("redis://host/-1"), std::string("redis://host/db"), std::string("redis://user@host"),
        std::string("redis://user:@host"), std::string("redis://::1"), std::string("redis://[::1"),
        std::string("redis://u:%4@host"), std::string("redis://u:%zz@host")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckRedisUrl(url))) << url;
  }
}

TEST(RedisUrlTest, TwoSMeanTls) {
  const auto address = ParseRedisUrl("rediss://mover:secret-word@cache.internal:6380/3");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_TRUE(address->tls);
  EXPECT_EQ(address->user, "mover");
  EXPECT_EQ(address->Describe(), "rediss://cache.internal:6380/3");
  EXPECT_FALSE(ParseRedisUrl("redis://cache.internal")->tls);
  EXPECT_TRUE(absl::IsInvalidArgument(CheckRedisUrl("rediss:/cache.internal")));
}

TEST(RedisUrlTest, RefusalsNeverRepeatThePassword) {
  for (const char* url : {"redis://user:hunter22@host:99999", "redis://hunter22@host", "redis://user:hunter22%@host",
                          "http://user:hunter22@host", "redis://user:hunter22@", "redis://user:hunter22@host/x"}) {
    const absl::Status status = CheckRedisUrl(url);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << url;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter22"))) << url;
  }
}

}  // namespace
}  // namespace tikhaul
