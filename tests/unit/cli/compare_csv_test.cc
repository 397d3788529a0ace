#include "cli/csv/compare_csv.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

AdsManagerCsv Csv(const std::string& text) {
  const auto csv = ReadAdsManagerCsv(text, {.name = "x.csv", .heads = {}, .level = {}});
  EXPECT_TRUE(csv.ok()) << csv.status();
  return csv.value_or(AdsManagerCsv{});
}
v1::Figures Row(const std::string& advertiser, const std::string& day, const std::string& id, const std::string& spend,
                const std::string& clicks, uint64_t rows = 1) {
  v1::Figures figures;
  figures.set_advertiser(advertiser);
  figures.set_day(day);
  figures.add_values(id);
  figures.add_sums(spend);
  figures.add_sums(clicks);
  figures.set_rows(rows);
  return figures;
}
StoredFigures Stored(const std::vector<v1::Figures>& figures) {
  return {.extract = "ads_daily",
          .metrics = {"spend", "clicks"},
          .decimals = {"spend"},
          .figures = figures,
          .first_day = "2026-03-01",
          .last_day = "2026-03-02"};
}
std::vector<std::string> Lines(const v1::VerifyResult& result) {
  std::vector<std::string> lines;
  for (const v1::VerifyFinding& f : result.findings()) {
    lines.push_back(absl::StrCat(f.reason(), " ", f.first_day(), " ", f.id(), " ", f.metric(), " ", f.stored(), " ",
                                 f.api(), " ", f.difference()));
  }
  return lines;
}

TEST(CompareCsvTest, EqualFiguresAreEqual) {
  const v1::VerifyResult result =
      CompareCsv(Csv("Ad ID,By Day,Cost,Clicks\n1,2026-03-01,1.50,3\n2,2026-03-01,0.00,0\n"),
                 Stored({Row("7001", "2026-03-01", "1", "1.5", "3")}), "x.csv");
  EXPECT_EQ(result.state(), "equal");
  EXPECT_EQ(result.equal(), 4u) << "zeros of a row that the table lacks are no difference";
  EXPECT_EQ(result.first_day(), "2026-03-01");
  EXPECT_EQ(result.advertiser(), "7001");
  EXPECT_THAT(result.findings(), IsEmpty());
}

TEST(CompareCsvTest, DifferencesNameBothFiguresTheLineAndTheMend) {
  const v1::VerifyResult result =
      CompareCsv(Csv("Ad ID,By Day,Cost,Clicks\n1,2026-03-01,1.50,4\n3,2026-03-02,9,1\n"),
                 Stored({Row("7001", "2026-03-01", "1", "1.5", "3"), Row("7001", "2026-03-02", "2", "7", "0"),
                         Row("7001", "2026-03-05", "2", "8", "0"), Row("7002", "2026-03-01", "8", "5", "5")}),
                 "x.csv");
  EXPECT_EQ(result.state(), "flagged");
  EXPECT_THAT(Lines(result),
              ElementsAre("row_unknown 2026-03-02 2 spend 7 0 -7", "figure_differs 2026-03-01 1 clicks 3 4 1",
                          "row_missing 2026-03-02 3 spend 0 9 9", "row_missing 2026-03-02 3 clicks 0 1 1"))
      << "later days, and advertisers of which the file has no object, do not matter";
  EXPECT_EQ(result.findings(1).detail(), "x.csv:2: the figures differ");
  EXPECT_EQ(result.findings(1).mend(),
            "tikhaul backfill ads_daily --advertiser 7001 --from 2026-03-01 --to 2026-03-01 --again");
}

TEST(CompareCsvTest, WithoutDaysAllDaysAreAddedUpAndRoundingIsExplained) {
  const v1::VerifyResult result = CompareCsv(
      Csv("Ad ID,Cost,Clicks\n1,3.01,7\n"),
      Stored({Row("7001", "2026-03-01", "1", "1.5", "3", 2), Row("7001", "2026-03-02", "1", "1.5", "4", 2)}), "x.csv");
  EXPECT_EQ(result.state(), "explained");
  EXPECT_THAT(Lines(result), ElementsAre("rounding 2026-03-01 1 spend 3 3.01 0.01"));
  EXPECT_EQ(result.equal(), 1u);
}

TEST(CompareCsvTest, AccountsGoByAdvertiser) {
  const v1::VerifyResult result = CompareCsv(
      Csv("Account ID,By Day,Cost\n7001,2026-03-01,2\n"),
      [] {
        StoredFigures stored = Stored({});
        stored.metrics = {"spend"};
        v1::Figures row;
        row.set_advertiser("7001");
        row.set_day("2026-03-01");
        row.add_sums("2");
        row.set_rows(5);
        stored.figures = {row};
        return stored;
      }(),
      "x.csv");
  EXPECT_EQ(result.state(), "equal");
  EXPECT_EQ(result.equal(), 1u);
}

}  // namespace
}  // namespace tikhaul
