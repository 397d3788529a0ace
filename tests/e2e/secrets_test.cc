// Planted secrets: an installation works, fails and is refused, at the most talkative log level; then all that it has
// written is searched for them.
#include <gmock/gmock.h>
#include <httplib.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/access/token.h"
#include "common/base/files.h"
#include "common/redis/redis.h"
#include "tests/support/cluster.h"
#include "tests/support/free_port.h"
#include "tests/support/postgres_server.h"
#include "tests/support/test_tls.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

constexpr char kRedisPassword[] = "planted-redis-password";
constexpr char kPostgresPassword[] = "planted-postgres-password";
constexpr char kWrongRedisPassword[] = "planted-wrong-redis-password";
constexpr char kToken[] = "planted-bearer-token";
constexpr char kViewerToken[] = "planted-viewer-token";
constexpr char kWorkerToken[] = "planted-worker-token";
constexpr char kWrongToken[] = "planted-wrong-bearer-token";

// All that Redis holds, as text.
std::string AllOfRedis(const std::string& url) {
  static const std::map<std::string, std::vector<std::string>> kRead = {
      {"string", {"GET"}},   {"hash", {"HGETALL"}},           {"list", {"LRANGE", "0", "-1"}},
      {"set", {"SMEMBERS"}}, {"zset", {"ZRANGE", "0", "-1"}}, {"stream", {"XRANGE", "-", "+"}}};
  RedisConnection redis({.url = url});
  std::string all;
  const std::function<void(const RedisReply&)> add = [&](const RedisReply& reply) {
    absl::StrAppend(&all, reply.text, "\n");
    for (const RedisReply& element : reply.elements) add(element);
  };
  const auto keys = redis.Command({"KEYS", "*"});
  EXPECT_TRUE(keys.ok()) << keys.status();
  for (const RedisReply& key : keys->elements) {
    const auto type = redis.Command({"TYPE", key.text});
    EXPECT_TRUE(type.ok() && kRead.count(type->text) == 1) << key.text;
    std::vector<std::string> read = kRead.at(type->text);
    read.insert(read.begin() + 1, key.text);
    const auto value = redis.Command(read);
    EXPECT_TRUE(value.ok()) << value.status();
    absl::StrAppend(&all, key.text, "\n");
    add(*value);
  }
  return all;
}

class SecretsTest : public ::testing::Test {
 protected:
  SecretsTest() {
    certificates_.Make("client");
    Plant("rpc_token", kToken);
    Plant("wrong_token", kWrongToken);
    Plant("pg_password", kPostgresPassword);
  }

  void Plant(const std::string& file, const std::string& secret) {
    ASSERT_TRUE(WriteFileAtomically(folder_.Path(file), secret + "\n").ok());
  }

  ClusterOptions Options() {
    v1::Config client;
    *client.mutable_tls() = TlsOf(certificates_, "client");
    client.set_token_file(folder_.Path("rpc_token"));
    ClusterOptions options;
    options.extracts = YamlOf({{.name = "campaigns", .stream = "campaigns"}});
    options.redis = {.keeps_data = false, .tcp = true, .password = kRedisPassword};
    options.postgres = PostgresServer::Shared().Url();
    options.schema = PostgresServer::NewSchema();
    options.store_options = absl::StrCat("password_file: ", folder_.Path("pg_password"));
    options.coordinators = 2;
    for (int i = 0; i < options.coordinators; ++i) options.addresses.push_back(absl::StrCat("127.0.0.1:", FreePort()));
    options.listen = options.addresses.front();
    options.dialer = *Dialer::Make(client);
    const std::string hash = TokenHash(kToken);
    options.config = absl::StrCat(TlsYaml(TlsOf(certificates_, "server")), "token_file: ", folder_.Path("rpc_token"),
                                  "\n", "identities:\n", "  - {name: o, role: operator, token_hash: \"", hash, "\"}\n",
                                  "  - {name: w, role: worker, token_hash: \"", hash, "\"}\n",
                                  "  - {name: seer, role: viewer, token_hash: \"", TokenHash(kViewerToken), "\"}\n",
                                  "  - {name: hand, role: worker, token_hash: \"", TokenHash(kWorkerToken), "\"}\n");
    options.workers = 2;
    options.more_flags = [this](const std::string& process) -> std::vector<std::string> {
      if (absl::StartsWith(process, "coordinator")) return {"--http", "127.0.0.1:0"};
      if (process == "worker-0") return {"--log-level", "debug", "--http", "127.0.0.1:0"};
      if (process != "worker-1") return {};
      return {"--log-level", "debug", "--redis", absl::StrCat("redis://:", kWrongRedisPassword, "@", redis_place_)};
    };
    return options;
  }

  void Work(TestCluster& cluster) {
    redis_place_ = cluster.redis().url().substr(std::string("redis://").size());
    cluster.Start();
    cluster.Backfill();
    cluster.WaitIdle();
  }

  // Every secret that the installation has.
  std::map<std::string, std::string> Secrets() const {
    std::map<std::string, std::string> secrets = {{"access token", TestCluster::Token()},
                                                  {"app secret", "sim-secret-0123456789abcdef"},
                                                  {"password of Redis", kRedisPassword},
                                                  {"password of PostgreSQL", kPostgresPassword},
                                                  {"wrong password of Redis", kWrongRedisPassword},
                                                  {"bearer token", kToken},
                                                  {"viewer's token", kViewerToken},
                                                  {"worker's token", kWorkerToken},
                                                  {"wrong bearer token", kWrongToken}};
    for (const char* name : {"server", "client"}) {
      const std::vector<std::string> lines = absl::StrSplit(ReadFile(certificates_.KeyFile(name)).value_or(""), '\n');
      secrets[absl::StrCat("key of ", name)] = lines.at(1);
    }
    return secrets;
  }

  void ExpectNoneIn(const std::string& where, const std::string& text) const {
    for (const auto& [name, secret] : Secrets()) {
      EXPECT_FALSE(absl::StrContains(text, secret)) << where << " holds the " << name;
    }
  }

  // What `process` answers over HTTPS to somebody with this token.
  httplib::Result Get(const TestCluster& cluster, const std::string& process, const std::string& path,
                      const std::string& token = kViewerToken) const {
    httplib::SSLClient client("127.0.0.1", cluster.HttpPort(process));
    client.set_ca_cert_path(certificates_.CaFile().c_str());
    client.set_read_timeout(30);
    if (!token.empty()) client.set_bearer_token_auth(token);
    httplib::Result answer = client.Get(path);
    EXPECT_TRUE(answer) << process << path << ": " << httplib::to_string(answer.error());
    return answer;
  }

  // `tikhaul` with these words; gives what it wrote.
  std::string Tikhaul(TestCluster& cluster, std::vector<std::string> words) {
    const std::string log = cluster.Path(absl::StrCat("said-", ++said_, ".log"));
    const std::string binaries = std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
    words.insert(words.begin(), {binaries + "/tikhaul", "--config", cluster.Path("tikhaul.yaml")});
    auto process = ChildProcess::Start({.name = "tikhaul", .arguments = std::move(words), .log_path = log});
    EXPECT_TRUE(process.ok());
    EXPECT_TRUE(Eventually([&] { return process->Ended().has_value(); }, kPatience));
    return ReadFile(log).value_or("");
  }

  TestCertificates certificates_;
  ScratchFolder folder_;
  std::string redis_place_;  // host and port
  int said_ = 0;
};

TEST_F(SecretsTest, NothingThatIsWrittenHoldsASecret) {
  TestCluster cluster(Options());
  Work(cluster);
  for (const char* command : {"status", "check", "ledger", "cursors", "plan"}) {
    EXPECT_FALSE(Tikhaul(cluster, {command}).empty()) << command;
  }
  // Refusals: an unknown token, a token that the API has taken back, an API that fails.
  EXPECT_THAT(Tikhaul(cluster, {"status", "--token-file", folder_.Path("wrong_token")}),
              ::testing::HasSubstr("the bearer token is not known here"));
  cluster.RevokeToken();
  cluster.Sync();
  EXPECT_FALSE(Tikhaul(cluster, {"check"}).empty());
  cluster.RestoreToken();
  EXPECT_FALSE(Tikhaul(cluster, {"status", "--json"}).empty());

  for (const std::string process : {"coordinator", "coordinator-1", "worker-0"}) {
    const auto metrics = Get(cluster, process, "/metrics");
    ASSERT_TRUE(metrics && metrics->status == 200) << process;
    EXPECT_THAT(metrics->body, ::testing::HasSubstr("tikhaul_"));
    ExpectNoneIn(absl::StrCat("the metrics of ", process), metrics->body);
    if (process == "worker-0") continue;
    for (const char* path : {"/", "/page.js", "/login", "/api/status", "/api/extracts", "/api/dead-letters"}) {
      const auto page = Get(cluster, process, path);
      ASSERT_TRUE(page && page->status == 200) << process << path;
      ExpectNoneIn(absl::StrCat(path, " of ", process), page->body);
    }
  }
  const std::string redis = AllOfRedis(absl::StrCat("redis://:", kRedisPassword, "@", redis_place_));
  EXPECT_TRUE(absl::StrContains(redis, "quota") || absl::StrContains(redis, "rl:")) << redis;
  ExpectNoneIn("Redis", redis);
  const std::string store = ReadFile(cluster.StoreFile()).value_or("");
  EXPECT_TRUE(absl::StrContains(store, "campaign_id"));
  ExpectNoneIn("the store", store);
  int files = 0;
  const std::vector<std::string> holders = {"token", "secret", "tikhaul.yaml"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cluster.Path(""))) {
    const std::string name = entry.path().filename();
    if (!entry.is_regular_file() || std::count(holders.begin(), holders.end(), name) > 0) continue;
    if (name == "simulator.log") continue;  // of the other side, which is told the token
    ++files;
    ExpectNoneIn(name, ReadFile(entry.path()).value_or(""));
  }
  EXPECT_GE(files, 10);
  for (const char* process : {"coordinator", "worker-0"}) {
    ExpectNoneIn(absl::StrCat("the command line of ", process),
                 ReadFile(absl::StrCat("/proc/", cluster.Pid(process), "/cmdline")).value_or(""));
    EXPECT_THAT(cluster.Log(process), ::testing::HasSubstr("debug")) << process;
  }
  // The search would find one.
  EXPECT_TRUE(absl::StrContains(ReadFile(cluster.Path("token")).value_or(""), TestCluster::Token()));
}

TEST_F(SecretsTest, PagesAreForTheKnownWhoeverLeads) {
  TestCluster cluster(Options());
  Work(cluster);
  const struct {
    std::string token;
    int page, metrics;
  } cases[] = {
      {kViewerToken, 200, 200}, {kToken, 200, 200}, {kWorkerToken, 403, 200}, {kWrongToken, 401, 401}, {"", 401, 401}};
  for (const char* process : {"coordinator", "coordinator-1"}) {
    for (const auto& one : cases) {
      EXPECT_EQ(Get(cluster, process, "/api/status", one.token)->status, one.page) << process << " " << one.token;
      EXPECT_EQ(Get(cluster, process, "/metrics", one.token)->status, one.metrics) << process << " " << one.token;
    }
    // One of the two does not lead, and asks the other with the reader's token.
    const auto status = nlohmann::json::parse(Get(cluster, process, "/api/status")->body, nullptr, false);
    EXPECT_EQ(status.value("idle", false), true) << process << ": " << status;
    EXPECT_EQ(Get(cluster, process, "/healthz", "")->status, 200);
  }
  for (const auto& one : cases) EXPECT_EQ(Get(cluster, "worker-0", "/metrics", one.token)->status, one.metrics);
  EXPECT_EQ(Get(cluster, "worker-0", "/readyz", "")->status, 200);
}

}  // namespace
}  // namespace tikhaul
