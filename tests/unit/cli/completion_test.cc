#include "cli/completion.h"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CompletionTest : public testing::Test {
 protected:
  CompletionTest() {
    app_.add_option("--config", text_)->envname("X");
    app_.add_flag("--json", flag_);
    app_.add_flag("--secret", flag_)->group("");
    CLI::App* const backfill = app_.add_subcommand("backfill", "Reads history");
    backfill->add_option("EXTRACT", list_);
    backfill->add_option("--from", text_);
    backfill->add_option("--extract", list_)->allow_extra_args(false);
    CLI::App* const pause = app_.add_subcommand("pause", "Holds back");
    pause->add_option("SCOPE", text_)->check(CLI::IsMember({"all", "extract", "connection"}));
    pause->add_option("NAME", text_);
    CLI::App* const auth = app_.add_subcommand("auth", "Tokens");
    auth->add_subcommand("url", "");
    auth->add_subcommand("exchange", "")->add_flag("--listen", flag_);
    app_.add_subcommand("internal", "")->group("");
    app_.add_subcommand("streams", "")->add_option("STREAM", text_);
  }

  std::vector<std::string> After(const std::vector<std::string>& words) {
    return CompletionsOf(app_, words, [](NameKind kind) -> std::vector<std::string> {
      switch (kind) {
        case NameKind::kExtract:
          return {"ads_hourly", "ads_daily", "campaigns"};
        case NameKind::kConnection:
          return {"main"};
        case NameKind::kStream:
          return {"basic_report"};
      }
      return {};
    });
  }

  CLI::App app_{"tests", "tikhaul"};
  std::string text_;
  std::vector<std::string> list_;
  bool flag_ = false;
};

TEST_F(CompletionTest, CommandsComeFirst) {
  EXPECT_THAT(After({""}), ElementsAre("auth", "backfill", "pause", "streams"));
  EXPECT_THAT(After({"b"}), ElementsAre("backfill"));
  EXPECT_THAT(After({}), ElementsAre("auth", "backfill", "pause", "streams"));
  EXPECT_THAT(After({"auth", ""}), ElementsAre("exchange", "url"));
  EXPECT_THAT(After({"auth", "exchange", ""}), IsEmpty());
}

TEST_F(CompletionTest, OptionsAreThoseOfTheCommandAndOfTheProgram) {
  EXPECT_THAT(After({"backfill", "--"}), ElementsAre("--config", "--extract", "--from", "--help", "--json"));
  EXPECT_THAT(After({"auth", "exchange", "--l"}), ElementsAre("--listen"));
  EXPECT_THAT(After({"--j"}), ElementsAre("--json"));
}

TEST_F(CompletionTest, ExtractsComeFromTheConfiguration) {
  EXPECT_THAT(After({"backfill", "ads"}), ElementsAre("ads_daily", "ads_hourly"));
  EXPECT_THAT(After({"backfill", "ads_daily", "c"}), ElementsAre("campaigns")) << "as many as one likes";
  EXPECT_THAT(After({"backfill", "--extract", ""}), ElementsAre("ads_daily", "ads_hourly", "campaigns"));
  EXPECT_THAT(After({"streams", ""}), ElementsAre("basic_report"));
  EXPECT_THAT(After({"streams", "basic_report", ""}), IsEmpty()) << "only one";
}

TEST_F(CompletionTest, AValueIsNotTakenForACommand) {
  EXPECT_THAT(After({"--config", ""}), IsEmpty()) << "a file";
  EXPECT_THAT(After({"--config", "backfill", "p"}), ElementsAre("pause"));
  EXPECT_THAT(After({"--config=x", "p"}), ElementsAre("pause"));
  EXPECT_THAT(After({"backfill", "--from", "2026-01-01", "c"}), ElementsAre("campaigns"));
  EXPECT_THAT(After({"--json", "p"}), ElementsAre("pause")) << "a flag takes no value";
  EXPECT_THAT(After({"backfill", "pause", ""}), ElementsAre("ads_daily", "ads_hourly", "campaigns"));
}

TEST_F(CompletionTest, ChoicesAreOfferedAndNamesFollowThem) {
  EXPECT_THAT(After({"pause", ""}), ElementsAre("all", "connection", "extract"));
  EXPECT_THAT(After({"pause", "extract", "ads_d"}), ElementsAre("ads_daily"));
  EXPECT_THAT(After({"pause", "connection", ""}), ElementsAre("main"));
  EXPECT_THAT(After({"pause", "all", ""}), IsEmpty());
}

TEST_F(CompletionTest, TheValueOfAnOptionIsFound) {
  EXPECT_EQ(ValueGiven({"backfill", "--config", "a.yaml", ""}, "--config"), "a.yaml");
  EXPECT_EQ(ValueGiven({"--config=b.yaml", ""}, "--config"), "b.yaml");
  EXPECT_EQ(ValueGiven({"--config"}, "--config"), "");
}

}  // namespace
}  // namespace tikhaul
