// Column groups joined to whole rows, in memory and through the spool, and what must not be joined.
#include "coordinator/ingest/group_join.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/decimal.h"
#include "common/base/status_macros.h"
#include "tests/unit/coordinator/coordinator_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

using Cells = std::vector<std::string>;

// Groups of rows with the key (day, ad). Cells: "NULL" is no value.
class GroupJoinTest : public testing::Test {
 protected:
  GroupJoinTest()
      : pool_(SpoolPool::Open({.directory = folder_.Path("spool"), .memory_bytes = 4 << 10, .disk_bytes = 64 << 20})
                  .value()) {}

  void AddGroup(const std::vector<std::pair<std::string, ColumnType>>& metrics) {
    auto columns = std::make_unique<GroupColumns>();
    const auto add = [&](const std::string& name, ColumnType type, bool key) {
      columns->names.push_back(name);
      columns->types.push_back(type);
      columns->key.push_back(key);
    };
    add("day", ColumnType::kDate, true);
    add("ad", ColumnType::kString, true);
    for (const auto& [name, type] : metrics) add(name, type, false);
    add("_extra", ColumnType::kJson, false);
    add("_raw", ColumnType::kJson, false);
    columns_.push_back(std::move(columns));
    spools_.push_back(pool_->NewSpool());
  }

  // One batch.
  void Spool(size_t group, const std::vector<Cells>& rows) {
    RowBatch batch;
    for (const ColumnType type : columns_[group]->types) batch.columns.emplace_back(type);
    for (const Cells& row : rows) {
      ASSERT_EQ(row.size(), batch.columns.size());
      for (size_t i = 0; i < row.size(); ++i) Append(batch.columns[i], row[i]);
      ++batch.rows;
    }
    ASSERT_OK(spools_[group]->Append(std::move(batch)));
  }

  static void Append(Column& column, const std::string& cell) {
    int64_t number = 0;
    if (cell == "NULL") return column.AppendNull();
    if (IsText(column.type())) return column.AppendText(cell);
    if (column.type() == ColumnType::kDecimal) {
      EXPECT_TRUE(column.AppendDecimal(*ParseDecimal(cell)));
      return;
    }
    ASSERT_TRUE(absl::SimpleAtoi(cell, &number));
    column.AppendNumber(number);
  }

  static std::string Text(const Column& column, size_t row) {
    if (!column.HasValue(row)) return "NULL";
    if (IsText(column.type())) return std::string(column.Text(row));
    return column.type() == ColumnType::kDecimal ? FormatDecimal(column.DecimalAt(row))
                                                 : absl::StrCat(column.Number(row));
  }

  absl::StatusOr<std::vector<Cells>> Join(uint64_t join_bytes = kJoinBytes) {
    std::vector<JoinInput> inputs;
    for (size_t i = 0; i < columns_.size(); ++i) inputs.push_back({columns_[i].get(), spools_[i].get()});
    ASSIGN_OR_RETURN(const std::unique_ptr<RowSource> source, JoinGroups(std::move(inputs), *pool_, join_bytes));
    names_ = source->columns();
    std::vector<Cells> rows;
    for (;;) {
      ASSIGN_OR_RETURN(const RowBatch* const batch, source->Next());
      if (batch == nullptr) return rows;
      for (size_t row = 0; row < batch->rows; ++row) {
        rows.emplace_back();
        for (const Column& column : batch->columns) rows.back().push_back(Text(column, row));
      }
    }
  }

  ScratchFolder folder_;
  std::unique_ptr<SpoolPool> pool_;
  std::vector<std::unique_ptr<GroupColumns>> columns_;
  std::vector<std::unique_ptr<ChunkSpool>> spools_;
  std::vector<std::string> names_;
};

TEST_F(GroupJoinTest, RowsMeetByTheirKeyWhateverTheirOrder) {
  AddGroup({{"spend", ColumnType::kDecimal}});
  AddGroup({{"name", ColumnType::kString}, {"clicks", ColumnType::kInt64}});
  Spool(0, {{"1", "a", "1.50", "NULL", "NULL"}, {"2", "a", "2.5", "NULL", "NULL"}});
  Spool(0, {{"1", "b", "NULL", "NULL", "NULL"}});
  Spool(1, {{"1", "b", "B", "3", "NULL", "NULL"}});
  Spool(1, {{"2", "a", "NULL", "NULL", "NULL", "NULL"}, {"1", "a", "A", "1", "NULL", "NULL"}});
  const auto rows = Join();
  ASSERT_OK(rows.status());
  EXPECT_THAT(names_, ElementsAre("day", "ad", "spend", "name", "clicks", "_extra", "_raw"));
  EXPECT_THAT(*rows, ElementsAre(ElementsAre("1", "a", "1.50", "A", "1", "NULL", "NULL"),
                                 ElementsAre("2", "a", "2.50", "NULL", "NULL", "NULL", "NULL"),
                                 ElementsAre("1", "b", "NULL", "B", "3", "NULL", "NULL")));
}

TEST_F(GroupJoinTest, KeptMembersAreUnitedAndCountOnce) {
  AddGroup({{"spend", ColumnType::kDecimal}});
  AddGroup({{"clicks", ColumnType::kInt64}});
  Spool(0, {{"1", "a", "1", R"({"new":{"x":[1]}})", R"({"spend":"<5"})"}});
  Spool(1, {{"1", "a", "1", R"({"new":{"x":[1]},"other":2})", R"({"clicks":"?"})"}});
  EXPECT_THAT(*Join(), ElementsAre(ElementsAre("1", "a", "1", "1", R"({"new":{"x":[1]},"other":2})",
                                               R"({"spend":"<5","clicks":"?"})")));
}

TEST_F(GroupJoinTest, DecimalsThatDoNotFitTogetherAreKeptExactly) {
  AddGroup({{"spend", ColumnType::kDecimal}});
  AddGroup({{"rate", ColumnType::kDecimal}});
  Spool(0, {{"1", "a", "1", "NULL", "NULL"}, {"1", "b", "1", "NULL", "NULL"}, {"1", "c", "1", "NULL", "NULL"}});
  Spool(1, {{"1", "a", "1000000000000000000", "NULL", "NULL"}});
  Spool(1, {{"1", "b", "0.000000000000000001", "NULL", "NULL"}, {"1", "c", "0.5", "NULL", "NULL"}});
  const auto rows = Join();
  ASSERT_OK(rows.status());
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ((*rows)[0][3], "1000000000000000000");
  EXPECT_EQ((*rows)[1][3], "0.000000000000000001");
  EXPECT_EQ((*rows)[2][3], "0.500000000000000000");
}

TEST_F(GroupJoinTest, ManyRowsGoThroughTheSpoolInParts) {
  AddGroup({{"spend", ColumnType::kDecimal}});
  AddGroup({{"clicks", ColumnType::kInt64}});
  AddGroup({{"name", ColumnType::kString}});
  constexpr int kRows = 5000;
  std::vector<Cells> spend, clicks, names;
  for (int i = 0; i < kRows; ++i) {
    const std::string day = absl::StrCat(i % 7), ad = absl::StrCat("ad-", i);
    spend.push_back({day, ad, absl::StrCat(i, ".25"), "NULL", "NULL"});
    clicks.push_back({day, ad, absl::StrCat(i), "NULL", "NULL"});
    names.push_back({day, ad, absl::StrCat("name ", i), "NULL", "NULL"});
  }
  std::reverse(clicks.begin(), clicks.end());
  std::rotate(names.begin(), names.begin() + 1234, names.end());
  for (int i = 0; i < kRows; i += 500) {
    Spool(0, {spend.begin() + i, spend.begin() + i + 500});
    Spool(1, {clicks.begin() + i, clicks.begin() + i + 500});
    Spool(2, {names.begin() + i, names.begin() + i + 500});
  }
  const uint64_t spooled = pool_->disk_used();
  ASSERT_GT(spooled, uint64_t{100} << 10) << "most of it is on disk";
  const auto rows = Join(32 << 10);
  ASSERT_OK(rows.status());
  ASSERT_EQ(rows->size(), static_cast<size_t>(kRows));
  std::map<std::string, Cells> by_ad;
  for (const Cells& row : *rows) by_ad[row[1]] = row;
  ASSERT_EQ(by_ad.size(), static_cast<size_t>(kRows));
  for (int i = 0; i < kRows; ++i) {
    ASSERT_THAT(by_ad[absl::StrCat("ad-", i)],
                ElementsAre(absl::StrCat(i % 7), absl::StrCat("ad-", i), absl::StrCat(i, ".25"), absl::StrCat(i),
                            absl::StrCat("name ", i), "NULL", "NULL"));
  }
  EXPECT_EQ(pool_->disk_used(), spooled) << "the parts are gone with the join";
}

TEST_F(GroupJoinTest, ARowThatOneGroupLacksIsDrift) {
  for (const uint64_t join_bytes : {kJoinBytes, uint64_t{16}}) {
    columns_.clear();
    spools_.clear();
    AddGroup({{"spend", ColumnType::kDecimal}});
    AddGroup({{"clicks", ColumnType::kInt64}});
    Spool(0, {{"1", "a", "1", "NULL", "NULL"}, {"1", "b", "1", "NULL", "NULL"}});
    Spool(1, {{"1", "a", "1", "NULL", "NULL"}, {"1", "c", "1", "NULL", "NULL"}});
    const absl::Status status = Join(join_bytes).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(status.message(), HasSubstr("asked for other metrics of the same rows"));
  }
}

TEST_F(GroupJoinTest, AKeyThatComesTwiceIsDrift) {
  for (const int twice_in : {0, 1}) {
    columns_.clear();
    spools_.clear();
    AddGroup({{"spend", ColumnType::kDecimal}});
    AddGroup({{"clicks", ColumnType::kInt64}});
    Spool(twice_in, {{"1", "a", "1", "NULL", "NULL"}, {"1", "a", "1", "NULL", "NULL"}});
    Spool(1 - twice_in, {{"1", "a", "1", "NULL", "NULL"}, {"1", "b", "1", "NULL", "NULL"}});
    EXPECT_EQ(Join().status().code(), absl::StatusCode::kFailedPrecondition) << twice_in;
  }
}

TEST_F(GroupJoinTest, NoRowsAtAllAreFine) {
  AddGroup({{"spend", ColumnType::kDecimal}});
  AddGroup({{"clicks", ColumnType::kInt64}});
  EXPECT_THAT(*Join(), ElementsAre());
}

TEST_F(GroupJoinTest, AFullSpoolIsSaidSo) {
  pool_ =
      SpoolPool::Open({.directory = folder_.Path("small"), .memory_bytes = 1 << 10, .disk_bytes = 40 << 10}).value();
  AddGroup({{"spend", ColumnType::kDecimal}});
  AddGroup({{"clicks", ColumnType::kInt64}});
  for (size_t group = 0; group < 2; ++group) {
    std::vector<Cells> rows;
    for (int i = 0; i < 500; ++i) rows.push_back({"1", absl::StrCat("ad-", i), "1", "NULL", "NULL"});
    Spool(group, rows);
  }
  EXPECT_EQ(Join(4 << 10).status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace tikhaul
