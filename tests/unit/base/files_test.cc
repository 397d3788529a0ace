#include "common/base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

class FilesTest : public ::testing::Test {
 protected:
  FilesTest() {
    std::string pattern = absl::StrCat(testing::TempDir(), "/files_test.XXXXXX");
    folder_ = mkdtemp(pattern.data());
  }
  ~FilesTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(absl::string_view name) const { return absl::StrCat(folder_, "/", name); }
  size_t FilesInFolder() const {
    return static_cast<size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator()));
  }

  std::string folder_;
};

TEST_F(FilesTest, WhatIsWrittenIsRead) {
  const std::string contents = absl::StrCat(std::string(200'000, 'x'), std::string("\0\n", 2));
  ASSERT_TRUE(WriteFileAtomically(Path("a"), contents).ok());
  EXPECT_EQ(*ReadFile(Path("a")), contents);
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "").ok());
  EXPECT_EQ(*ReadFile(Path("a")), "");
  EXPECT_EQ(FilesInFolder(), 1u);
}

TEST_F(FilesTest, WrittenFilesAreForTheirOwnerOnly) {
  ASSERT_TRUE(WriteFileAtomically(Path("token"), "t").ok());
  struct stat facts {};
  ASSERT_EQ(stat(Path("token").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(FilesTest, AMissingFileIsNotFoundByName) {
  const absl::Status status = ReadFile(Path("nothing")).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path("nothing")));
}

TEST_F(FilesTest, AFolderIsNotAFile) { EXPECT_TRUE(absl::IsUnavailable(ReadFile(folder_).status())); }

TEST_F(FilesTest, AFailedWriteLeavesTheOldFileAndNothingElse) {
  ASSERT_EQ(mkdir(Path("taken").c_str(), 0700), 0);
  ASSERT_TRUE(WriteFileAtomically(Path("taken/inside"), "x").ok());
  EXPECT_FALSE(WriteFileAtomically(Path("taken"), "y").ok());  // a folder with contents is in the way of the rename
  EXPECT_EQ(*ReadFile(Path("taken/inside")), "x");
  EXPECT_EQ(FilesInFolder(), 1u);
}

TEST_F(FilesTest, AMissingFolderIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(WriteFileAtomically(Path("no/file"), "x")));
}

}  // namespace
}  // namespace tikhaul
