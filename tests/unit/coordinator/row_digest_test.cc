#include "coordinator/ingest/row_digest.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/decimal.h"

namespace tikhaul {
namespace {

struct Row {
  std::string name;
  std::string spend;  // empty: no value
  int64_t clicks = 0;
};

RowBatch Batch(const std::vector<Row>& rows) {
  Column names(ColumnType::kString), spend(ColumnType::kDecimal), clicks(ColumnType::kInt64);
  for (const Row& row : rows) {
    names.AppendText(row.name);
    if (row.spend.empty()) {
      spend.AppendNull();
    } else {
      EXPECT_TRUE(spend.AppendDecimal(ParseDecimal(row.spend).value()));
    }
    clicks.AppendNumber(row.clicks);
  }
  RowBatch batch;
  batch.rows = rows.size();
  batch.columns.push_back(std::move(names));
  batch.columns.push_back(std::move(spend));
  batch.columns.push_back(std::move(clicks));
  return batch;
}

uint64_t DigestOf(const std::vector<std::vector<Row>>& batches) {
  RowDigest digest;
  for (const std::vector<Row>& rows : batches) digest.Add(Batch(rows));
  return digest.value();
}

const Row kA{"a", "1.50", 3}, kB{"b", "", 0}, kC{"c", "-2", 7};

TEST(RowDigestTest, NeitherOrderNorBatchesMatter) {
  EXPECT_EQ(DigestOf({{kA, kB, kC}}), DigestOf({{kC}, {kB, kA}}));
  EXPECT_EQ(DigestOf({}), 0u);
}

TEST(RowDigestTest, EveryCellMatters) {
  const uint64_t digest = DigestOf({{kA, kB}});
  EXPECT_NE(digest, DigestOf({{kA}}));
  EXPECT_NE(digest, DigestOf({{{"a", "1.51", 3}, kB}}));
  EXPECT_NE(digest, DigestOf({{{"a", "1.50", 4}, kB}}));
  EXPECT_NE(digest, DigestOf({{{"A", "1.50", 3}, kB}}));
  EXPECT_NE(digest, DigestOf({{kA, {"b", "0", 0}}})) << "no value is not zero";
}

TEST(RowDigestTest, CellsBelongToTheirRows) {
  EXPECT_NE(DigestOf({{{"a", "1", 2}, {"b", "3", 4}}}), DigestOf({{{"a", "3", 4}, {"b", "1", 2}}}));
}

TEST(RowDigestTest, ARowTwiceIsNotARowOnce) { EXPECT_NE(DigestOf({{kA, kA}}), DigestOf({{kA}})); }

TEST(RowDigestTest, DecimalsCountByValueWhateverTheScaleOfTheirBatch) {
  EXPECT_EQ(DigestOf({{{"a", "20.0", 1}, {"b", "0.001", 1}}}), DigestOf({{{"a", "20", 1}}, {{"b", "0.0010", 1}}}));
}

}  // namespace
}  // namespace tikhaul
