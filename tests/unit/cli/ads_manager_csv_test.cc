#include "cli/csv/ads_manager_csv.h"

#include <gmock/gmock.h>

namespace tikhaul {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

absl::StatusOr<AdsManagerCsv> Read(absl::string_view text, const std::string& level = "",
                                   const std::map<std::string, std::string>& heads = {}) {
  return ReadAdsManagerCsv(text, {.name = "export.csv", .heads = heads, .level = level});
}
std::string Problem(absl::string_view text, const std::string& level = "") {
  const auto csv = Read(text, level);
  return csv.ok() ? "no problem" : std::string(csv.status().message());
}
std::string Figure(const CsvRow& row, const std::string& metric) {
  const auto found = row.figures.find(metric);
  return found == row.figures.end() ? "none" : found->second.Text();
}

TEST(AdsManagerCsvTest, ReadsAnExport) {
  const auto csv = Read(
      "\xef\xbb\xbf"
      "Campaign name,Campaign ID,By Day,Cost,Impressions,Clicks (destination),CTR (destination)\r\n"
      "\"Summer, \"\"big\"\"\",1714125042508817,2026-03-01,\"1,234.50\",\"1,234,567\",-,1.18%\r\n"
      "Winter,1714125042508818,2026-03-02 00:00:00,0.00,12,3,\r\n"
      "Total of 2 results,-,-,\"1,234.50\",\"1,234,579\",3,1.18%\r\n");
  ASSERT_TRUE(csv.ok()) << csv.status();
  EXPECT_EQ(csv->level, "campaign");
  EXPECT_EQ(csv->id_column, "campaign_id");
  EXPECT_TRUE(csv->by_day);
  EXPECT_THAT(csv->metrics, ElementsAre("spend", "impressions", "clicks"));
  EXPECT_THAT(csv->ignored, ElementsAre("Campaign name", "CTR (destination)"));
  ASSERT_THAT(csv->rows, SizeIs(2));
  EXPECT_EQ(csv->rows[0].line, 2u);
  EXPECT_EQ(csv->rows[0].id, "1714125042508817");
  EXPECT_EQ(csv->rows[0].day, absl::CivilDay(2026, 3, 1));
  EXPECT_EQ(Figure(csv->rows[0], "spend"), "1234.5");
  EXPECT_EQ(Figure(csv->rows[0], "impressions"), "1234567");
  EXPECT_EQ(Figure(csv->rows[0], "clicks"), "none");
  EXPECT_EQ(csv->rows[1].day, absl::CivilDay(2026, 3, 2));
}

TEST(AdsManagerCsvTest, TheFinestIdDecidesUnlessALevelIsNamed) {
  const std::string text = "Campaign ID,Ad ID,Cost\n1,2,3\n";
  EXPECT_EQ(Read(text)->level, "ad");
  EXPECT_EQ(Read(text, "campaign")->rows[0].id, "1");
  EXPECT_THAT(Problem(text, "ad_group"), HasSubstr("no id column of level ad_group"));
  const auto account = Read("By Day,Cost\n2026-03-01,3\n");
  EXPECT_EQ(account->level, "advertiser");
  EXPECT_EQ(account->id_column, "");
}

TEST(AdsManagerCsvTest, OwnHeadsComeFirst) {
  const auto csv = Read("Ad ID,Cost,Gesamtkosten\n1,2,3\n", "", {{"Gesamtkosten", "spend"}, {"cost", "billed_cost"}});
  ASSERT_TRUE(csv.ok()) << csv.status();
  EXPECT_EQ(Figure(csv->rows[0], "spend"), "3");
  EXPECT_EQ(Figure(csv->rows[0], "billed_cost"), "2");
}

TEST(AdsManagerCsvTest, ProblemsNameLineAndColumn) {
  EXPECT_EQ(Problem("Ad ID,Cost\n1,2\n2,abc\n"), "export.csv:3, column 2 (\"Cost\"): \"abc\" is no figure");
  EXPECT_THAT(Problem("Ad ID,Cost\n1,\"1,23\"\n"), HasSubstr("\"1,23\" is no figure"));
  EXPECT_THAT(Problem("Ad ID,Cost\n1,\"1,234,56\"\n"), HasSubstr("is no figure"));
  EXPECT_THAT(Problem("Ad ID,Cost\n1.71413E+15,2\n"),
              AllOf(HasSubstr("export.csv:2, column 1"), HasSubstr("spreadsheet program has rounded it")));
  EXPECT_THAT(Problem("Ad ID,By Day,Cost\n1,03/04/2026,2\n"),
              AllOf(HasSubstr("export.csv:2, column 2 (\"By Day\")"), HasSubstr("no day of the form YYYY-MM-DD")));
  // A line break within quotes counts.
  EXPECT_THAT(Problem("Ad name,Ad ID,Cost\n\"two\nlines\",1,2\nx,2,?\n"), HasSubstr("export.csv:4, column 3"));
  EXPECT_THAT(Problem("Ad ID,Cost,Total cost\n1,2,3\n"),
              HasSubstr("export.csv:1, column 3 (\"Total cost\"): another column"));
  EXPECT_THAT(Problem("Ad ID,Name\n1,2\n"), HasSubstr("none of its columns is a known metric"));
  EXPECT_THAT(Problem("Ad ID,Cost\nTotal,5\n1,5\n"), HasSubstr("export.csv:2: a total stands in front of other rows"));
  EXPECT_THAT(Problem("Ad ID,Cost\n1,2,3\n"), HasSubstr("export.csv: "));
  EXPECT_THAT(Problem("Ad ID,Cost\n1,\"2\n"), HasSubstr("export.csv: "));
  EXPECT_EQ(Problem(""), "export.csv is empty");
  EXPECT_THAT(Problem("Ad ID,Cost\n1,\xff\xfe\n"), HasSubstr("export.csv is not UTF-8"));
  EXPECT_THAT(Problem("Ad ID,Cost\n1,\xe2\x82"), HasSubstr("export.csv is not UTF-8"));
}

}  // namespace
}  // namespace tikhaul
