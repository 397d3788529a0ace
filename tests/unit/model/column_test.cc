#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "common/model/row_batch.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

TEST(ColumnTest, NumbersAndNullsKeepTheirPlaces) {
  Column column(ColumnType::kInt64);
  std::vector<bool> present;
  for (int i = 0; i < 40; ++i) {
    present.push_back(i % 3 != 1);
    if (present.back()) {
      column.AppendNumber(i * 7);
    } else {
      column.AppendNull();
    }
  }
  ASSERT_EQ(column.size(), 40u);
  for (size_t i = 0; i < present.size(); ++i) {
    EXPECT_EQ(column.HasValue(i), present[i]) << i;
    EXPECT_EQ(column.Number(i), present[i] ? static_cast<int64_t>(i) * 7 : 0) << i;
  }
}

TEST(ColumnTest, TheFirstNullMayComeAtAnyPlace) {
  for (size_t before = 0; before <= 17; ++before) {
    Column column(ColumnType::kBool);
    for (size_t i = 0; i < before; ++i) column.AppendNumber(1);
    column.AppendNull();
    for (int i = 0; i < 9; ++i) column.AppendNumber(1);
    for (size_t i = 0; i < column.size(); ++i) ASSERT_EQ(column.HasValue(i), i != before) << before << " " << i;
    EXPECT_EQ(column.validity().size(), (column.size() + 7) / 8);
  }
}

TEST(ColumnTest, WithoutNullsThereAreNoValidityBits) {
  Column column(ColumnType::kString);
  column.AppendText("a");
  column.AppendText("");
  EXPECT_TRUE(column.validity().empty());
  EXPECT_TRUE(column.HasValue(1));
}

TEST(ColumnTest, TextsAreKeptByteForByte) {
  Column column(ColumnType::kJson);
  EXPECT_EQ(column.offsets().size(), 1u);
  column.AppendText(absl::string_view("a\0b", 3));
  column.AppendNull();
  column.AppendText("");
  column.AppendText("\xff\xfe");
  EXPECT_EQ(column.Text(0), absl::string_view("a\0b", 3));
  EXPECT_EQ(column.Text(1), "");
  EXPECT_FALSE(column.HasValue(1));
  EXPECT_TRUE(column.HasValue(2));
  EXPECT_EQ(column.Text(3), "\xff\xfe");
  EXPECT_EQ(column.offsets().size(), 5u);
}

TEST(ColumnTest, DecimalsShareTheLargestScale) {
  Column column(ColumnType::kDecimal);
  ASSERT_TRUE(column.AppendDecimal({5, 0}));
  column.AppendNull();
  ASSERT_TRUE(column.AppendDecimal({-125, 3}));
  ASSERT_TRUE(column.AppendDecimal({75, 1}));
  EXPECT_EQ(column.scale(), 3);
  EXPECT_EQ(FormatDecimal(column.DecimalAt(0)), "5.000");
  EXPECT_EQ(FormatDecimal(column.DecimalAt(2)), "-0.125");
  EXPECT_EQ(FormatDecimal(column.DecimalAt(3)), "7.500");
}

TEST(ColumnTest, ADecimalThatFitsNoCommonScaleChangesNothing) {
  const int64_t large = std::numeric_limits<int64_t>::max() / 5;
  Column column(ColumnType::kDecimal);
  ASSERT_TRUE(column.AppendDecimal({large, 0}));
  EXPECT_FALSE(column.AppendDecimal({1, 1}));  // the large one would overflow
  EXPECT_EQ(column.size(), 1u);
  EXPECT_EQ(column.scale(), 0);
  EXPECT_EQ(column.Number(0), large);

  Column fine(ColumnType::kDecimal);
  ASSERT_TRUE(fine.AppendDecimal({1, 18}));
  EXPECT_FALSE(fine.AppendDecimal({100, 0}));  // the new one would overflow
  EXPECT_EQ(fine.size(), 1u);
  EXPECT_TRUE(fine.AppendDecimal({9, 0}));
}

absl::StatusOr<Column> Numbers(ColumnType type, std::vector<int64_t> numbers, std::vector<uint8_t> validity = {},
                               int scale = 0) {
  const size_t rows = numbers.size();
  return Column::FromParts(type, rows, scale, std::move(validity), std::move(numbers), {}, "");
}

TEST(FromPartsTest, TakesPartsThatFit) {
  const absl::StatusOr<Column> numbers = Numbers(ColumnType::kDecimal, {1, 0, 3}, {0b101}, 2);
  ASSERT_TRUE(numbers.ok());
  EXPECT_FALSE(numbers->HasValue(1));
  EXPECT_EQ(FormatDecimal(numbers->DecimalAt(2)), "0.03");
  const absl::StatusOr<Column> text = Column::FromParts(ColumnType::kString, 3, 0, {}, {}, {2, 0, 1}, "abc");
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->Text(0), "ab");
  EXPECT_EQ(text->Text(1), "");
  EXPECT_EQ(text->Text(2), "c");
  EXPECT_TRUE(Column::FromParts(ColumnType::kString, 0, 0, {}, {}, {}, "").ok());
}

TEST(FromPartsTest, RefusesPartsThatDoNotFitTheRowCount) {
  for (const absl::StatusOr<Column>& column :
       {Column::FromParts(ColumnType::kInt64, 2, 0, {}, {1}, {}, ""),
        Column::FromParts(ColumnType::kInt64, 2, 0, {}, {1, 2, 3}, {}, ""),
        Column::FromParts(ColumnType::kString, 2, 0, {}, {}, {1}, "a"),
        Column::FromParts(ColumnType::kString, 1, 0, {}, {}, {1, 0}, "a"),
        Column::FromParts(ColumnType::kInt64, 9, 0, {0xff}, std::vector<int64_t>(9), {}, ""),
        Column::FromParts(ColumnType::kInt64, 1, 0, {0xff, 0xff}, {1}, {}, ""),
        Column::FromParts(ColumnType::kInt64, size_t{1} << 62, 0, {}, {1}, {}, "")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(column.status()));
  }
}

TEST(FromPartsTest, RefusesCellsInTheWrongPart) {
  EXPECT_FALSE(Column::FromParts(ColumnType::kInt64, 1, 0, {}, {1}, {1}, "a").ok());
  EXPECT_FALSE(Column::FromParts(ColumnType::kInt64, 1, 0, {}, {1}, {}, "a").ok());
  EXPECT_FALSE(Column::FromParts(ColumnType::kString, 1, 0, {}, {1}, {1}, "a").ok());
}

TEST(FromPartsTest, RefusesTextLengthsThatDoNotAddUp) {
  EXPECT_FALSE(Column::FromParts(ColumnType::kString, 2, 0, {}, {}, {1, 1}, "a").ok());
  EXPECT_FALSE(Column::FromParts(ColumnType::kString, 2, 0, {}, {}, {1, 1}, "abc").ok());
  EXPECT_FALSE(Column::FromParts(ColumnType::kString, 2, 0, {}, {}, {0xffffffff, 2}, "a").ok());  // 1 with wrap-around
}

TEST(FromPartsTest, RefusesScalesOutOfRange) {
  EXPECT_FALSE(Numbers(ColumnType::kDecimal, {1}, {}, -1).ok());
  EXPECT_FALSE(Numbers(ColumnType::kDecimal, {1}, {}, 19).ok());
  EXPECT_TRUE(Numbers(ColumnType::kDecimal, {1}, {}, 18).ok());
}

TEST(FromPartsTest, RefusesNumbersThatCannotBeOfTheirType) {
  EXPECT_TRUE(Numbers(ColumnType::kBool, {0, 1}).ok());
  EXPECT_FALSE(Numbers(ColumnType::kBool, {2}).ok());
  EXPECT_TRUE(Numbers(ColumnType::kDate, {-719528, 2932896}).ok());
  EXPECT_FALSE(Numbers(ColumnType::kDate, {-719529}).ok());
  EXPECT_FALSE(Numbers(ColumnType::kDate, {2932897}).ok());
  EXPECT_TRUE(Numbers(ColumnType::kTimestamp, {253402300799}).ok());  // 9999-12-31 23:59:59
  EXPECT_FALSE(Numbers(ColumnType::kTimestamp, {253402300800}).ok());
  EXPECT_FALSE(Numbers(ColumnType::kLocalHour, {std::numeric_limits<int64_t>::min()}).ok());
  EXPECT_TRUE(Numbers(ColumnType::kInt64, {std::numeric_limits<int64_t>::min()}).ok());
  const absl::StatusOr<Column> none = Numbers(static_cast<ColumnType>(99), {1});
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("not of type"));
}

}  // namespace
}  // namespace tikhaul
