#include "coordinator/spool/spool_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/spool/temporary_folder.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

// Files of this process end at `bytes`, as on a full disk, for the life of this object.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(uint64_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

TEST(SpoolFileTest, FramesComeBackInAnyOrder) {
  const TemporaryFolder folder;
  SpoolFile file = *SpoolFile::Open(folder.path());
  const SpoolFile::Frame first = *file.Append("first"), empty = *file.Append(""),
                         large = *file.Append(std::string(300'000, 'z'));
  EXPECT_EQ(*file.Read(large), std::string(300'000, 'z'));
  EXPECT_EQ(*file.Read(first), "first");
  EXPECT_EQ(*file.Read(empty), "");
}

TEST(SpoolFileTest, HasNoName) {
  const TemporaryFolder folder;
  SpoolFile file = *SpoolFile::Open(folder.path());
  ASSERT_TRUE(file.Append("x").ok());
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(SpoolFileTest, AMissingFolderIsNamedWithTheMend) {
  const absl::Status status = SpoolFile::Open("/nowhere/at/all").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nowhere/at/all"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("spool_dir"));
}

TEST(SpoolFileTest, AFullDiskLeavesTheFileAsItWas) {
  const TemporaryFolder folder;
  SpoolFile file = *SpoolFile::Open(folder.path());
  const SpoolFile::Frame first = *file.Append(std::string(5000, 'a'));
  {
    const FileSizeLimit full(8000);
    const absl::Status status = file.Append(std::string(5000, 'b')).status();  // half of it can be written
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("free space"));
  }
  const SpoolFile::Frame next = *file.Append("next");
  EXPECT_EQ(next.offset, 5000u);
  EXPECT_EQ(*file.Read(first), std::string(5000, 'a'));
  EXPECT_EQ(*file.Read(next), "next");
}

TEST(SpoolFileTest, OtherBytesThanWereWrittenAreDataLoss) {
  const TemporaryFolder folder;
  SpoolFile file = *SpoolFile::Open(folder.path());
  SpoolFile::Frame frame = *file.Append("abcdef");
  frame.hash ^= 1;
  EXPECT_TRUE(absl::IsDataLoss(file.Read(frame).status()));
  frame.hash ^= 1;
  frame.size = 7;
  EXPECT_TRUE(absl::IsDataLoss(file.Read(frame).status()));
}

TEST(SpoolFileTest, MovesWithItsContents) {
  const TemporaryFolder folder;
  SpoolFile file = *SpoolFile::Open(folder.path());
  const SpoolFile::Frame frame = *file.Append("kept");
  SpoolFile moved = std::move(file);
  EXPECT_EQ(*moved.Read(frame), "kept");
  SpoolFile other = *SpoolFile::Open(folder.path());
  other = std::move(moved);
  EXPECT_EQ(*other.Read(frame), "kept");
  EXPECT_EQ(other.Append("more")->offset, 4u);
}

}  // namespace
}  // namespace tikhaul
