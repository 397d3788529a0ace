#include "common/wire/row_batch_wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

const std::vector<ColumnType> kAll = {ColumnType::kInt64, ColumnType::kDecimal,   ColumnType::kString,
                                      ColumnType::kDate,  ColumnType::kTimestamp, ColumnType::kJson,
                                      ColumnType::kBool,  ColumnType::kLocalHour};

// `rows` rows with a column of each type; every fourth cell is null.
RowBatch Sample(size_t rows) {
  RowBatch batch;
  batch.rows = rows;
  for (const ColumnType type : kAll) {
    Column column(type);
    for (size_t i = 0; i < rows; ++i) {
      const int64_t number = static_cast<int64_t>(i);
      if (i % 4 == 3) {
        column.AppendNull();
      } else if (IsText(type)) {
        column.AppendText(std::string(i % 5, 'x'));
      } else if (type == ColumnType::kDecimal) {
        column.AppendDecimal({number * -37, 4});
      } else {
        column.AppendNumber(type == ColumnType::kBool    ? number % 2
                            : type == ColumnType::kInt64 ? -number * 1'000'000'007
                                                         : number);
      }
    }
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

void ExpectSame(const RowBatch& a, const RowBatch& b) { EXPECT_EQ(EncodeRowBatch(a), EncodeRowBatch(b)); }

v1::RowBatch OnWire(const RowBatch& batch) {
  v1::RowBatch wire;
  ToWire(batch, &wire);
  return wire;
}

TEST(RowBatchWireTest, ComesBackAsItWentOverTheWire) {
  for (const size_t rows : {0, 1, 3, 8, 100}) {
    const RowBatch batch = Sample(rows);
    v1::RowBatch received;
    ASSERT_TRUE(received.ParseFromString(OnWire(batch).SerializeAsString()));
    const absl::StatusOr<RowBatch> again = FromWire(kAll, received);
    ASSERT_TRUE(again.ok()) << again.status();
    ExpectSame(batch, *again);
  }
}

TEST(RowBatchWireTest, AMessageMayBeUsedAgain) {
  v1::RowBatch wire;
  ToWire(Sample(100), &wire);
  RowBatch other;
  other.rows = 1;
  other.columns.emplace_back(ColumnType::kString);
  other.columns[0].AppendText("only");
  ToWire(other, &wire);
  const absl::StatusOr<RowBatch> again = FromWire({ColumnType::kString}, wire);
  ASSERT_TRUE(again.ok()) << again.status();
  ExpectSame(other, *again);
  ToWire(Sample(5), &wire);
  ExpectSame(Sample(5), *FromWire(kAll, wire));
}

TEST(RowBatchWireTest, ExtremesSurvive) {
  RowBatch batch;
  batch.rows = 2;
  batch.columns.emplace_back(ColumnType::kInt64);
  batch.columns[0].AppendNumber(std::numeric_limits<int64_t>::min());
  batch.columns[0].AppendNumber(std::numeric_limits<int64_t>::max());
  v1::RowBatch wire = OnWire(batch);
  ExpectSame(batch, *FromWire({ColumnType::kInt64}, wire));
}

// What FromWire says about a sample that `damage` has changed.
std::string Refusal(const std::function<void(v1::RowBatch*)>& damage) {
  v1::RowBatch wire = OnWire(Sample(9));
  damage(&wire);
  const absl::StatusOr<RowBatch> batch = FromWire(kAll, wire);
  if (batch.ok()) return "accepted";
  EXPECT_TRUE(absl::IsInvalidArgument(batch.status()));
  return std::string(batch.status().message());
}

TEST(RowBatchWireTest, BatchesThatDoNotFitTheirPlanAreRefused) {
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->mutable_columns()->RemoveLast(); }),
              HasSubstr("7 columns instead of 8"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->add_columns(); }), HasSubstr("9 columns"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->mutable_columns()->SwapElements(0, 2); }),
              HasSubstr("column 0: cells are not of type int64"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->mutable_columns(4)->clear_values(); }),
              HasSubstr("column 4: cells are not of type timestamp"));
}

TEST(RowBatchWireTest, BatchesThatDoNotFitThemselvesAreRefused) {
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->set_rows(8); }), HasSubstr("column 0"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->set_rows(0xffffffff); }), HasSubstr("column 0"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->mutable_columns(0)->set_validity("x"); }), HasSubstr("validity"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->mutable_columns(1)->mutable_decimal()->set_scale(19); }),
              HasSubstr("column 1: scale"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->mutable_columns(1)->mutable_decimal()->set_scale(0x80000000u); }),
              HasSubstr("column 1: scale"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->mutable_columns(2)->mutable_string()->set_lengths(0, 5000); }),
              HasSubstr("column 2: text"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->mutable_columns(2)->mutable_string()->mutable_data()->append("y"); }),
              HasSubstr("column 2: text"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->mutable_columns(3)->mutable_date()->set_days(0, 2932897); }),
              HasSubstr("not of type date"));
  EXPECT_THAT(Refusal([](v1::RowBatch* b) { b->mutable_columns(6)->mutable_int64()->set_values(0, 2); }),
              HasSubstr("not of type bool"));
  EXPECT_EQ(Refusal([](v1::RowBatch*) {}), "accepted");
}

TEST(ColumnTypeWireTest, EveryTypeComesBack) {
  for (const ColumnType type : kAll) EXPECT_EQ(*FromWire(ToWire(type)), type);
}

TEST(ColumnTypeWireTest, UnspecifiedAndUnknownTypesAreRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(FromWire(v1::COLUMN_TYPE_UNSPECIFIED).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(FromWire(static_cast<v1::ColumnType>(99)).status()));
}

}  // namespace
}  // namespace tikhaul
