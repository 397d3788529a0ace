// Secrets that change while everything runs. The access token's change is credentials_test.
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/base/files.h"
#include "tests/fault/fault_test_util.h"
#include "tests/support/postgres_server.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A server that asks the role `rotated`, and nobody else, for a password.
void AskRoleForPassword(const PostgresServer& server) {
  const std::string file = server.Run("SHOW data_directory")[0][0] + "/pg_hba.conf";
  const std::string before = ReadFile(file).value();
  std::ofstream(file, std::ios::trunc) << "local all rotated scram-sha-256\n" << before;
  server.Run("SELECT pg_reload_conf()");
}

TEST(RotationTest, ANewPasswordOfPostgresqlIsTakenWithoutRestart) {
  PostgresServer server;
  server.Run("CREATE ROLE rotated LOGIN PASSWORD 'hush-hush-1'");
  server.Run("GRANT CREATE ON DATABASE postgres TO rotated");
  AskRoleForPassword(server);
  const std::vector<Wanted> wanted = MidSizedJob();
  ClusterOptions options = SlowCluster(wanted);
  options.postgres = server.Url();
  options.coordinator_postgres = server.Url("rotated");
  options.store_options = "password_file: store_password";
  TestCluster cluster(options);
  const std::string password_file = cluster.Path("store_password");
  ASSERT_TRUE(WriteFileAtomically(password_file, "hush-hush-1\n").ok());
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 20);

  // The worst order: for a while no connection can be made.
  server.Run("ALTER ROLE rotated PASSWORD 'hush-hush-2'");
  server.Run("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'rotated'");
  EXPECT_TRUE(Eventually(
      [&] { return cluster.Log("coordinator").find("password authentication failed") != std::string::npos; }));
  ASSERT_TRUE(WriteFileAtomically(password_file, "hush-hush-2\n").ok());
  cluster.WaitIdle();
  EXPECT_TRUE(cluster.Running("coordinator"));
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
  EXPECT_THAT(cluster.Log("coordinator"), Not(HasSubstr("hush-hush")));
}

}  // namespace
}  // namespace tikhaul
