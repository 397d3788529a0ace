// What is refused in extracts, with the exact lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/yaml_texts.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(ConfigExtractsTest, UnknownKeysGetTheNearestRightOne) {
  EXPECT_THAT(
      ProblemsBelowHead("extracts:\n"
                        "  - name: ads_daily\n"
                        "    stream: basic_report\n"
                        "    level: ad\n"
                        "    metrcs: [spend]\n"
                        "    metrics: [spend]\n"),
      ElementsAre("tikhaul.yaml:7: unknown key \"metrcs\" in extract \"ads_daily\"; did you mean \"metrics\"?"));
}

TEST(ConfigExtractsTest, ProblemsOfTheCatalogueStandAtTheirElement) {
  EXPECT_THAT(
      ProblemsBelowHead("extracts:\n"
                        "  - name: ads_daily\n"
                        "    stream: basic_report\n"
                        "    level: campaign\n"
                        "    dimensions:\n"
                        "      - stat_time_day\n"
                        "      - contry_code\n"
                        "    metrics:\n"
                        "      - preset:core\n"
                        "      - spned\n"
                        "      - ad_name\n"
                        "    filters:\n"
                        "      - {field: buying_type, value: [AUCTION]}\n"
                        "      - {field: campaign_id, value: [\"1\"]}\n"),
      ElementsAre(
          "tikhaul.yaml:9: extract \"ads_daily\": unknown dimension \"contry_code\" of basic_report (tiktok-api.md "
          "4.2); "
          "did you mean \"country_code\"?",
          "tikhaul.yaml:12: extract \"ads_daily\": unknown metric \"spned\" of basic_report (tiktok-api.md 4.6); did "
          "you "
          "mean \"spend\"?",
          "tikhaul.yaml:13: extract \"ads_daily\": metric \"ad_name\" needs level ad; this extract has level campaign "
          "(tiktok-api.md 4.6)",
          "tikhaul.yaml:16: extract \"ads_daily\": unknown filter field \"campaign_id\" of basic_report; did you mean "
          "\"campaign_ids\"? (tiktok-api.md 4.5)"));
}

TEST(ConfigExtractsTest, ProblemsOfAPresetStandAtThePreset) {
  EXPECT_THAT(ProblemsBelowHead("extracts:\n"
                                "  - {name: x, stream: audience_report, level: campaign, dimensions: [age],\n"
                                "     metrics: [spend,\n"
                                "               preset:audience_attributes]}\n"),
              AllOf(SizeIs(8), Each(StartsWith("tikhaul.yaml:6: extract \"x\": "))));
}

TEST(ConfigExtractsTest, UnknownPresetsGetTheNearestRightOne) {
  EXPECT_THAT(ProblemsBelowHead(
                  "extracts:\n"
                  "  - {name: x, stream: audience_report, level: ad, dimensions: [age], metrics: audience_cor}\n"),
              ElementsAre("tikhaul.yaml:4: extract \"x\": unknown preset \"audience_cor\" of audience_report: it is "
                          "one of audience_core, "
                          "audience_conversions, audience_attributes, audience_ad_group_attributes, "
                          "audience_campaign_attributes; did you "
                          "mean \"audience_core\"?"));
}

TEST(ConfigExtractsTest, AMetricWrittenTwiceIsRefusedButNotOneThatAPresetHasToo) {
  const std::string start = "extracts:\n  - {name: x, stream: basic_report, level: ad, metrics: ";
  EXPECT_THAT(ProblemsBelowHead(start + "[spend, spend]}\n"),
              ElementsAre("tikhaul.yaml:4: extract \"x\": metric \"spend\" stands twice (tiktok-api.md 4.6)"));
  EXPECT_THAT(ProblemsBelowHead(start + "[preset:core, spend]}\n"), IsEmpty());
  EXPECT_THAT(ProblemsBelowHead(start + "[spend, preset:core, preset:conversions]}\n"), IsEmpty());
}

TEST(ConfigExtractsTest, UnknownStreamsAndLevels) {
  EXPECT_THAT(ProblemsBelowHead("extracts:\n  - name: x\n    stream: adds\n"),
              ElementsAre("tikhaul.yaml:5: extract \"x\": unknown stream \"adds\" (`tikhaul streams` lists "
                          "them)"));
  EXPECT_THAT(
      ProblemsBelowHead("extracts:\n  - name: x\n    stream: basic_report\n    level: adgroup\n    metrics: core\n"),
      ElementsAre(
          "tikhaul.yaml:6: extract \"x\": unknown level \"adgroup\": it is advertiser, campaign, ad_group or ad "
          "(tiktok-api.md 4.1); did you mean \"ad_group\"?"));
}

TEST(ConfigExtractsTest, SettingsOfExtractsAreChecked) {
  EXPECT_THAT(
      ProblemsBelowHead("extracts:\n"
                        "  - name: x\n"
                        "    stream: campaigns\n"
                        "    mode: upsert\n"
                        "    look_back: 0\n"
                        "    backfill: 2 years\n"
                        "    schedule: \"0 25 * * *\"\n"
                        "    include_deleted: maybe\n"
                        "    table: Campaigns\n"),
      ElementsAre(
          "tikhaul.yaml:6: extract \"x\": mode: \"upsert\" is not a mode: it is merge, append or replace",
          "tikhaul.yaml:7: extract \"x\": look_back: \"0\" is not a number of days from 1 to 400, such as 3 or 3d",
          "tikhaul.yaml:8: extract \"x\": backfill: \"2 years\" is not a depth of history: write 730d, 8w, 18mo, 2y "
          "(at "
          "most 20y), or all",
          "tikhaul.yaml:9: extract \"x\": schedule: \"0 25 * * *\" is not a schedule: \"25\" does not fit the hour (0 "
          "to 23, "
          "with "
          "*, lists 1,2, ranges 1-5 and steps */2)",
          "tikhaul.yaml:10: extract \"x\": include_deleted: \"maybe\" is neither true nor false",
          "tikhaul.yaml:11: extract \"x\": table: \"Campaigns\" is not a table name: at most 63 lower-case letters, "
          "digits "
          "and \"_\", a letter first"));
}

TEST(ConfigExtractsTest, ALearnedLookBackNeedsDaysThatAreMerged) {
  const std::string report = "    stream: basic_report\n    level: ad\n    metrics: [spend]\n";
  EXPECT_THAT(ProblemsBelowHead("extracts:\n  - name: x\n" + report +
                                "    dimensions: [stat_time_day]\n    mode: append\n    look_back: auto\n"),
              ElementsAre("tikhaul.yaml:10: extract \"x\": look_back: auto needs mode: merge, which records what each "
                          "new read of a day has changed"));
  EXPECT_THAT(ProblemsBelowHead("extracts:\n  - name: x\n" + report + "    look_back: auto\n"),
              ElementsAre("tikhaul.yaml:8: extract \"x\": look_back: auto is for reports with stat_time_day or "
                          "stat_time_hour: others have no days"));
  EXPECT_THAT(ProblemsBelowHead("extracts:\n  - name: x\n" + report +
                                "    dimensions: [stat_time_day]\n    look_back: 3\n    look_back_limit: 30\n"),
              ElementsAre("tikhaul.yaml:10: extract \"x\": look_back_limit: only with look_back: auto"));
  EXPECT_THAT(
      ProblemsBelowHead("extracts:\n  - name: x\n" + report +
                        "    dimensions: [stat_time_day]\n    look_back: auto\n    look_back_limit: 6\n"
                        "    look_back_check: 91\n    restatements: 34d\n"),
      ElementsAre("tikhaul.yaml:10: extract \"x\": look_back_limit: \"6\" is not a number of days from 7 to 400, "
                  "such as 7 or 7d",
                  "tikhaul.yaml:11: extract \"x\": look_back_check: \"91\" is not a number of days from 1 to "
                  "90, such as 3 or 3d",
                  "tikhaul.yaml:12: extract \"x\": restatements: \"34d\" is not a number of days from 35 to "
                  "7305, such as 35 or 35d"));
}

TEST(ConfigExtractsTest, NamesAndTablesAreUnique) {
  EXPECT_THAT(
      ProblemsBelowHead("extracts:\n"
                        "  - {name: a, stream: campaigns}\n"
                        "  - {name: a, stream: adverts, table: b}\n"
                        "  - {name: c, stream: adverts, table: a}\n"
                        "  - {name: two-words, stream: adverts}\n"),
      ElementsAre("tikhaul.yaml:5: extract \"a\": the name is used twice",
                  "tikhaul.yaml:6: extract \"c\": table \"a\" belongs to another extract already",
                  "tikhaul.yaml:7: extract \"two-words\": \"two-words\" is not a table name: at most 63 lower-case "
                  "letters, digits "
                  "and \"_\", a letter first; the table is named after the extract unless table says otherwise"));
}

TEST(ConfigExtractsTest, AHistoryNeedsItsTable) {
  EXPECT_THAT(ProblemsBelowHead("extracts:\n"
                                "  - {name: a_history, stream: adverts}\n"
                                "  - {name: a, stream: campaigns, history: true}\n"
                                "  - {name: b, stream: adverts, history: maybe}\n"),
              ElementsAre(HasSubstr("tikhaul.yaml:5: extract \"a\": its history needs table \"a_history\""),
                          HasSubstr("tikhaul.yaml:6: extract \"b\": history")));
}

TEST(ConfigExtractsTest, ConnectionsAndAdvertisersMustExist) {
  EXPECT_THAT(
      ProblemsBelowHead("extracts:\n"
                        "  - name: a\n"
                        "    stream: campaigns\n"
                        "    connections: [mian]\n"
                        "    advertisers: [7002238017842757633, 8, x]\n"),
      ElementsAre(
          "tikhaul.yaml:6: extract \"a\": no connection \"mian\"; did you mean \"main\"?",
          "tikhaul.yaml:7: extract \"a\": advertisers: \"x\" is not an advertiser id: digits only, as in TikTok Ads "
          "Manager's address line",
          "tikhaul.yaml:7: extract \"a\": no connection has advertiser 8"));
}

TEST(ConfigExtractsTest, OptionsAndObjectsAreChecked) {
  EXPECT_THAT(
      ProblemsBelowHead("extracts:\n"
                        "  - name: a\n"
                        "    stream: interest_categories\n"
                        "    options:\n"
                        "      version: 2\n"
                        "      langage: en\n"
                        "    level: ad\n"),
      ElementsAre(
          "tikhaul.yaml:8: extract \"a\": unknown option \"langage\" of interest_categories; did you mean "
          "\"language\"?",
          "tikhaul.yaml:9: extract \"a\": interest_categories has no level: only reports have; all fields are read "
          "(tiktok-api.md 7.1)"));
}

TEST(ConfigExtractsTest, FiltersNeedFieldAndValue) {
  EXPECT_THAT(ProblemsBelowHead("extracts:\n"
                                "  - name: a\n"
                                "    stream: basic_report\n"
                                "    level: ad\n"
                                "    metrics: core\n"
                                "    filters:\n"
                                "      - field: campaign_ids\n"
                                "      - {fild: x, field: ad_name, type: MATCH, value: y}\n"),
              ElementsAre("tikhaul.yaml:9: extract \"a\": filter: value is missing",
                          "tikhaul.yaml:10: unknown key \"fild\" in extract \"a\": filter; did you mean \"field\"?"));
}

}  // namespace
}  // namespace tikhaul
