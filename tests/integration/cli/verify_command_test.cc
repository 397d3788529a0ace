// `tikhaul verify` against an admin service on a real socket: what is asked, what is shown, the exit code.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <sstream>

#include "cli/app.h"
#include "cli/session.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "tests/integration/cli/fake_admin.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class VerifyCommandTest : public testing::Test {
 protected:
  int Run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), {"tikhaul", "--coordinator", address_, "--config", folder_.Path("tikhaul.yaml")});
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    Console console{out_, err_};
    return RunTikhaul(static_cast<int>(argv.size()), argv.data(), console, clock_);
  }
  void Answer(const std::string& text) { admin_.Answer("Verify", Parse<v1::VerifyResult>(text)); }

  static std::string Equal(const std::string& advertiser) {
    return "extract: 'ads_daily' advertiser: '" + advertiser +
           "' state: 'equal' first_day: '2026-03-01' last_day: '2026-03-31' metrics: 'spend' metrics: 'clicks' equal: "
           "62 "
           "calls: 2";
  }

  ScratchFolder folder_;
  const std::string address_ = "unix:" + folder_.Path("admin.sock");
  FakeAdmin admin_;
  std::unique_ptr<grpc::Server> server_ = ServeAdmin(admin_, address_);
  SystemClock clock_;
  std::ostringstream out_, err_;
};

TEST_F(VerifyCommandTest, AllIsWellInOneLine) {
  Answer(Equal("7001"));
  Answer(Equal("7002"));
  EXPECT_EQ(Run({"verify", "ads_daily", "--advertiser", "7001", "--advertiser", "7002", "--from", "2026-03-01"}),
            kExitOk);
  EXPECT_EQ(out_.str(), "ads_daily  2 advertisers  2026-03-01..2026-03-31  2 metrics: equal (124 equal, 4 calls)\n");
  EXPECT_THAT(
      admin_.requests(),
      ElementsAre("Verify extracts: \"ads_daily\" advertisers: \"7001\" advertisers: \"7002\" range { first_day: "
                  "\"2026-03-01\" } search_calls: 100"));
}

TEST_F(VerifyCommandTest, FlaggedDifferencesShowWithTheirMendAndAnExitCodeOfTheirOwn) {
  Answer(Equal("7001"));
  Answer(
      "extract: 'ads_daily' advertiser: '7002' state: 'flagged' equal: 61 explained: 2 flagged: 1 calls: 5 "
      "findings { verdict: VERDICT_FLAGGED reason: 'figure_differs' detail: 'they differ' first_day: '2026-03-04' "
      "last_day: '2026-03-04' level: 'ad' id: '17' metric: 'spend' stored: '21' api: '20' difference: '-1' "
      "mend: 'tikhaul backfill ads_daily --again' count: 1 } "
      "findings { verdict: VERDICT_EXPLAINED reason: 'not_final' detail: 'it moved' first_day: '2026-03-30' "
      "last_day: '2026-03-31' metric: 'clicks' mend: 'tikhaul backfill newest' count: 2 }");
  EXPECT_EQ(Run({"verify", "--extract", "ads_daily"}), kExitFlagged);
  EXPECT_THAT(
      out_.str(),
      AllOf(HasSubstr("2 advertisers"), HasSubstr(": flagged (123 equal, 2 explained, 1 flagged, 7 calls)"),
            HasSubstr("2026-03-04  ad 17"), HasSubstr("figure_differs: they differ"),
            HasSubstr("to mend:\n  tikhaul backfill ads_daily --again\n"),
            HasSubstr("2026-03-30..2026-03-31  2 differences of 1 advertiser (clicks)\n    not_final: it moved\n"
                      "    tikhaul backfill newest\n")));
  EXPECT_THAT(admin_.requests(), ElementsAre("Verify extracts: \"ads_daily\" range { } search_calls: 100"));
}

TEST_F(VerifyCommandTest, WhatIsExplainedIsNoFailureAndWhatCouldNotBeAskedIs) {
  Answer("extract: 'ads_daily' advertiser: '7001' state: 'explained' explained: 1");
  EXPECT_EQ(Run({"verify"}), kExitOk);
  Answer("extract: 'ads_daily' advertiser: '7002' state: 'failed' note: 'no permission'");
  EXPECT_EQ(Run({"verify"}), kExitFailed);
  EXPECT_THAT(out_.str(), HasSubstr("ads_daily  7002  failed: no permission\n"));
  Answer("extract: 'ads_daily' advertiser: '7003' state: 'flagged' flagged: 1");
  EXPECT_EQ(Run({"verify"}), kExitFlagged);
  admin_.Refuse("Verify", {grpc::StatusCode::UNAVAILABLE, "the API cannot be asked now"});
  EXPECT_EQ(Run({"verify"}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("the API cannot be asked now"));
}

TEST_F(VerifyCommandTest, JsonIsOneResultPerLine) {
  Answer(Equal("7001"));
  Answer(Equal("7002"));
  EXPECT_EQ(Run({"verify", "--json"}), kExitOk);
  const std::string out = out_.str();
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
  EXPECT_THAT(out,
              AllOf(HasSubstr("\"advertiser\":\"7002\""), HasSubstr("\"equal\":\"62\""), HasSubstr("\"findings\":[]")));
}

TEST_F(VerifyCommandTest, StatusTellsWhatWasVerified) {
  admin_.Answer("GetStatus", Parse<v1::Status>("verified { extract: 'ads_daily' advertiser: '7001' verified { seconds: "
                                               "1781524800 } equal: 60 flagged: 1 } verified { extract: 'ads_daily' "
                                               "advertiser: '7002' verified { seconds: 1781611200 } equal: 4 }"));
  EXPECT_EQ(Run({"status"}), kExitOk);
  EXPECT_THAT(out_.str(), testing::ContainsRegex("ads_daily +2 +2026-06-15 12:00:00 UTC +64 +0 +1\n"));
}

class VerifyCsvTest : public VerifyCommandTest {
 protected:
  VerifyCsvTest() {
    EXPECT_TRUE(WriteFileAtomically(folder_.Path("tikhaul.yaml"), kConfig).ok());
    EXPECT_TRUE(WriteFileAtomically(Csv(),
                                    "Ad name,Ad ID,By Day,Cost,Clicks\n"
                                    "one,17,2026-03-01,\"1,000.50\",3\n"
                                    "two,18,2026-03-02,2.00,4\n"
                                    "Total of 2 results,-,-,\"1,002.50\",7\n")
                    .ok());
  }
  std::string Csv() const { return folder_.Path("export.csv"); }
  void AnswerFigures(const std::string& clicks) {
    admin_.Answer("ListFigures",
                  Parse<v1::FiguresPage>("figures { advertiser: '7001' day: '2026-03-01' values: '17' sums: '1000.5' "
                                         "sums: '3' rows: 1 } figures { advertiser: '7001' day: '2026-03-02' values: "
                                         "'18' sums: '2' sums: '" +
                                         clicks + "' rows: 1 }"));
  }
  static constexpr char kConfig[] =
      "app: {id: \"7009\"}\n"
      "connections:\n  - {name: main, token_file: token, advertisers: [\"7001\"]}\n"
      "extracts:\n"
      "  - {name: ads_daily, stream: basic_report, level: ad, dimensions: [stat_time_day], metrics: [spend, clicks]}\n"
      "  - {name: campaigns, stream: campaigns}\n";
};

TEST_F(VerifyCsvTest, AnEqualExportIsEqual) {
  AnswerFigures("4");
  EXPECT_EQ(Run({"verify", "--csv", Csv()}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("ads_daily  1 advertiser  2026-03-01..2026-03-02  2 metrics: equal (4 equal"));
  EXPECT_THAT(err_.str(), HasSubstr("not compared: Ad name"));
  EXPECT_THAT(
      admin_.requests(),
      ElementsAre("ListFigures extract: \"ads_daily\" range { first_day: \"2026-03-01\" last_day: \"2026-03-02\" } "
                  "columns: \"ad_id\" metrics: \"spend\" metrics: \"clicks\""));
}

TEST_F(VerifyCsvTest, ADifferenceIsFlagged) {
  AnswerFigures("5");
  EXPECT_EQ(Run({"verify", "--extract", "ads_daily", "--csv", Csv()}), kExitFlagged);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("file"), HasSubstr("ad 18"), HasSubstr(":3: the figures differ"),
                                HasSubstr("--from 2026-03-02 --to 2026-03-02 --again")));
}

TEST_F(VerifyCsvTest, WrongUseIsToldWithoutAskingForFigures) {
  EXPECT_EQ(Run({"verify", "--csv", folder_.Path("none.csv")}), kExitFailed);
  EXPECT_EQ(Run({"verify", "campaigns", "--csv", Csv()}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("\"campaigns\" is no report by day or hour"));
  EXPECT_EQ(Run({"verify", "--csv", Csv(), "--map", "Ad name"}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("is not of the form"));
  EXPECT_EQ(Run({"verify", "--csv", Csv(), "--csv-level", "campaign"}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("no id column of level campaign"));
  EXPECT_EQ(Run({"verify", "--csv", Csv(), "--from", "2027-01-01"}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("has no rows of these days"));
  EXPECT_EQ(Run({"verify", "--csv-level", "ad"}), kExitUsage);
  EXPECT_THAT(admin_.requests(), IsEmpty());
}

}  // namespace
}  // namespace tikhaul
