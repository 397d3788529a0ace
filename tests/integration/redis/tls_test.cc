// The way to a Redis that speaks TLS and knows users: who is believed, and what is said when nobody is.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/files.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_stage.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kEverything[] = "~* &* +@all";

class RedisTlsTest : public ::testing::Test {
 protected:
  // A server that shows this certificate as its own.
  RedisServer::Options Showing(const std::string& name) const {
    RedisServer::Options options;
    options.certificate_file = certificates_.CertificateFile(name);
    options.key_file = certificates_.KeyFile(name);
    options.ca_file = certificates_.CaFile();
    return options;
  }
  RedisOptions OptionsFor(const RedisServer& server) const {
    RedisOptions options;
    options.url = server.url();
    options.ca_file = certificates_.CaFile();
    return options;
  }
  // What the first command gets.
  static absl::Status Try(const RedisOptions& options) { return RedisConnection(options).Command({"PING"}).status(); }

  const TestCertificates certificates_{"redis", "localhost"};
};

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST_F(RedisTlsTest, ACertificateForAnotherNameIsRefusedAndBothNamesAreSaid) {
  certificates_.Make("redis.internal", "10.1.2.3");
  RedisServer server(Showing("redis.internal"));
  const absl::Status status = Try(OptionsFor(server));
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(Message(status),
              AllOf(HasSubstr("not for localhost"), HasSubstr("redis.internal, 10.1.2.3"), HasSubstr("`redis`")));
}

TEST_F(RedisTlsTest, AnAddressMustStandInTheCertificateToo) {
  certificates_.Make("address", "localhost,127.0.0.1");
  RedisServer server(Showing("address"));
  RedisOptions options = OptionsFor(server);
  options.url = absl::StrReplaceAll(options.url, {{"localhost", "127.0.0.1"}});
  EXPECT_TRUE(Try(options).ok()) << Try(options);

  RedisServer nameless(Showing("redis"));
  options.url = absl::StrReplaceAll(nameless.url(), {{"localhost", "127.0.0.1"}});
  const absl::Status status = Try(options);
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("not for 127.0.0.1"));
}

TEST_F(RedisTlsTest, AnUnknownAuthorityIsRefused) {
  RedisServer server(Showing("redis"));
  const TestCertificates stranger;
  RedisOptions options = OptionsFor(server);
  options.ca_file = stranger.CaFile();
  const absl::Status known = Try(options);
  EXPECT_TRUE(absl::IsUnauthenticated(known)) << known;
  EXPECT_THAT(Message(known), HasSubstr(absl::StrCat("not in redis_options.ca_file, ", stranger.CaFile())));

  options.ca_file = "";
  const absl::Status of_the_machine = Try(options);
  EXPECT_TRUE(absl::IsUnauthenticated(of_the_machine)) << of_the_machine;
  EXPECT_THAT(Message(of_the_machine), HasSubstr("as redis_options.ca_file"));
}

TEST_F(RedisTlsTest, AnExpiredCertificateIsRefusedAndARenewedOneIsTaken) {
  certificates_.Make("redis", "localhost", /*days=*/-1);
  RedisServer server(Showing("redis"));
  RedisConnection redis(OptionsFor(server));
  const absl::Status status = redis.Command({"PING"}).status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(Message(status), AllOf(HasSubstr("expired"), HasSubstr("valid now"), HasSubstr("clock")));
  certificates_.Make("redis", "localhost");
  server.Stop();
  server.Start();
  EXPECT_TRUE(Eventually([&] { return redis.Command({"PING"}).ok(); }));
}

TEST_F(RedisTlsTest, AServerMayAskForOurCertificate) {
  RedisServer::Options asking = Showing("redis");
  asking.asks_clients = true;
  RedisServer server(asking);
  RedisOptions options = OptionsFor(server);
  const absl::Status without = Try(options);
  EXPECT_TRUE(absl::IsFailedPrecondition(without)) << without;
  EXPECT_THAT(Message(without), HasSubstr("set redis_options.certificate_file and key_file"));

  certificates_.Make("worker");
  options.certificate_file = certificates_.CertificateFile("worker");
  options.key_file = certificates_.KeyFile("worker");
  EXPECT_TRUE(Try(options).ok()) << Try(options);

  const TestCertificates foreign("worker");
  options.certificate_file = foreign.CertificateFile("worker");
  options.key_file = foreign.KeyFile("worker");
  const absl::Status unknown = Try(options);
  EXPECT_TRUE(absl::IsFailedPrecondition(unknown)) << unknown;
  EXPECT_THAT(Message(unknown), HasSubstr("does not believe our certificate"));
}

TEST_F(RedisTlsTest, FilesThatCannotBeUsedAreNamed) {
  RedisServer server(Showing("redis"));
  for (const char* name : {"ours", "others"}) certificates_.Make(name);
  const ScratchFolder folder;
  const std::string ours = certificates_.CertificateFile("ours"), key = certificates_.KeyFile("ours");
  const std::string other_key = certificates_.KeyFile("others");
  const struct {
    std::string ca, certificate, key, setting, path;
  } cases[] = {
      {folder.Path("none.pem"), "", "", "ca_file", folder.Path("none.pem")},
      {key, "", "", "ca_file", key},
      {certificates_.CaFile(), folder.Path("none.pem"), key, "certificate_file", folder.Path("none.pem")},
      {certificates_.CaFile(), ours, folder.Path("none.key"), "key_file", folder.Path("none.key")},
      {certificates_.CaFile(), ours, other_key, "key_file", other_key},
  };
  for (const auto& one : cases) {
    RedisOptions options = OptionsFor(server);
    options.ca_file = one.ca;
    options.certificate_file = one.certificate;
    options.key_file = one.key;
    const absl::Status status = Try(options);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(Message(status), AllOf(HasSubstr("redis_options." + one.setting), HasSubstr(one.path)));
  }
}

TEST_F(RedisTlsTest, TheWrongKindOfPortIsSaid) {
  RedisServer plain({.tcp = true});
  RedisOptions options = OptionsFor(plain);
  options.url = absl::StrReplaceAll(plain.url(), {{"redis://", "rediss://"}});
  options.connect_timeout = absl::Milliseconds(500);
  // Such a server takes the greeting for the beginning of a line, and may wait for the rest of it.
  const absl::Status to_plain = Try(options);
  EXPECT_FALSE(to_plain.ok());
  EXPECT_THAT(Message(to_plain), HasSubstr("not speak TLS"));

  RedisServer secure(Showing("redis"));
  options.url = absl::StrReplaceAll(secure.url(), {{"rediss://", "redis://"}});
  const absl::Status to_secure = Try(options);
  EXPECT_TRUE(absl::IsUnavailable(to_secure)) << to_secure;
  EXPECT_THAT(Message(to_secure), HasSubstr("rediss://"));
}

TEST_F(RedisTlsTest, AHandshakeThatNobodyAnswersTimesOut) {
  RedisServer server(Showing("redis"));
  server.Freeze();
  RedisOptions options = OptionsFor(server);
  options.connect_timeout = absl::Milliseconds(150);
  const absl::Status status = Try(options);
  server.Thaw();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("did not answer the TLS handshake within 150ms"));
}

// The open TCP socket of this process whose peer has this port.
int SocketTo(int port) {
  for (int fd = 3; fd < 256; ++fd) {
    sockaddr_in peer{};
    socklen_t length = sizeof(peer);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) != 0) continue;
    if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) return fd;
  }
  return -1;
}

int TcpOption(int fd, int level, int option) {
  int value = -1;
  socklen_t length = sizeof(value);
  getsockopt(fd, level, option, &value, &length);
  return value;
}

TEST_F(RedisTlsTest, HungHostsAreNoticedByTheKernelWithAndWithoutTls) {
  RedisServer plain({.tcp = true}), secure(Showing("redis"));
  for (const RedisServer* server : {&plain, &secure}) {
    RedisConnection redis(OptionsFor(*server));
    ASSERT_TRUE(redis.Command({"PING"}).ok());
    const int fd = SocketTo(std::stoi(server->url().substr(server->url().rfind(':') + 1)));
    ASSERT_GE(fd, 0) << server->url();
    EXPECT_EQ(TcpOption(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(TcpOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 10'000);
    EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
}

TEST(RedisUserTest, APasswordIsReadAtEachConnectionAndNeverShown) {
  RedisStage stage(RedisWay::kTls, {}, kEverything);
  RedisConnection redis(stage.Options());
  ASSERT_TRUE(redis.Command({"PING"}).ok());
  const auto who = redis.Command({"ACL", "WHOAMI"});
  ASSERT_TRUE(who.ok()) << who.status();
  EXPECT_EQ(who->text, "tikhaul");

  ASSERT_EQ(stage.server().Ask("ACL SETUSER tikhaul resetpass >another-secret"), "+OK\r\n");
  ASSERT_EQ(stage.server().Ask("CLIENT KILL USER tikhaul"), ":1\r\n");
  absl::Status status;
  ASSERT_TRUE(Eventually([&] {
    status = redis.Command({"PING"}).status();
    return absl::IsUnauthenticated(status);
  })) << status;
  EXPECT_THAT(Message(status), AllOf(HasSubstr("redis_options.password_file"), Not(HasSubstr(kRedisTestPassword))));
  ASSERT_TRUE(WriteFileAtomically(stage.password_file(), "another-secret\n").ok());
  EXPECT_TRUE(Eventually([&] { return redis.Command({"PING"}).ok(); }));
}

TEST(RedisUserTest, APasswordFileThatCannotBeReadIsNamed) {
  RedisStage stage(RedisWay::kTls, {}, kEverything);
  RedisOptions options = stage.Options();
  options.password_file += ".none";
  const absl::Status missing = RedisConnection(options).Command({"PING"}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(missing)) << missing;
  EXPECT_THAT(Message(missing), HasSubstr(options.password_file));
  ASSERT_TRUE(WriteFileAtomically(options.password_file, " \n").ok());
  const absl::Status empty = RedisConnection(options).Command({"PING"}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(empty)) << empty;
  EXPECT_THAT(Message(empty), HasSubstr("is empty"));
}

}  // namespace
}  // namespace tikhaul
