// What happens when the medium fails: locked, full, unwritable, damaged.
#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/store/row_maker.h"
#include "tests/contract/store/sqlite_harness.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// One transaction of `rows` rows and a run: all or nothing of it must stay.
absl::Status WriteRows(Store& store, const std::string& run_id, int rows) {
  std::vector<std::vector<std::string>> cells;
  for (int i = 0; i < rows; ++i) cells.push_back({"2026-03-01", std::to_string(i), std::string(200, 'x')});
  const TableSchema table = DailyTable();
  return store.Write([&](StoreTransaction& tx) -> absl::Status {
    tikhaul::Run run;
    run.id = run_id;
    RETURN_IF_ERROR(tx.InsertRun(run));
    RETURN_IF_ERROR(tx.EnsureTable(table));
    TextRowSource source(table, {"stat_time_day", "ad_id", "ad_name"}, cells, 100);
    const SettleRequest request{
        .table = table, .scope = WholeScope("7001"), .constants = {TextConstant("advertiser_id", "7001")}};
    return tx.SettleRows(request, source).status();
  });
}

TextRows Runs(SqliteHarness& harness) { return harness.Query("SELECT id FROM tikhaul_run ORDER BY id"); }

TEST(SqliteMediumTest, LockOfAnotherProgramIsUnavailableUntilItEnds) {
  TempFolder folder;
  const std::string file = folder.Path("store.db");
  absl::StatusOr<std::unique_ptr<Store>> store = OpenSqliteStore(file, {.busy_timeout = absl::Milliseconds(50)});
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(WriteRows(**store, "run-1", 1).ok());
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const absl::Status locked = WriteRows(**store, "run-2", 1);
  EXPECT_EQ(locked.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(locked.message()), HasSubstr("locked by another program"));
  EXPECT_TRUE((*store)->Read([](StoreReader& r) { return r.ListRuns("", 0).status(); }).ok());
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_TRUE(WriteRows(**store, "run-2", 1).ok());
}

TEST(SqliteMediumTest, FullDiskRollsBackAndTheStoreGoesOnWhenThereIsRoom) {
  SqliteHarness harness;
  ASSERT_TRUE(WriteRows(harness.store(), "run-1", 10).ok());
  const int pages = std::stoi(harness.Query("PRAGMA page_count")[0][0]);
  ASSERT_TRUE(harness.sqlite().LimitPages(pages + 20).ok());
  const absl::Status full = WriteRows(harness.store(), "run-2", 20000);
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr("disk is full"));
  EXPECT_THAT(Runs(harness), ElementsAre(ElementsAre("run-1")));
  EXPECT_THAT(harness.Query("SELECT count(*) FROM ads_daily"), ElementsAre(ElementsAre("10")));
  EXPECT_TRUE(WriteRows(harness.store(), "run-3", 11).ok());  // what fits is still taken
  ASSERT_TRUE(harness.sqlite().LimitPages(0).ok());
  EXPECT_TRUE(WriteRows(harness.store(), "run-2", 20000).ok());
  EXPECT_THAT(harness.Query("SELECT count(*) FROM ads_daily"), ElementsAre(ElementsAre("20000")));
  EXPECT_THAT(harness.Query("PRAGMA integrity_check"), ElementsAre(ElementsAre("ok")));
}

TEST(SqliteMediumTest, FailedCommitIsReportedAndLeavesNothing) {
  SqliteHarness harness;
  ASSERT_TRUE(WriteRows(harness.store(), "run-1", 10).ok());
  // Files may not grow beyond what the log is now: the transaction stays in memory until its COMMIT writes the log.
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit tight = before;
  tight.rlim_cur = std::filesystem::file_size(harness.file() + "-wal");
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  bool work_was_done = false;
  const absl::Status failed = harness.store().Write([&](StoreTransaction& tx) -> absl::Status {
    tikhaul::Run run;
    run.id = "run-2";
    RETURN_IF_ERROR(tx.InsertRun(run));
    work_was_done = true;
    return absl::OkStatus();
  });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_TRUE(work_was_done);
  EXPECT_EQ(failed.code(), absl::StatusCode::kUnavailable) << failed;
  EXPECT_THAT(Runs(harness), ElementsAre(ElementsAre("run-1")));
  EXPECT_TRUE(WriteRows(harness.store(), "run-2", 5).ok());
  EXPECT_THAT(Runs(harness), ElementsAre(ElementsAre("run-1"), ElementsAre("run-2")));
}

TEST(SqliteMediumTest, DeletedFileIsNoticedBeforeAnythingIsLost) {
  SqliteHarness harness;
  ASSERT_TRUE(WriteRows(harness.store(), "run-1", 1).ok());
  std::filesystem::rename(harness.file(), harness.file() + ".away");
  const absl::Status status = WriteRows(harness.store(), "run-2", 1);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("start the coordinator again"));
  std::filesystem::rename(harness.file() + ".away", harness.file());
  EXPECT_TRUE(WriteRows(harness.store(), "run-2", 1).ok());
}

TEST(SqliteMediumTest, DamagedPagesAreDataLoss) {
  SqliteHarness harness;
  ASSERT_TRUE(WriteRows(harness.store(), "run-1", 2000).ok());
  harness.Query("PRAGMA wal_checkpoint(TRUNCATE)");
  {
    // A new reader comes upon it; the first page, with the schema, stays as it is.
    std::fstream file(harness.file(), std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(harness.file()));
    file.seekp(4096);
    for (std::streamoff at = 4096; at < size; ++at) file.put('\x5a');
  }
  const absl::Status status = harness.store().Read([](StoreReader& r) { return r.ListChunks({}, 0, 0).status(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("backup"));
}

TEST(SqliteMediumTest, EditedStateIsDataLossNotAGuess) {
  SqliteHarness harness;
  ASSERT_TRUE(WriteRows(harness.store(), "run-1", 1).ok());
  harness.Execute("UPDATE tikhaul_run SET state = 'finished'");
  const absl::Status status = harness.store().Read([](StoreReader& r) { return r.GetRun("run-1").status(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"finished\" as state"));
}

}  // namespace
}  // namespace tikhaul
