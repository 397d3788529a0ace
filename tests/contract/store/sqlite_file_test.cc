// Which files a SQLite store accepts, and who may have one.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/store/sqlite_harness.h"

namespace tikhaul {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

absl::Status OpenError(const std::string& path) { return OpenStore("sqlite:" + path).status(); }

void ExpectRefused(const absl::Status& status, const std::string& words) {
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(words));
}

TEST(SqliteFileTest, UrlNamesItsKindAndFile) {
  EXPECT_EQ(OpenStore("mysql://x").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenStore("sqlite:").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenStore("/tmp/x.db").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SqliteFileTest, NewFileIsMarkedAsOurs) {
  SqliteHarness harness;
  EXPECT_THAT(harness.store().Describe(), HasSubstr(harness.file()));
  EXPECT_THAT(harness.Query("PRAGMA application_id"), ElementsAre(ElementsAre(std::to_string(kSqliteApplicationId))));
  EXPECT_THAT(harness.Query("PRAGMA journal_mode"), ElementsAre(ElementsAre("wal")));
  EXPECT_THAT(harness.Query("PRAGMA user_version"), ElementsAre(ElementsAre("11")));
}

TEST(SqliteFileTest, FileOfAnotherProgramIsRefusedAndLeftAlone) {
  TempFolder folder;
  const std::string file = folder.Path("app.db");
  QuerySqliteFile(file, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
  ExpectRefused(OpenError(file), "another program");
  EXPECT_THAT(QuerySqliteFile(file, "SELECT name FROM sqlite_master"), ElementsAre(ElementsAre("theirs")));
  EXPECT_THAT(QuerySqliteFile(file, "PRAGMA journal_mode"), ElementsAre(ElementsAre("delete")));
  QuerySqliteFile(file, "DROP TABLE theirs; PRAGMA application_id = 7");
  ExpectRefused(OpenError(file), "another program");
}

TEST(SqliteFileTest, FileThatIsNotSqliteIsRefused) {
  TempFolder folder;
  for (const std::string& contents : {std::string("name: tikhaul\n"), std::string(10000, 'x')}) {
    std::ofstream(folder.Path("notes.txt")) << contents;
    ExpectRefused(OpenError(folder.Path("notes.txt")), "not a SQLite file");
  }
}

TEST(SqliteFileTest, EmptyFileIsTaken) {
  TempFolder folder;
  std::ofstream(folder.Path("new.db")).flush();
  EXPECT_TRUE(OpenError(folder.Path("new.db")).ok());
}

TEST(SqliteFileTest, FileOfANewerVersionIsRefused) {
  TempFolder folder;
  const std::string file = folder.Path("store.db");
  ASSERT_TRUE(OpenError(file).ok());
  QuerySqliteFile(file, "PRAGMA user_version = 99");
  ExpectRefused(OpenError(file), "newer tikhaul");
}

TEST(SqliteFileTest, MissingFolderAndFolderAsFileAreNamed) {
  TempFolder folder;
  ExpectRefused(OpenError(folder.Path("no/such/store.db")), "does not exist");
  ExpectRefused(OpenError(folder.Path("")), "is a folder");
}

TEST(SqliteFileTest, SecondCoordinatorIsRefusedWithThePidOfTheFirst) {
  SqliteHarness harness;
  ExpectRefused(OpenError(harness.file()), "another coordinator (pid " + std::to_string(getpid()) + ") holds");
  // Also through a link of another name.
  TempFolder other;
  std::filesystem::create_symlink(harness.file(), other.Path("link.db"));
  ExpectRefused(OpenError(other.Path("link.db")), "another coordinator");
  EXPECT_TRUE(harness.store().Read([](StoreReader& r) { return r.ListRuns("", 0).status(); }).ok());
}

TEST(SqliteFileTest, OthersReadWhileAWriteIsOpenAndSeeTheLastCommit) {
  SqliteHarness harness;
  tikhaul::Run run;
  run.id = "run-1";
  ASSERT_TRUE(harness.store().Write([&](StoreTransaction& tx) { return tx.InsertRun(run); }).ok());
  const absl::Status status = harness.store().Write([&](StoreTransaction& tx) {
    run.id = "run-2";
    EXPECT_TRUE(tx.InsertRun(run).ok());
    EXPECT_THAT(harness.Query("SELECT id FROM tikhaul_run"), ElementsAre(ElementsAre("run-1")));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(harness.Query("SELECT id FROM tikhaul_run ORDER BY id"),
              ElementsAre(ElementsAre("run-1"), ElementsAre("run-2")));
}

TEST(SqliteFileTest, StoreIsWholeByItsOwnCheck) {
  SqliteHarness harness;
  EXPECT_THAT(harness.Query("PRAGMA integrity_check"), ElementsAre(ElementsAre("ok")));
}

}  // namespace
}  // namespace tikhaul
