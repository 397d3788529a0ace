#include "common/model/row_batch.h"

#include <gtest/gtest.h>

#include <random>

namespace tikhaul {
namespace {

RowBatch Sample() {
  RowBatch batch;
  batch.rows = 3;
  for (const ColumnType type :
       {ColumnType::kInt64, ColumnType::kDecimal, ColumnType::kString, ColumnType::kDate, ColumnType::kJson}) {
    Column column(type);
    for (int i = 0; i < 3; ++i) {
      if (i == 1) {
        column.AppendNull();
      } else if (IsText(type)) {
        column.AppendText(i == 0 ? "{\"a\":1}" : "");
      } else if (type == ColumnType::kDecimal) {
        column.AppendDecimal({i * 1250, 2});
      } else {
        column.AppendNumber(i * 20000);
      }
    }
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

void ExpectSame(const RowBatch& a, const RowBatch& b) {
  ASSERT_EQ(a.rows, b.rows);
  ASSERT_EQ(a.columns.size(), b.columns.size());
  for (size_t c = 0; c < a.columns.size(); ++c) {
    ASSERT_EQ(a.columns[c].type(), b.columns[c].type());
    ASSERT_EQ(a.columns[c].scale(), b.columns[c].scale());
    ASSERT_EQ(a.columns[c].size(), b.columns[c].size());
    for (size_t row = 0; row < a.rows; ++row) {
      ASSERT_EQ(a.columns[c].HasValue(row), b.columns[c].HasValue(row));
      if (IsText(a.columns[c].type())) {
        ASSERT_EQ(a.columns[c].Text(row), b.columns[c].Text(row));
      } else {
        ASSERT_EQ(a.columns[c].Number(row), b.columns[c].Number(row));
      }
    }
  }
}

TEST(RowBatchTest, DecodingGivesBackWhatWasEncoded) {
  const RowBatch batch = Sample();
  const absl::StatusOr<RowBatch> again = DecodeRowBatch(EncodeRowBatch(batch));
  ASSERT_TRUE(again.ok()) << again.status();
  ExpectSame(batch, *again);
}

TEST(RowBatchTest, EmptyBatchesSurvive) {
  for (RowBatch batch :
       {RowBatch{}, RowBatch{.rows = 0, .columns = {Column(ColumnType::kString), Column(ColumnType::kInt64)}}}) {
    const absl::StatusOr<RowBatch> again = DecodeRowBatch(EncodeRowBatch(batch));
    ASSERT_TRUE(again.ok()) << again.status();
    ExpectSame(batch, *again);
  }
}

TEST(RowBatchTest, ADecodedBatchMayGrow) {
  RowBatch batch = *DecodeRowBatch(EncodeRowBatch(Sample()));
  batch.columns[2].AppendText("more");
  batch.columns[0].AppendNull();
  EXPECT_EQ(batch.columns[2].Text(3), "more");
  EXPECT_TRUE(batch.columns[2].HasValue(3));
  EXPECT_FALSE(batch.columns[0].HasValue(3));
}

TEST(RowBatchTest, EveryCutIsDataLoss) {
  const std::string bytes = EncodeRowBatch(Sample());
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeRowBatch(absl::string_view(bytes).substr(0, length)).status())) << length;
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodeRowBatch(bytes + "x").status()));
}

TEST(RowBatchTest, DamageIsRefusedOrGivesSomeBatchButNeverMore) {
  const std::string bytes = EncodeRowBatch(Sample());
  std::mt19937_64 random(11);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = bytes;
    for (uint64_t i = 1 + random() % 3; i > 0; --i) damaged[random() % damaged.size()] = static_cast<char>(random());
    const absl::StatusOr<RowBatch> batch = DecodeRowBatch(damaged);
    if (!batch.ok()) {
      ASSERT_TRUE(absl::IsDataLoss(batch.status()));
      ++refused;
      continue;
    }
    for (const Column& column : batch->columns) ASSERT_EQ(column.size(), batch->rows);
    ASSERT_LE(batch->ByteSize(), 4096u);
  }
  EXPECT_GT(refused, 1000);
}

TEST(RowBatchTest, ByteSizeCountsTheCells) {
  RowBatch batch;
  batch.rows = 1;
  batch.columns.emplace_back(ColumnType::kString);
  const size_t before = batch.ByteSize();
  batch.columns[0].AppendText(std::string(1000, 'x'));
  EXPECT_GE(batch.ByteSize(), before + 1000);
  EXPECT_LE(batch.ByteSize(), before + 1100);
}

}  // namespace
}  // namespace tikhaul
