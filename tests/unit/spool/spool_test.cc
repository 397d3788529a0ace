#include "coordinator/spool/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "absl/strings/str_format.h"
#include "tests/unit/spool/temporary_folder.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kMuch = 1 << 30;

// One text column with `rows` cells that begin with `first`, first + 1, ...
RowBatch Batch(int first, size_t rows = 10) {
  RowBatch batch;
  batch.rows = rows;
  batch.columns.emplace_back(ColumnType::kString);
  for (size_t i = 0; i < rows; ++i) {
    batch.columns[0].AppendText(absl::StrFormat("%06d and some more text", first + static_cast<int>(i)));
  }
  return batch;
}

std::unique_ptr<SpoolPool> Open(const TemporaryFolder& folder, uint64_t memory, uint64_t disk) {
  return std::move(SpoolPool::Open({folder.path(), memory, disk})).value();
}

// The numbers at the beginning of all cells, in order.
std::vector<int> ReadAll(const ChunkSpool& spool) {
  std::vector<int> numbers;
  ChunkSpool::Reader reader = spool.Read();
  for (;;) {
    const absl::StatusOr<const RowBatch*> batch = reader.Next();
    EXPECT_TRUE(batch.ok()) << batch.status();
    if (!batch.ok() || *batch == nullptr) return numbers;
    for (size_t row = 0; row < (*batch)->rows; ++row)
      numbers.push_back(std::stoi(std::string((*batch)->columns[0].Text(row))));
  }
}

std::vector<int> Range(int count) {
  std::vector<int> numbers(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) numbers[static_cast<size_t>(i)] = i;
  return numbers;
}

TEST(SpoolTest, WithRoomEverythingStaysInMemory) {
  const TemporaryFolder folder;
  const auto pool = Open(folder, kMuch, kMuch);
  const auto spool = pool->NewSpool();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(spool->Append(Batch(i * 10)).ok());
  EXPECT_EQ(spool->rows(), 200u);
  EXPECT_EQ(spool->batches(), 20u);
  EXPECT_EQ(spool->disk_bytes(), 0u);
  EXPECT_EQ(pool->memory_used(), spool->memory_bytes());
  EXPECT_EQ(ReadAll(*spool), Range(200));
}

TEST(SpoolTest, BeyondTheMemoryItGoesOnOnDiskInTheSameOrder) {
  const TemporaryFolder folder;
  const auto pool = Open(folder, 5 * Batch(0).ByteSize(), kMuch);
  const auto spool = pool->NewSpool();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(spool->Append(Batch(i * 10)).ok());
  EXPECT_LE(pool->memory_used(), 5 * Batch(0).ByteSize());
  EXPECT_GT(pool->disk_used(), 14 * 200u);
  EXPECT_EQ(ReadAll(*spool), Range(200));
}

TEST(SpoolTest, MayBeReadAgainFromTheStart) {
  const TemporaryFolder folder;
  const auto pool = Open(folder, 2 * Batch(0).ByteSize(), kMuch);
  const auto spool = pool->NewSpool();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(spool->Append(Batch(i * 10)).ok());
  ChunkSpool::Reader half = spool->Read();
  ASSERT_TRUE(half.Next().ok());
  EXPECT_EQ(ReadAll(*spool), Range(50));
  EXPECT_EQ(ReadAll(*spool), Range(50));
  EXPECT_EQ(half.Next().value()->columns[0].Text(0).substr(0, 6), "000010");
}

TEST(SpoolTest, AnEmptySpoolHasNoBatches) {
  const TemporaryFolder folder;
  const auto pool = Open(folder, 0, 0);
  const auto spool = pool->NewSpool();
  EXPECT_EQ(ReadAll(*spool), std::vector<int>{});
  EXPECT_EQ(spool->Read().Next().value(), nullptr);
}

TEST(SpoolTest, MemoryThatAnotherChunkGaveBackIsUsedAgain) {
  const TemporaryFolder folder;
  const auto pool = Open(folder, 2 * Batch(0).ByteSize(), kMuch);
  auto other = pool->NewSpool();
  ASSERT_TRUE(other->Append(Batch(0)).ok());
  const auto spool = pool->NewSpool();
  ASSERT_TRUE(spool->Append(Batch(0)).ok());
  ASSERT_TRUE(spool->Append(Batch(10)).ok());  // on disk
  other.reset();
  ASSERT_TRUE(spool->Append(Batch(20)).ok());  // in memory behind it
  EXPECT_EQ(spool->memory_bytes(), 2 * Batch(0).ByteSize());
  EXPECT_GT(spool->disk_bytes(), 0u);
  EXPECT_EQ(ReadAll(*spool), Range(30));
}

TEST(SpoolTest, AFullSpoolRefusesSaysTheMendAndKeepsWhatItHas) {
  const TemporaryFolder folder;
  const auto pool = Open(folder, 0, 3 * EncodeRowBatch(Batch(0)).size() + 10);
  const auto spool = pool->NewSpool();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(spool->Append(Batch(i * 10)).ok());
  const uint64_t used = pool->disk_used();
  const absl::Status full = spool->Append(Batch(30));
  EXPECT_TRUE(absl::IsResourceExhausted(full));
  EXPECT_THAT(std::string(full.message()), HasSubstr("coordinator.spool_disk_bytes"));
  EXPECT_EQ(pool->disk_used(), used);
  EXPECT_EQ(spool->rows(), 30u);
  EXPECT_EQ(ReadAll(*spool), Range(30));
}

TEST(SpoolTest, AFolderThatVanishedIsAnErrorAndCostsNoBudget) {
  TemporaryFolder folder;
  const auto pool = Open(folder, 0, kMuch);
  const auto spool = pool->NewSpool();
  std::filesystem::remove_all(folder.path());
  EXPECT_TRUE(absl::IsNotFound(spool->Append(Batch(0))));
  EXPECT_EQ(pool->disk_used(), 0u);
  std::filesystem::create_directory(folder.path());
  EXPECT_TRUE(spool->Append(Batch(0)).ok());
  EXPECT_EQ(ReadAll(*spool), Range(10));
}

TEST(SpoolTest, WhatGoesFreesItsBytes) {
  const TemporaryFolder folder;
  const auto pool = Open(folder, 2 * Batch(0).ByteSize(), kMuch);
  auto spool = pool->NewSpool();
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(spool->Append(Batch(i)).ok());
  EXPECT_GT(pool->memory_used(), 0u);
  EXPECT_GT(pool->disk_used(), 0u);
  spool.reset();
  EXPECT_EQ(pool->memory_used(), 0u);
  EXPECT_EQ(pool->disk_used(), 0u);
}

TEST(SpoolTest, LeavesNoFilesBehind) {
  const TemporaryFolder folder;
  const auto pool = Open(folder, 0, kMuch);
  const auto spool = pool->NewSpool();
  ASSERT_TRUE(spool->Append(Batch(0)).ok());
  EXPECT_EQ(folder.entries(), 0u);  // not even while it is open: a killed process leaves none either
}

TEST(SpoolPoolTest, MakesItsFolder) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/spool";
  ASSERT_TRUE(SpoolPool::Open({path, 0, 0}).ok());
  EXPECT_TRUE(std::filesystem::is_directory(path));
}

TEST(SpoolPoolTest, AFolderThatCannotBeMadeIsNamed) {
  const absl::Status status = SpoolPool::Open({"/nowhere/at/all", 0, 0}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nowhere/at/all"));
}

TEST(SpoolPoolTest, ManyChunksShareTheBudget) {
  const TemporaryFolder folder;
  const uint64_t memory = 40 * Batch(0).ByteSize(), disk = 60 * EncodeRowBatch(Batch(0)).size();
  const auto pool = Open(folder, memory, disk);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(static_cast<uint64_t>(t));
      for (int round = 0; round < 40; ++round) {
        const auto spool = pool->NewSpool();
        int kept = 0;
        for (uint64_t i = random() % 40; i > 0; --i) {
          const absl::Status status = spool->Append(Batch(kept * 10));
          EXPECT_TRUE(status.ok() || absl::IsResourceExhausted(status)) << status;
          kept += status.ok();
        }
        EXPECT_LE(pool->memory_used(), memory);
        EXPECT_LE(pool->disk_used(), disk);
        EXPECT_EQ(ReadAll(*spool), Range(kept * 10));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool->memory_used(), 0u);
  EXPECT_EQ(pool->disk_used(), 0u);
}

}  // namespace
}  // namespace tikhaul
