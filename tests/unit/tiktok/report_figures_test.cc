#include "common/tiktok/report_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kFigures[] = {"spend", "clicks", "result"};
constexpr absl::string_view kNeeded[] = {"spend", "clicks"};

std::string Answer(const std::string& list, int total) {
  return absl::StrCat(R"({"code":0,"message":"OK","data":{"list":[)", list, R"(],"page_info":{"total_number":)", total,
                      "}}}");
}

// Whether the one row of the answer counts as nothing.
bool AllZero(const std::string& metrics) {
  const auto rows = ReadFigures(
      Answer(absl::StrCat(R"({"dimensions":{"advertiser_id":"71"},"metrics":{)", metrics, "}}"), 1), kFigures, kNeeded);
  EXPECT_TRUE(rows.ok()) << rows.status();
  return rows.ok() && rows->size() == 1 && rows->front().all_zero;
}

TEST(ReadFiguresTest, ZerosInEverySpelling) {
  EXPECT_TRUE(AllZero(R"("spend":"0.00","clicks":"0","result":"0.0")"));
  EXPECT_TRUE(AllZero(R"("spend":0,"clicks":0.0,"result":"-")"));
  EXPECT_TRUE(AllZero(R"("spend":"0","clicks":"0","result":null)"));
}

TEST(ReadFiguresTest, AnythingElseIsActivity) {
  EXPECT_FALSE(AllZero(R"("spend":"0.01","clicks":"0","result":"0")"));
  EXPECT_FALSE(AllZero(R"("spend":"0","clicks":"0","result":"3")"));
  EXPECT_FALSE(AllZero(R"("spend":"0","clicks":"<5","result":"0")"));
  EXPECT_FALSE(AllZero(R"("spend":"0","clicks":1,"result":"0")"));
  EXPECT_FALSE(AllZero(R"("spend":"","clicks":"0","result":"0")"));
}

TEST(ReadFiguresTest, WhatIsNotSaidIsNotZero) {
  EXPECT_FALSE(AllZero(R"("spend":"-","clicks":"0","result":"0")"));
  EXPECT_FALSE(AllZero(R"("clicks":"0","result":"0")"));
}

TEST(ReadFiguresTest, TextsBesideTheFiguresDoNotCount) {
  EXPECT_TRUE(AllZero(R"("spend":"0","clicks":"0","result":"0","currency":"USD","timezone":"Asia/Tokyo")"));
}

TEST(ReadFiguresTest, RowsNameAdvertiserAndDay) {
  const auto rows = ReadFigures(
      Answer(R"({"dimensions":{"advertiser_id":71,"stat_time_day":"2025-01-02 00:00:00"},"metrics":{"spend":"1"}})", 1),
      kFigures, kNeeded);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->at(0).advertiser, "71");
  EXPECT_EQ(rows->at(0).day, absl::CivilDay(2025, 1, 2));
}

TEST(ReadFiguresTest, AnswersThatAreNotWholeAreRefused) {
  EXPECT_TRUE(absl::IsDataLoss(ReadFigures(Answer("", 1), kFigures, kNeeded).status()));
  EXPECT_TRUE(absl::IsDataLoss(ReadFigures("{}", kFigures, kNeeded).status()));
  EXPECT_TRUE(absl::IsDataLoss(ReadFigures("<html>", kFigures, kNeeded).status()));
  EXPECT_TRUE(absl::IsDataLoss(ReadFigures(Answer(R"({"metrics":{}})", 1), kFigures, kNeeded).status()));
  EXPECT_TRUE(
      absl::IsDataLoss(ReadFigures(Answer(R"({"dimensions":{},"metrics":{}})", 1), kFigures, kNeeded).status()));
}

TEST(ReadTotalNumberTest, ReadsPageInfo) {
  EXPECT_EQ(ReadTotalNumber(Answer("", 12345)).value(), 12345u);
  EXPECT_TRUE(absl::IsDataLoss(ReadTotalNumber("[]").status()));
  EXPECT_TRUE(absl::IsDataLoss(ReadTotalNumber(Answer("", -1)).status()));
}

}  // namespace
}  // namespace tikhaul
