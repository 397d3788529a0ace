// The store is full, locked, foreign, held by somebody else: told, and no row lost or half committed.
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "common/base/files.h"
#include "tests/fault/fault_test_util.h"
#include "tests/support/small_disk.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

// Another program's transaction on the file.
class Locker {
 public:
  explicit Locker(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
    sqlite3_busy_timeout(handle_, 10'000);
    EXPECT_EQ(sqlite3_exec(handle_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle_);
  }
  ~Locker() { sqlite3_close(handle_); }
  void Release() { EXPECT_EQ(sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK); }

 private:
  sqlite3* handle_ = nullptr;
};

TEST(StoreFaultTest, AFullDiskIsToldAndWorkGoesOnWhenThereIsRoom) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  SmallDisk disk(cluster.Path("disk"), "48m");
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  cluster.options().store = cluster.Path("disk") + "/store.db";
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 20);
  disk.Fill();
  const v1::Status full = cluster.AwaitStatus(
      "the fault is told", [](const v1::Status& status) { return HasFault(status, "disk is full"); });
  EXPECT_EQ(full.dead_letters(), 0u);
  EXPECT_TRUE(cluster.Running("coordinator"));
  tikhaul::SleepFor(absl::Seconds(2));
  disk.Free();
  const v1::Status status = cluster.WaitIdle();
  EXPECT_FALSE(HasFault(status, "full")) << status.DebugString();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
  EXPECT_EQ(cluster.Query("PRAGMA integrity_check")[0][0], "ok");
}

TEST(StoreFaultTest, AFileLockedByAnotherProgramIsWaitedFor) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 20);
  Locker locker(cluster.StorePath());
  cluster.AwaitStatus("the fault is told",
                      [](const v1::Status& status) { return HasFault(status, "locked by another program"); });
  EXPECT_TRUE(cluster.Running("coordinator"));
  locker.Release();
  const v1::Status status = cluster.WaitIdle();
  EXPECT_FALSE(HasFault(status, "locked")) << status.DebugString();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

TEST(StoreFaultTest, ACoordinatorStopsEvenWhileItsFileIsLocked) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 20);
  Locker locker(cluster.StorePath());
  cluster.AwaitStatus("the fault is told", [](const v1::Status& status) { return HasFault(status, "locked"); });
  EXPECT_LT(cluster.Term("coordinator"), absl::Seconds(40));
  locker.Release();
  cluster.StartCoordinator();
  cluster.AwaitCoordinator();
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

TEST(StoreFaultTest, ReadersOfTheFileDisturbNobody) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  int64_t last = 0;
  for (v1::Status status = cluster.GetStatus(); !status.idle(); status = cluster.GetStatus()) {
    const int64_t rows = cluster.QueryInt("SELECT count(*) FROM ads_hourly");
    EXPECT_GE(rows, last);
    EXPECT_EQ(cluster.Query("SELECT (SELECT count(*) FROM ads_hourly) = (SELECT ifnull(sum(rows), 0) FROM "
                            "tikhaul_ledger WHERE extract = 'ads_hourly')")[0][0],
              "1")
        << "rows and their proof appear together";
    last = rows;
    tikhaul::SleepFor(absl::Milliseconds(5));
  }
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

class RefusedStartTest : public testing::Test {
 protected:
  const std::vector<Wanted> wanted_ = {{.name = "campaigns", .stream = "campaigns"}};
  TestCluster cluster_{{.extracts = YamlOf(wanted_)}};

  // Starts the coordinator, which is to refuse; gives what it says.
  std::string Refusal() {
    cluster_.StartCoordinator();
    EXPECT_EQ(cluster_.AwaitEnd("coordinator"), "exit code 1");
    return cluster_.Log("coordinator");
  }
};

TEST_F(RefusedStartTest, AForeignSqliteFileIsNotTouched) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(cluster_.StorePath().c_str(), &handle), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(handle, "CREATE TABLE photos (name TEXT)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(handle);
  const std::string before = ReadFile(cluster_.StorePath()).value();
  const std::string words = Refusal();
  EXPECT_THAT(words, HasSubstr("another program"));
  EXPECT_THAT(words, HasSubstr(cluster_.StorePath()));
  EXPECT_EQ(ReadFile(cluster_.StorePath()).value(), before);
}

TEST_F(RefusedStartTest, AFileThatIsNotSqliteIsNotTouched) {
  std::ofstream(cluster_.StorePath()) << std::string(5000, 'x');
  EXPECT_THAT(Refusal(), HasSubstr("not a SQLite file"));
  EXPECT_EQ(ReadFile(cluster_.StorePath()).value(), std::string(5000, 'x'));
}

TEST_F(RefusedStartTest, AFolderThatDoesNotExistIsNamed) {
  cluster_.options().store = cluster_.Path("nowhere") + "/store.db";
  EXPECT_THAT(Refusal(), HasSubstr(cluster_.Path("nowhere") + " does not exist"));
}

TEST_F(RefusedStartTest, ASecondCoordinatorOnTheStoreIsRefusedAndTheFirstGoesOn) {
  TestCluster first({.extracts = YamlOf(wanted_)});
  first.Start();
  cluster_.options().store = first.StorePath();
  const std::string words = Refusal();
  EXPECT_THAT(words, HasSubstr("another coordinator"));
  EXPECT_THAT(words, HasSubstr(std::to_string(first.Pid("coordinator"))));
  first.Backfill();
  first.WaitIdle();
  ExpectWholeAndOnce(first, wanted_);
}

TEST_F(RefusedStartTest, AnAddressThatIsTakenIsRefusedAndTheFirstGoesOn) {
  TestCluster first({.extracts = YamlOf(wanted_)});
  first.Start();
  cluster_.options().listen = "unix:" + first.Path("c.sock");
  EXPECT_THAT(Refusal(), HasSubstr("cannot listen"));
  first.Backfill();
  first.WaitIdle();
  ExpectWholeAndOnce(first, wanted_);
}

TEST_F(RefusedStartTest, AConfigurationWithMistakesIsRefusedWithTheirPlaces) {
  cluster_.options().extracts = "  - {name: x, stream: basic_reprot, level: ad}\n";
  const std::string words = Refusal();
  EXPECT_THAT(words, HasSubstr("tikhaul.yaml:5"));
  EXPECT_THAT(words, HasSubstr("basic_report"));
}

}  // namespace
}  // namespace tikhaul
