// A release whose schema has grown comes while coordinators of the one before are at work.
#include "absl/strings/str_cat.h"
#include "tests/fault/fault_test_util.h"
#include "tests/support/postgres_server.h"

namespace tikhaul {
namespace {

TEST(UpgradeTest, OldCoordinatorsGoOnWhileTheSchemaGrowsAndDoNotStartOnIt) {
  const std::vector<Wanted> wanted = MidSizedJob();
  PostgresServer& server = PostgresServer::Shared();
  ClusterOptions options = SlowCluster(wanted);
  options.postgres = server.Url();
  options.schema = "upgraded";
  options.coordinators = 2;
  TestCluster cluster(options);
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 20);

  // What a migration may do while others run: add.
  server.Run(
      "BEGIN; SET LOCAL search_path = upgraded; ALTER TABLE tikhaul_chunk ADD COLUMN of_the_next BIGINT NOT NULL "
      "DEFAULT "
      "0; ALTER TABLE tikhaul_ledger ADD COLUMN of_the_next TEXT; CREATE TABLE tikhaul_of_the_next (id BIGINT); UPDATE "
      "tikhaul_meta SET value = '99' WHERE name = 'schema_version'; COMMIT");
  const std::string other = cluster.Lead() == "coordinator" ? "coordinator-1" : "coordinator";
  cluster.Term(other);
  cluster.StartCoordinator({}, other == "coordinator" ? 0 : 1);
  EXPECT_EQ(cluster.AwaitEnd(other), "exit code 1");
  EXPECT_THAT(cluster.Log(other), testing::HasSubstr("written by a newer tikhaul"));

  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

}  // namespace
}  // namespace tikhaul
