#include "common/program/man_page.h"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ManPageTest : public testing::Test {
 protected:
  ManPageTest() {
    app_.footer("Exit codes: 0 well;\n1 failed");
    app_.add_option("-c,--config", text_, "Where it is;\n'quoted' and \\ too")->envname("X_CONFIG");
    app_.add_option("--hidden", text_, "nothing")->group("");
    CLI::App* const pause = app_.add_subcommand("pause", ".dotted");
    pause->add_option("SCOPE", text_, "What")->required()->check(CLI::IsMember({"all", "run"}));
    pause->add_option("--limit", number_, "How many")->capture_default_str();
  }
  std::string Page() { return ManPage(app_, facts_); }

  CLI::App app_{"What it does.", "prog"};
  ManPageFacts facts_{.name = "prog", .section = 8, .summary = "do things", .see_also = {"other(1)"}};
  std::string text_;
  int number_ = 7;
};

TEST_F(ManPageTest, EveryPartOfTheDefinitionIsThere) {
  EXPECT_THAT(
      Page(),
      AllOf(HasSubstr(".TH PROG 8"), HasSubstr(".SH NAME\nprog \\- do things\n"),
            HasSubstr("\\fBprog\\fR [\\fIoptions\\fR] \\fIcommand\\fR ..."),
            HasSubstr(".TP\n\\fB\\-c\\fR, \\fB\\-\\-config\\fR \\fITEXT\\fR\nWhere it is;\n"),
            HasSubstr(".SS pause\n\\fBpause\\fR [\\fIoptions\\fR] \\fISCOPE\\fR\n"), HasSubstr("(one of all, run)"),
            HasSubstr("(default: 7)"), HasSubstr(".SH ENVIRONMENT\n.TP\n\\fBX_CONFIG\\fR\n"),
            HasSubstr(".SH EXIT STATUS\nExit codes: 0 well;\n1 failed\n"), HasSubstr(".SH SEE ALSO\nother(1)\n")));
  EXPECT_THAT(Page(), Not(HasSubstr("hidden")));
}

TEST_F(ManPageTest, TextIsNeverTakenForRequests) {
  EXPECT_THAT(Page(), AllOf(HasSubstr("\n\\(aqquoted\\(aq and \\e too\n"), HasSubstr("\n\\&.dotted\n")));
}

TEST_F(ManPageTest, TheFlagPrintsItAndEndsWell) {
  AddManFlag(app_, facts_);
  std::ostringstream out, err;
  try {
    app_.parse("--man");
    ADD_FAILURE() << "it went on";
  } catch (const CLI::ParseError& error) {
    EXPECT_EQ(app_.exit(error, out, err), 0);
  }
  EXPECT_THAT(out.str(), AllOf(HasSubstr(".TH PROG"), HasSubstr("\\-\\-man")));
  EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace tikhaul
