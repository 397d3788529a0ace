// A store that is lost, and an old backup in its place: what was read since is read again, and nothing twice.
#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/fault/fault_test_util.h"
#include "tests/support/postgres_server.h"

namespace tikhaul {
namespace {

constexpr char kSchema[] = "restored";

// As docs/operations.md says. All of them run while the coordinator writes.
struct Backup {
  std::string name;
  bool postgres = false;
  std::string take;     // "{store}": the SQLite file; "{url}": of PostgreSQL; "{copy}": the backup
  std::string restore;  // with the coordinator stopped and the store gone
};

void PrintTo(const Backup& backup, std::ostream* out) { *out << backup.name; }

const Backup kBackups[] = {
    {"SqliteBackup", false, "sqlite3 '{store}' \".backup '{copy}'\"", "cp '{copy}' '{store}'"},
    {"SqliteVacuumInto", false, "sqlite3 '{store}' \"VACUUM INTO '{copy}'\"", "cp '{copy}' '{store}'"},
    {"PgDump", true, "pg_dump --format=custom --schema=restored --file='{copy}' '{url}'",
     "pg_restore --dbname='{url}' '{copy}'"},
};

class RestoreTest : public testing::TestWithParam<Backup> {
 protected:
  ClusterOptions Options() const {
    // 50 calls a second: a call too many would be refused, and seen. The guard is for machines that have other work.
    ClusterOptions options = SlowCluster(wanted_);
    options.workers = 2;
    options.per_second = 50;
    options.per_minute = 3000;
    options.quota = "guard_ms: 200";
    if (GetParam().postgres) {
      options.postgres = PostgresServer::Shared().Url();
      options.schema = kSchema;
    }
    return options;
  }

  void Run(TestCluster& cluster, const std::string& command) {
    const std::string whole =
        absl::StrReplaceAll(command, {{"{store}", cluster.StorePath()},
                                      {"{url}", GetParam().postgres ? PostgresServer::Shared().Url() : ""},
                                      {"{copy}", cluster.Path("backup")}});
    ASSERT_EQ(std::system(whole.c_str()), 0) << whole;
  }

  void Destroy(TestCluster& cluster) {
    if (GetParam().postgres) {
      PostgresServer::Shared().Run(absl::StrCat("DROP SCHEMA ", kSchema, " CASCADE"));
      return;
    }
    for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(cluster.StorePath() + part);
  }

  // Some 50 small chunks and a few larger ones.
  const std::vector<Wanted> wanted_ = {
      HoursOf(16), {.name = "adverts", .stream = "adverts"}, {.name = "campaigns", .stream = "campaigns"}};
};

INSTANTIATE_TEST_SUITE_P(All, RestoreTest, testing::ValuesIn(kBackups),
                         [](const auto& info) { return info.param.name; });

TEST_P(RestoreTest, WorkResumesFromAnOldBackupWithoutLoss) {
  TestCluster cluster(Options());
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 15);
  Run(cluster, GetParam().take);
  cluster.WaitIdle();
  const int64_t read_in_the_end = cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger");

  // The increment is under way when the store is lost: Redis has its hints, the workers its chunks, and both know ids
  // and epochs that the backup does not.
  cluster.Advance(absl::Hours(24));
  cluster.Sync();
  cluster.Kill9("coordinator");
  Destroy(cluster);
  Run(cluster, GetParam().restore);
  const int64_t read_in_the_backup = cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger");
  EXPECT_GE(read_in_the_backup, 15);
  EXPECT_LT(read_in_the_backup, read_in_the_end) << "the backup is not old";

  cluster.StartCoordinator();
  cluster.AwaitCoordinator();
  v1::Status status = cluster.WaitIdle();
  for (const v1::Run& run : status.runs()) EXPECT_EQ(run.state(), "done") << run.DebugString();
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger"), read_in_the_end)
      << "the backfill goes on by itself, and reads what the backup lacks";
  cluster.Sync();
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted_);
  EXPECT_LE(cluster.Stat("most_arrived_per_second"), 50);
}

}  // namespace
}  // namespace tikhaul
