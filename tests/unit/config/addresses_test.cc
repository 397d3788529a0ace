#include "common/config/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "common/base/secret.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(AddressesTest, VariablesComeFromTheEnvironment) {
  setenv("TIKHAUL_TEST_A", "one", 1);
  unsetenv("TIKHAUL_TEST_B");
  EXPECT_EQ(*ExpandVariables("${TIKHAUL_TEST_A}/x/${TIKHAUL_TEST_A}$"), "one/x/one$");
  EXPECT_EQ(ExpandVariables("${TIKHAUL_TEST_B}").status().message(), "environment variable TIKHAUL_TEST_B is not set");
  EXPECT_EQ(ExpandVariables("${TIKHAUL_TEST_A").status().message(), "\"${\" without \"}\"");
  EXPECT_FALSE(ExpandVariables("${}").ok());
  EXPECT_FALSE(ExpandVariables("${A B}").ok());
}

TEST(AddressesTest, PathsStartFromTheFolder) {
  EXPECT_EQ(*ParsePath("a/../b", "/home/me"), "/home/me/b");
  EXPECT_EQ(*ParsePath("/abs", "/home/me"), "/abs");
  EXPECT_FALSE(ParsePath("~/x", "/home/me").ok());
}

TEST(AddressesTest, Stores) {
  EXPECT_EQ(*ParseStore("sqlite:rows.db", "/home/me"), "sqlite:/home/me/rows.db");
  for (const char* text : {"postgres://x/y", "postgresql://x/y", "postgresql://me:p%40ss-word@db.example.com:5432/ads",
                           "postgresql://me@/ads?host=/run/postgresql&sslmode=verify-full"}) {
    EXPECT_EQ(ParseStore(text, "/home/me").value_or(""), text);
  }
  for (const char* text : {"sqlite:", "rows.db", "mysql://x", "postgresql://", "postgresql://host",
                           "postgresql://host/", "postgresql://host/db?sslmode"}) {
    EXPECT_FALSE(ParseStore(text, "/home/me").ok()) << text;
  }
}

TEST(AddressesTest, PasswordsOfStoresAreKeptFromMessages) {
  EXPECT_EQ(ShownStore("sqlite:/home/me/rows.db"), "sqlite:/home/me/rows.db");
  EXPECT_EQ(ShownStore("postgresql://me:pass-word-1@db:5432/ads?sslpassword=x"), "postgresql://db:5432/ads");
  EXPECT_EQ(ShownStore("postgresql://db/ads"), "postgresql://db/ads");
  ASSERT_TRUE(ParseStore("postgresql://me:hush%2Dhush@db/ads?password=other-one", "/").ok());
  EXPECT_EQ(Redact("hush%2Dhush hush-hush other-one"), "[redacted] [redacted] [redacted]");
  const absl::Status refused = ParseStore("postgresql://me:s3cret-part@db", "/").status();
  EXPECT_EQ(refused.message().find("s3cret"), absl::string_view::npos) << refused;
}

TEST(AddressesTest, Redis) {
  for (const char* text : {"redis://127.0.0.1:6379/0", "redis://redis", "redis://[::1]:6379",
                           "redis://:pw123456@host:6379/2", "redis://user:p%40ss@host:1", "rediss://cache:6380/1"}) {
    EXPECT_EQ(ParseRedis(text, "/home/me").value_or(""), text);
  }
  EXPECT_EQ(*ParseRedis("unix:run/redis.sock", "/home/me"), "unix:/home/me/run/redis.sock");
  for (const char* text :
       {"127.0.0.1:6379", "redis://", "redis://host:99999", "redis://ho st", "rediss://", "redis://user@host"}) {
    EXPECT_FALSE(ParseRedis(text, "/home/me").ok()) << text;
  }
  EXPECT_FALSE(ParseRedis("unix:/" + std::string(200, 'a'), "/").ok());
}

TEST(AddressesTest, PasswordsOfRedisNeverShow) {
  EXPECT_THAT(std::string(ParseRedis("redis://u:hidden-one@ho st", "/").status().message()),
              Not(HasSubstr("hidden-one")));
  ASSERT_TRUE(ParseRedis("redis://u:hidden-two@host:1", "/").ok());
  EXPECT_EQ(Redact("at redis://u:hidden-two@host:1"), "at redis://u:[redacted]@host:1");
  ASSERT_TRUE(ParseRedis("rediss://u:hidden%20three@host:1", "/").ok());
  EXPECT_EQ(Redact("AUTH hidden three"), "AUTH [redacted]");
}

TEST(AddressesTest, ApiBases) {
  EXPECT_EQ(ParseApiBase("production")->url, "https://business-api.tiktok.com/open_api/v1.3/");
  EXPECT_TRUE(ParseApiBase("sandbox")->sandbox);
  EXPECT_TRUE(ParseApiBase("https://sandbox-ads.tiktok.com/open_api/v1.3/")->sandbox);
  EXPECT_EQ(ParseApiBase("https://proxy.example:8443/open_api/v1.3")->url, "https://proxy.example:8443/open_api/v1.3/");
  for (const char* text : {"http://127.0.0.1:8080/open_api/v1.3/", "http://localhost:1/x/", "http://[::1]:1/x/"}) {
    EXPECT_EQ(ParseApiBase(text)->url, text);
  }
  for (const char* text :
       {"http://api.example/x/", "http://127.0.0.1.example/x/", "http://10.0.0.1/x/", "ftp://x/", "https://", "prod",
        "https://u:p@h/x/", "https://h/x?y=1", "https://h/x#y", "https://h:0x1/x/", "https://h /x/"}) {
    EXPECT_FALSE(ParseApiBase(text).ok()) << text;
  }
}

TEST(AddressesTest, ListenAddressesKnowWhetherTheyAreLocal) {
  for (const char* text : {"127.0.0.1:7733", "localhost:0", "[::1]:7733", "unix:run/x.sock"}) {
    ASSERT_TRUE(ParseListen(text, "/home/me").ok()) << text;
    EXPECT_TRUE(ParseListen(text, "/home/me")->local) << text;
  }
  for (const char* text : {"0.0.0.0:7733", "coordinator:7733", "[::]:7733"}) {
    ASSERT_TRUE(ParseListen(text, "/home/me").ok()) << text;
    EXPECT_FALSE(ParseListen(text, "/home/me")->local) << text;
  }
  for (const char* text : {"7733", ":7733", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:x", "a b:1", "unix:"}) {
    EXPECT_FALSE(ParseListen(text, "/home/me").ok()) << text;
  }
  EXPECT_EQ(ParseListen("unix:run/x.sock", "/home/me")->address, "unix:/home/me/run/x.sock");
}

}  // namespace
}  // namespace tikhaul
