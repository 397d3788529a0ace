#include "worker/csv_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/worker/plans.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kHeads[] = "ad_id,stat_time_day,spend,clicks,ad_name\n";

struct Decoded {
  absl::Status status;
  std::vector<RowBatch> batches;
  uint64_t rows = 0;
  FieldCounts unknown, unparsed;
};

Decoded Decode(const std::string& text, const v1::ReadPlan& plan = ReportPlan(), size_t piece = 7,
               DecoderOptions options = {}) {
  Decoded decoded;
  CsvDecoder decoder = *CsvDecoder::Make(plan, options);
  for (size_t at = 0; at < text.size() && decoded.status.ok(); at += piece) {
    decoded.status = decoder.Feed(absl::string_view(text).substr(at, piece), &decoded.batches);
  }
  if (decoded.status.ok()) decoded.status = decoder.Finish(&decoded.batches);
  decoded.rows = decoder.rows();
  decoded.unknown = decoder.unknown_fields();
  decoded.unparsed = decoder.unparsed_values();
  return decoded;
}

// The cells of a row as texts; "NULL" for none.
std::vector<std::string> Row(const RowBatch& batch, size_t row) {
  std::vector<std::string> cells;
  for (const Column& column : batch.columns) {
    if (!column.HasValue(row)) {
      cells.push_back("NULL");
    } else if (IsText(column.type())) {
      cells.emplace_back(column.Text(row));
    } else {
      cells.push_back(absl::StrCat(column.Number(row)));
    }
  }
  return cells;
}

TEST(CsvDecoderTest, CellsAreThoseOfAnAnswer) {
  const Decoded decoded =
      Decode(absl::StrCat(kHeads, "1714125051115569,2026-01-05 00:00:00,20.00,116.0,\"Summer, \"\"big\"\"\"\n",
                          "17,2026-01-06 00:00:00,-,-,-\n", "18,2026-01-07 00:00:00,,,\n"));
  ASSERT_TRUE(decoded.status.ok()) << decoded.status;
  ASSERT_EQ(decoded.rows, 3u);
  ASSERT_EQ(decoded.batches.size(), 1u);
  EXPECT_THAT(Row(decoded.batches[0], 0),
              ElementsAre("1714125051115569", "20458", "2000", "116", "Summer, \"big\"", "NULL", "NULL"));
  EXPECT_THAT(Row(decoded.batches[0], 1), ElementsAre("17", "20459", "NULL", "NULL", "NULL", "NULL", "NULL"));
  EXPECT_THAT(Row(decoded.batches[0], 2), ElementsAre("18", "20460", "NULL", "NULL", "NULL", "NULL", "NULL"));
}

TEST(CsvDecoderTest, HeadsMayStandInAnyOrderAndUnderAnAlias) {
  v1::ReadPlan plan = ReportPlan();
  plan.mutable_columns(0)->add_aliases("ad_id_v2");
  const Decoded decoded = Decode(
      "\xEF\xBB\xBF\"clicks\",\"ad_name\",\"ad_id_v2\",\"spend\",\"stat_time_day\"\r\n5,x,17,1.5,2026-01-05\r\n", plan);
  ASSERT_TRUE(decoded.status.ok()) << decoded.status;
  EXPECT_THAT(Row(decoded.batches.at(0), 0), ElementsAre("17", "20458", "15", "5", "x", "NULL", "NULL"));
}

TEST(CsvDecoderTest, WhatIsUnknownOrDoesNotParseIsKept) {
  const Decoded decoded =
      Decode("ad_id,stat_time_day,spend,clicks,ad_name,new \"one\"\n17,2026-01-05,plenty,<5,x,\"a \\ \"\"b\"\"\n\"\n");
  ASSERT_FALSE(decoded.status.ok()) << "a quote within an unquoted head";
  const Decoded kept = Decode(
      "ad_id,stat_time_day,spend,clicks,ad_name,\"new \"\"one\"\"\"\n17,2026-01-05,plenty,<5,x,\"a \\ \"\"b\"\"\n\"\n");
  ASSERT_TRUE(kept.status.ok()) << kept.status;
  EXPECT_THAT(Row(kept.batches.at(0), 0),
              ElementsAre("17", "20458", "NULL", "NULL", "x", R"({"new \"one\"":"a \\ \"b\"\u000a"})",
                          R"({"spend":"plenty","clicks":"<5"})"));
  EXPECT_THAT(kept.unknown, UnorderedElementsAre(Pair("new \"one\"", 1)));
  EXPECT_THAT(kept.unparsed, UnorderedElementsAre(Pair("spend", 1), Pair("clicks", 1)));
}

TEST(CsvDecoderTest, AReportWithoutRowsIsWhole) {
  const Decoded decoded = Decode(kHeads);
  EXPECT_TRUE(decoded.status.ok()) << decoded.status;
  EXPECT_EQ(decoded.rows, 0u);
  EXPECT_TRUE(decoded.batches.empty());
}

TEST(CsvDecoderTest, RefusesWhatIsNotTheReport) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "without so much as a head line"},
      {"Ad ID,Day\n", "no column is headed"},
      {"ad_id,stat_time_day,spend,clicks\n", "no column is headed ad_name"},
      {"ad_id,stat_time_day,spend,clicks,ad_name,spend\n", "two columns"},
      {absl::StrCat(kHeads, "17,2026-01-05,1,1\n"), "4 fields instead of 5"},
      {absl::StrCat(kHeads, "17,2026-01-05,1,1,\"x"), "ends within quotes"},
      {absl::StrCat(kHeads, "17,2026-01-05,1,1,\xff\n"), "not UTF-8"},
      {"<html><body>502</body></html>", "no column is headed"},
  };
  for (const auto& [text, message] : cases) {
    for (const size_t piece : {1u, 1000u}) {
      const Decoded decoded = Decode(text, ReportPlan(), piece);
      EXPECT_EQ(decoded.status.code(), absl::StatusCode::kDataLoss) << text;
      EXPECT_THAT(std::string(decoded.status.message()), HasSubstr(message)) << text;
    }
  }
}

TEST(CsvDecoderTest, ARowThatIsTooLargeIsRefused) {
  const std::string text = absl::StrCat(kHeads, "17,2026-01-05,1,1,", std::string(500, 'x'), "\n");
  EXPECT_EQ(Decode(text, ReportPlan(), 100, {.max_row_bytes = 300}).status.code(), absl::StatusCode::kOutOfRange);
}

TEST(CsvDecoderTest, FullBatchesComeWhileTheTextDoes) {
  CsvDecoder decoder = *CsvDecoder::Make(ReportPlan(), {.batch_bytes = 1000});
  std::vector<RowBatch> batches;
  ASSERT_TRUE(decoder.Feed(kHeads, &batches).ok());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(decoder.Feed(absl::StrCat(i, ",2026-01-05,1.25,3,name\n"), &batches).ok());
  }
  EXPECT_GT(batches.size(), 2u);
  uint64_t rows = 0;
  ASSERT_TRUE(decoder.Finish(&batches).ok());
  for (const RowBatch& batch : batches) rows += batch.rows;
  EXPECT_EQ(rows, 100u);
}

// Damage anywhere ends in rows or in a failure, never out of bounds.
TEST(CsvDecoderTest, StandsDamage) {
  std::mt19937 random(3);
  const std::string good = absl::StrCat(kHeads, "17,2026-01-05,1.5,3,\"a, \"\"b\"\"\"\n18,2026-01-05,-,116.0,c\n");
  for (int round = 0; round < 3000; ++round) {
    std::string text = good;
    for (size_t i = random() % 4; i > 0; --i) {
      const size_t at = random() % text.size();
      if (random() % 3 == 0) {
        text.erase(at, 1 + random() % 5);
      } else {
        text[at] = static_cast<char>(random() % 256);
      }
      if (text.empty()) text = "x";
    }
    Decode(text, ReportPlan(), 1 + random() % 20, {.batch_bytes = 64, .max_row_bytes = 200});
  }
}

}  // namespace
}  // namespace tikhaul
