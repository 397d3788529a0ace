// The main job into PostgreSQL: as into SQLite, every row once and every row right.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/support/postgres_server.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class PostgresTest : public testing::Test {
 protected:
  ClusterOptions With(ClusterOptions options) {
    options.postgres = server_.Url();
    options.schema = schema_;
    return options;
  }

  PostgresServer& server_ = PostgresServer::Shared();
  const std::string schema_ = PostgresServer::NewSchema();
};

TEST_F(PostgresTest, SixExtractsAndTheirIncrementsEqualTheTruth) {
  const std::vector<Wanted> wanted = SixExtracts();
  TestCluster cluster(With({.extracts = YamlOf(wanted), .workers = 2}));
  cluster.Start();
  cluster.Backfill();
  v1::Status status = cluster.WaitIdle();
  for (const v1::Run& run : status.runs()) EXPECT_EQ(run.state(), "done") << run.DebugString();
  EXPECT_EQ(status.dead_letters(), 0u);
  EXPECT_THAT(status.faults(), IsEmpty());
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_THAT(cluster.Query("SELECT chunk FROM tikhaul_ledger WHERE promised_rows <> rows OR rows <> distinct_keys"),
              IsEmpty());
  EXPECT_THAT(cluster.Query("SELECT id FROM tikhaul_chunk WHERE state <> 'done'"), IsEmpty());

  const int64_t calls = cluster.Stat("allowed");
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_EQ(cluster.Stat("allowed"), calls) << "the same backfill again makes no call";

  // A day later, with figures that have moved: the differences of what is read again are written.
  cluster.Advance(absl::Hours(24));
  cluster.Sync();
  status = cluster.WaitIdle();
  EXPECT_THAT(status.faults(), IsEmpty());
  const std::string first = cluster.Query(
      "SELECT min(first_day) FROM tikhaul_chunk WHERE extract = 'ads_daily' AND "
      "run_id IN (SELECT id FROM tikhaul_run WHERE kind = 'increment')")[0][0];
  EXPECT_GE(first, "2026-06-13");
  EXPECT_TRUE(EqualsTruth({.store = cluster.StoreFile(),
                           .truth = cluster.ExportTruth(TruthSpecOf(wanted)),
                           .table = "ads_daily",
                           .where = "stat_time_day >= '" + first + "'",
                           .truth_where = "stat_time_day >= '" + first + "'"}));
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE updated > 0"), 0);
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE unchanged > 0"), 0);
}

TEST_F(PostgresTest, DecimalsAreExactAndPasswordsStayOutOfLogs) {
  const std::vector<Wanted> wanted = {{.name = "ads_daily",
                                       .stream = "basic_report",
                                       .level = "ad",
                                       .dimensions = {"stat_time_day"},
                                       .metrics = {"spend", "ctr", "clicks"},
                                       .settings = "backfill: 30",
                                       .first_day = "2026-05-17"}};
  ClusterOptions options = With({.extracts = YamlOf(wanted)});
  options.postgres += "&password=hush-hush-hush";  // the server asks for none
  TestCluster cluster(options);
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const auto rows = server_.Run(
      absl::StrCat("SELECT pg_typeof(sum(spend)), sum(spend) = round(sum(spend), 2) FROM \"", schema_, "\".ads_daily"));
  EXPECT_THAT(rows, ElementsAre(ElementsAre("numeric", "t")));
  EXPECT_THAT(cluster.Log("coordinator"), Not(HasSubstr("hush-hush")));
  EXPECT_THAT(cluster.Log("coordinator"), HasSubstr(schema_));
}

TEST_F(PostgresTest, AStoreIsMigratedByHandWhereThatIsWanted) {
  const std::vector<Wanted> wanted = {{.name = "campaigns", .stream = "campaigns"}};
  ClusterOptions options = With({.extracts = YamlOf(wanted), .store_options = "migrate: by_hand"});
  TestCluster cluster(options);
  cluster.StartCoordinator();
  EXPECT_EQ(cluster.AwaitEnd("coordinator"), "exit code 1");
  EXPECT_THAT(cluster.Log("coordinator"), HasSubstr("run `tikhaul migrate`"));
  EXPECT_THAT(cluster.Tikhaul({"migrate"}), HasSubstr("has the schema of this version"));
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
}

}  // namespace
}  // namespace tikhaul
