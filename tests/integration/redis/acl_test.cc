// The rights that k8s/redis/users.acl gives: no more, and said when they are less.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/files.h"
#include "tests/support/redis_stage.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

std::string Source(const std::string& path) {
  return ReadFile(absl::StrCat(TIKHAUL_SOURCE_DIR, "/", path)).value_or("");
}

TEST(RedisRightsTest, OtherKeysAndCommandsAreRefused) {
  RedisStage stage(RedisWay::kTls);
  RedisConnection redis(stage.Options());
  const std::vector<std::vector<std::string>> refused = {
      {"GET", "other"},
      {"SET", "other", "1"},
      {"SET", "tikhaul", "1"},
      {"XADD", "others:tikhaul:hints", "*", "c", "1"},
      {"KEYS", "*"},
      {"SCAN", "0"},
      {"FLUSHALL"},
      {"FLUSHDB"},
      {"CONFIG", "GET", "requirepass"},
      {"ACL", "LIST"},
      {"SCRIPT", "FLUSH"},
      {"XGROUP", "DESTROY", "tikhaul:{a}:hints", "workers"},
      {"CLIENT", "LIST"},
      {"DEBUG", "SLEEP", "0"},
      {"SHUTDOWN"},
      {"REPLICAOF", "10.0.0.1", "6379"},
      {"PUBLISH", "news", "x"},
      {"EVAL", "return redis.call('GET', 'other')", "0"},
      {"EVAL", "return redis.call('FLUSHALL')", "0"},
  };
  for (const std::vector<std::string>& command : refused) {
    const absl::Status status = redis.Command(command).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << command[0] << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("docs/redis.md"));
  }
  EXPECT_TRUE(redis.Command({"SET", "tikhaul:{a}:generation", "1"}).ok());
  EXPECT_TRUE(redis.Eval("return redis.call('GET', KEYS[1])", {"tikhaul:{a}:generation"}, {}).ok());
}

// A right that nothing needs any more must go. That none is missing is what the tests of queue and quota show.
TEST(RedisRightsTest, EachCommandIsUsedSomewhere) {
  std::string sources;
  for (const char* path : {"common/redis/redis.cc", "common/queue/hint_queue.cc", "common/quota/quota_lua.cc",
                           "common/quota/granting_lua.cc"}) {
    sources += absl::StrReplaceAll(Source(path), {{"\"", "'"}});
  }
  int commands = 0;
  for (absl::string_view word : absl::StrSplit(ReleasedRights(), ' ')) {
    if (!absl::ConsumePrefix(&word, "+")) continue;
    ++commands;
    const std::string spelled =
        absl::StrCat("'", absl::StrReplaceAll(absl::AsciiStrToUpper(word), {{"|", "', '"}}), "'");
    EXPECT_THAT(sources, HasSubstr(spelled));
  }
  EXPECT_GT(commands, 20);
}

TEST(RedisRightsTest, TheDocsQuoteThem) {
  EXPECT_THAT(Source("docs/redis.md"), HasSubstr(Source("k8s/redis/users.acl")));
  EXPECT_FALSE(Source("k8s/redis/users.acl").empty());
}

}  // namespace
}  // namespace tikhaul
