#include "cli/local/local_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/base/files.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class LocalFolderTest : public ::testing::Test {
 protected:
  std::string WriteLog(const std::string& text) const {
    const std::string path = (base_ / "a.log").string();
    std::ofstream(path) << text;
    return path;
  }
  ScratchFolder folder_;
  const fs::path base_ = folder_.path();
};

TEST_F(LocalFolderTest, IsHeldByOneAtATime) {
  const std::string path = (base_ / "state").string();
  {
    const auto first = LocalFolder::Open(path);
    ASSERT_TRUE(first.ok()) << first.status();
    const auto second = LocalFolder::Open(path);
    ASSERT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
    EXPECT_THAT(std::string(second.status().message()), HasSubstr(absl::StrCat("process ", getpid())));
  }
  EXPECT_TRUE(LocalFolder::Open(path).ok());
}

TEST_F(LocalFolderTest, IsClosedToOthers) {
  const auto folder = LocalFolder::Open((base_ / "state").string());
  ASSERT_TRUE(folder.ok());
  struct stat info {};
  ASSERT_EQ(stat(folder->path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(LocalFolderTest, PutsSocketsElsewhereWhenItsPathIsLong) {
  std::string sockets;
  {
    const auto folder = LocalFolder::Open((base_ / std::string(120, 'd')).string());
    ASSERT_TRUE(folder.ok()) << folder.status();
    sockets = folder->socket_folder();
    EXPECT_LT(sockets.size(), 80u);
    EXPECT_TRUE(fs::is_directory(sockets));
  }
  EXPECT_FALSE(fs::exists(sockets));
}

TEST_F(LocalFolderTest, TemporaryOneGoesWithItsContents) {
  std::string path;
  {
    const auto folder = LocalFolder::MakeTemporary();
    ASSERT_TRUE(folder.ok());
    path = folder->path();
    ASSERT_TRUE(WriteFileAtomically(path + "/x", "y").ok());
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(LocalFolderTest, KeepsTheLogBefore) {
  const auto folder = LocalFolder::Open((base_ / "state").string());
  ASSERT_TRUE(folder.ok());
  ASSERT_TRUE(WriteFileAtomically(folder->NewLog("redis"), "first").ok());
  const std::string log = folder->NewLog("redis");
  EXPECT_FALSE(fs::exists(log));
  EXPECT_EQ(ReadFile(log + ".1").value(), "first");
}

TEST_F(LocalFolderTest, FindsTheErrorLinesOfALog) {
  const std::string path = WriteLog(
      "{\"time\":\"t\",\"level\":\"info\",\"program\":\"c\",\"pid\":1,\"event\":\"starting\"}\n"
      "{\"time\":\"t\",\"level\":\"error\",\"program\":\"c\",\"pid\":1,\"event\":\"cannot start\",\"error\":\"store is "
      "held\"}\n"
      "{\"time\":\"t\",\"level\":\"info\",\"program\":\"c\",\"pid\":1,\"event\":\"bye\"}\n");
  EXPECT_EQ(LastComplaint(path), "cannot start: store is held");
}

TEST_F(LocalFolderTest, FindsPlainWordsAmongTheLinesOfALog) {
  const std::string path = WriteLog(
      "{\"time\":\"t\",\"level\":\"info\",\"program\":\"c\",\"pid\":1,\"event\":\"starting\"}\n"
      "the store is held by process 17: stop it first\n");
  EXPECT_EQ(LastComplaint(path), "the store is held by process 17: stop it first");
}

TEST_F(LocalFolderTest, ShowsTheLastLinesOfALogInAnotherForm) {
  EXPECT_EQ(LastComplaint(WriteLog("1\n2\n3\n4\n5\n6\n\n7\n")), "3\n4\n5\n6\n7");
}

TEST_F(LocalFolderTest, HasNoComplaintWhereThereIsNoLog) { EXPECT_EQ(LastComplaint((base_ / "none").string()), ""); }

TEST(DefaultStateFolderTest, LiesBesideTheConfiguration) {
  EXPECT_EQ(DefaultStateFolder("/etc/t/tikhaul.yaml"), "/etc/t/.tikhaul");
}

}  // namespace
}  // namespace tikhaul
