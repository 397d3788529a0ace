#include "common/redis/redis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "common/base/clock.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/support/redis_stage.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Kind = RedisReply::Kind;

RedisOptions OptionsFor(const std::string& url) {
  RedisOptions options;
  options.url = url;
  return options;
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// The text of a reply that must be there.
std::string Text(const absl::StatusOr<RedisReply>& reply) { return reply.ok() ? reply->text : Message(reply.status()); }

// What must hold over a plain socket and over TLS alike; the user may do everything.
class RedisConnectionTest : public ::testing::TestWithParam<RedisWay> {
 protected:
  RedisStage stage_{GetParam(), {}, "~* &* +@all"};
  RedisServer& server_ = stage_.server();
};

INSTANTIATE_TEST_SUITE_P(Ways, RedisConnectionTest, ::testing::Values(RedisWay::kPlain, RedisWay::kTls),
                         [](const auto& info) { return RedisWayName(info.param); });

TEST_P(RedisConnectionTest, CopiesEveryKindOfReply) {
  RedisConnection redis(stage_.Options());
  EXPECT_FALSE(redis.connected());

  const auto status = redis.Command({"SET", "n", "41"});
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->kind, Kind::kStatus);
  EXPECT_EQ(status->text, "OK");
  EXPECT_TRUE(redis.connected());
  const auto number = redis.Command({"INCR", "n"});
  EXPECT_EQ(number->kind, Kind::kInteger);
  EXPECT_EQ(number->integer, 42);
  const auto text = redis.Command({"GET", "n"});
  EXPECT_EQ(text->kind, Kind::kString);
  EXPECT_EQ(text->text, "42");
  EXPECT_EQ(redis.Command({"GET", "nothing"})->kind, Kind::kNil);
  const auto error = redis.Command({"LPUSH", "n", "x"});
  ASSERT_TRUE(error.ok()) << error.status();
  EXPECT_EQ(error->kind, Kind::kError);
  EXPECT_THAT(error->text, HasSubstr("WRONGTYPE"));
  EXPECT_EQ(NoError(error).status().code(), absl::StatusCode::kInternal);
}

TEST_P(RedisConnectionTest, CopiesNestedArraysWithHoles) {
  RedisConnection redis(stage_.Options());
  const auto reply = redis.Command({"EVAL", "return {1, {'two', {false, 'three'}}, {}}", "0"});
  ASSERT_TRUE(reply.ok()) << reply.status();
  ASSERT_EQ(reply->elements.size(), 3u);
  EXPECT_EQ(reply->elements[0].integer, 1);
  ASSERT_EQ(reply->elements[1].elements.size(), 2u);
  EXPECT_EQ(reply->elements[1].elements[0].text, "two");
  EXPECT_EQ(reply->elements[1].elements[1].elements[0].kind, Kind::kNil);
  EXPECT_EQ(reply->elements[1].elements[1].elements[1].text, "three");
  EXPECT_EQ(reply->elements[2].kind, Kind::kArray);
  EXPECT_TRUE(reply->elements[2].elements.empty());
}

TEST_P(RedisConnectionTest, ArgumentsAndRepliesAreBinarySafe) {
  RedisConnection redis(stage_.Options());
  const std::string odd("a\0b\r\n%s \xff", 9);
  ASSERT_TRUE(redis.Command({"SET", odd, odd}).ok());
  EXPECT_EQ(Text(redis.Command({"GET", odd})), odd);
  EXPECT_EQ(Text(redis.Command({"ECHO", ""})), "");
}

TEST_P(RedisConnectionTest, LargeValuesGoBothWays) {
  RedisConnection redis(stage_.Options());
  std::string large;
  for (int i = 0; large.size() < 9'000'000; ++i) large += std::to_string(i);
  ASSERT_TRUE(redis.Command({"SET", "large", large}).ok());
  EXPECT_TRUE(Text(redis.Command({"GET", "large"})) == large);
}

TEST_P(RedisConnectionTest, PipelineGivesRepliesInOrder) {
  RedisConnection redis(stage_.Options());
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < 1000; ++i) commands.push_back({"ECHO", std::to_string(i)});
  const auto replies = redis.Pipeline(commands);
  ASSERT_TRUE(replies.ok()) << replies.status();
  ASSERT_EQ(replies->size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ((*replies)[i].text, std::to_string(i));
}

TEST(RedisAddressTest, NoServerIsUnavailableAndSaysWhereAndWhatToDo) {
  RedisConnection redis(OptionsFor("unix:/tmp/no-such-socket"));
  const auto reply = redis.Command({"PING"});
  EXPECT_TRUE(absl::IsUnavailable(reply.status()));
  EXPECT_THAT(Message(reply.status()), HasSubstr("unix:/tmp/no-such-socket"));
  EXPECT_THAT(Message(reply.status()), HasSubstr("is redis-server running"));
}

TEST(RedisAddressTest, BadAddressIsRefusedAtTheFirstCommand) {
  RedisConnection redis(OptionsFor("localhost"));
  EXPECT_TRUE(absl::IsInvalidArgument(redis.Command({"PING"}).status()));
}

TEST_P(RedisConnectionTest, ConnectsAgainAfterKillAndAnswersAtOnceInBetween) {
  RedisConnection redis(stage_.Options());
  ASSERT_TRUE(redis.Command({"PING"}).ok());
  server_.Kill();
  EXPECT_TRUE(absl::IsUnavailable(redis.Command({"PING"}).status()));
  EXPECT_FALSE(redis.connected());
  // A thousand commands in back-off do not mean a thousand attempts, nor a wait.
  const SystemClock clock;
  const absl::Duration start = clock.Monotonic();
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(absl::IsUnavailable(redis.Command({"PING"}).status()));
  EXPECT_LT(clock.Monotonic() - start, absl::Seconds(1));
  server_.Start();
  EXPECT_TRUE(Eventually([&] { return redis.Command({"PING"}).ok(); }));
}

TEST_P(RedisConnectionTest, ConnectionClosedByTheServerWhileIdleIsNotNoticed) {
  RedisConnection redis(stage_.Options());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(redis.Command({"PING"}).ok());
    ASSERT_EQ(server_.Ask("CLIENT KILL TYPE normal SKIPME yes"), ":1\r\n");
    tikhaul::SleepFor(absl::Milliseconds(110));  // past the back-off interval of the connection made last
    const auto reply = redis.Command({"PING"});
    EXPECT_TRUE(reply.ok()) << reply.status();
  }
}

TEST(RedisAddressTest, DatabaseAndNameAreSetAgainAfterEachConnect) {
  RedisServer server({.tcp = true});
  RedisOptions options = OptionsFor(server.url() + "/3");
  options.client_name = "mover-7";
  RedisConnection redis(options);
  ASSERT_TRUE(redis.Command({"SET", "k", "in three"}).ok());
  server.Ask("CLIENT KILL TYPE normal SKIPME yes");
  ASSERT_TRUE(Eventually([&] { return redis.Command({"PING"}).ok(); }));
  EXPECT_EQ(Text(redis.Command({"GET", "k"})), "in three");
  EXPECT_EQ(Text(redis.Command({"CLIENT", "GETNAME"})), "mover-7");
  EXPECT_EQ(server.Ask("GET k"), "$-1\r\n");  // database 0 knows nothing of it
}

TEST(RedisAddressTest, DatabaseThatIsNotThereIsSaid) {
  RedisServer server({.tcp = true});
  RedisConnection redis(OptionsFor(server.url() + "/999"));
  const absl::Status status = redis.Command({"PING"}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(Message(status), HasSubstr("SELECT"));
}

TEST_P(RedisConnectionTest, SilentServerTimesOutAndItsLateAnswerIsNeverRead) {
  RedisOptions options = stage_.Options();
  options.command_timeout = absl::Milliseconds(150);
  RedisConnection redis(options);
  ASSERT_TRUE(redis.Command({"PING"}).ok());
  server_.Freeze();
  const auto lost = redis.Command({"ECHO", "late"});
  EXPECT_TRUE(absl::IsUnavailable(lost.status()));
  EXPECT_THAT(Message(lost.status()), HasSubstr("did not answer"));
  server_.Thaw();
  std::string answer;
  ASSERT_TRUE(Eventually([&] {
    const auto reply = redis.Command({"ECHO", "now"});
    if (reply.ok()) answer = reply->text;
    return reply.ok();
  }));
  EXPECT_EQ(answer, "now");
}

TEST_P(RedisConnectionTest, BlockingCommandsMayLastLongerThanTheTimeout) {
  RedisOptions options = stage_.Options();
  options.command_timeout = absl::Milliseconds(200);
  RedisConnection redis(options);
  const auto nothing = redis.Command({"BLPOP", "list", "0.5"}, absl::Milliseconds(500));
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_EQ(nothing->kind, Kind::kNil);
  EXPECT_TRUE(absl::IsUnavailable(redis.Command({"BLPOP", "list", "2"}).status()));
}

TEST(RedisAddressTest, PasswordOpensTheServer) {
  RedisServer server({.tcp = true, .password = "open-sesame"});
  const std::string with_password = absl::StrReplaceAll(server.url(), {{"redis://", "redis://default:open-sesame@"}});
  RedisConnection redis(OptionsFor(with_password));
  const auto reply = redis.Command({"PING"});
  EXPECT_TRUE(reply.ok()) << reply.status();
  EXPECT_THAT(redis.address(), Not(HasSubstr("open-sesame")));
  const std::string without_user = absl::StrReplaceAll(server.url(), {{"redis://", "redis://:open-sesame@"}});
  EXPECT_TRUE(RedisConnection(OptionsFor(without_user)).Command({"PING"}).ok());
}

TEST(RedisAddressTest, RefusedPasswordIsUnauthenticatedAndNotShown) {
  RedisServer server({.tcp = true, .password = "open-sesame"});
  const std::string wrong = absl::StrReplaceAll(server.url(), {{"redis://", "redis://default:open-barley@"}});
  const absl::Status refused = RedisConnection(OptionsFor(wrong)).Command({"PING"}).status();
  EXPECT_TRUE(absl::IsUnauthenticated(refused)) << refused;
  EXPECT_THAT(Message(refused), Not(HasSubstr("open-barley")));
  const absl::Status missing = RedisConnection(OptionsFor(server.url())).Command({"PING"}).status();
  EXPECT_TRUE(absl::IsUnauthenticated(missing)) << missing;
  EXPECT_THAT(Message(missing), HasSubstr("password"));
}

TEST_P(RedisConnectionTest, FullServerIsUnavailable) {
  RedisConnection redis(stage_.Options());
  ASSERT_TRUE(redis.Command({"CONFIG", "SET", "maxmemory", "1"}).ok());
  const absl::Status status = redis.Command({"SET", "k", "v"}).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("maxmemory"));
  EXPECT_TRUE(redis.connected());
  ASSERT_TRUE(redis.Command({"CONFIG", "SET", "maxmemory", "0"}).ok());
  EXPECT_TRUE(redis.Command({"SET", "k", "v"}).ok());
}

TEST_P(RedisConnectionTest, ReplicaIsUnavailableForWritesAndLeft) {
  RedisConnection redis(stage_.Options());
  ASSERT_TRUE(redis.Command({"REPLICAOF", "127.0.0.1", "1"}).ok());
  const absl::Status status = redis.Command({"SET", "k", "v"}).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("primary"));
  EXPECT_FALSE(redis.connected());
}

TEST_P(RedisConnectionTest, EvalWorksBeforeAndAfterTheServerForgotTheScript) {
  RedisConnection redis(stage_.Options());
  const std::string script = "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}";
  for (int i = 1; i <= 4; ++i) {
    if (i == 3) {
      ASSERT_EQ(server_.Ask("SCRIPT FLUSH"), "+OK\r\n");
    }
    const auto reply = redis.Eval(script, {"counter"}, {"x y"});
    ASSERT_TRUE(reply.ok()) << reply.status();
    ASSERT_EQ(reply->elements.size(), 3u) << reply->text;
    EXPECT_EQ(reply->elements[1].text, "x y");
    EXPECT_EQ(reply->elements[2].integer, i);
  }
  EXPECT_EQ(redis.Eval("this is not Lua", {}, {})->kind, Kind::kError);
}

}  // namespace
}  // namespace tikhaul
