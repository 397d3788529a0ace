// What shells and `man` make of the programs: completion, manual pages.
#include "tests/support/shell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

constexpr char kBinaries[] = PROGRAMS;

constexpr char kConfig[] = R"(app: {id: "7001", secret_file: secret}
connections: [{name: main, token_file: token, advertisers: all}]
extracts:
  - {name: ads_daily, stream: basic_report, level: ad, dimensions: [stat_time_day], metrics: [spend]}
  - {name: campaigns, stream: campaigns}
store: "sqlite:store.db"
)";

class CompletionScriptTest : public testing::Test {
 protected:
  CompletionScriptTest() {
    EXPECT_TRUE(WriteFileAtomically(folder_.Path("tikhaul.yaml"), kConfig).ok());
    EXPECT_TRUE(WriteFileAtomically(folder_.Path("secret"), "s").ok());
    EXPECT_TRUE(WriteFileAtomically(folder_.Path("token"), "t").ok());
  }
  // COMPREPLY after these words, the last of them begun. Quoting is the caller's.
  std::vector<std::string> Bash(const std::string& words) {
    const std::string script =
        absl::StrCat("source <(tikhaul completion bash); COMP_WORDS=(tikhaul ", words,
                     "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tikhaul; ", "printf \"%s\\n\" \"${COMPREPLY[@]}\"");
    return Run(absl::StrCat("bash --norc -c '", script, "'"));
  }
  std::vector<std::string> Zsh(const std::string& words) {
    const std::string script = absl::StrCat("compdef() { }; source <(tikhaul completion zsh); ",
                                            "compadd() { print -l -- $candidates }; _files() { print files }; ",
                                            "words=(tikhaul ", words, "); CURRENT=${#words}; _tikhaul");
    return Run(absl::StrCat("zsh -f -c '", script, "'"));
  }
  std::vector<std::string> Run(const std::string& command) {
    const ShellResult result = RunShell(absl::StrCat("cd ", folder_.path(), "; PATH=", kBinaries, ":$PATH; ", command));
    EXPECT_EQ(result.err, "");
    return absl::StrSplit(result.out, '\n', absl::SkipEmpty());
  }

  ScratchFolder folder_;
};

TEST_F(CompletionScriptTest, BashCompletesCommandsOptionsAndExtracts) {
  EXPECT_THAT(Bash("\"\""), IsSupersetOf({"backfill", "status", "verify", "completion", "local"}));
  EXPECT_THAT(Bash("back"), ElementsAre("backfill"));
  EXPECT_THAT(Bash("backfill \"\""), ElementsAre("ads_daily", "campaigns"));
  EXPECT_THAT(Bash("backfill ads_daily --idem"), ElementsAre("--idempotency-key"));
  EXPECT_THAT(Bash("pause \"\""), ElementsAre("advertiser", "all", "connection", "extract", "run"));
  EXPECT_THAT(Bash("pause connection \"\""), ElementsAre("main"));
  EXPECT_THAT(Bash("streams basic"), Contains("basic_report"));
  EXPECT_THAT(Bash("auth ex"), ElementsAre("exchange"));
  EXPECT_THAT(Bash("--config nowhere.yaml backfill \"\""), ElementsAre()) << "readline offers files";
  EXPECT_THAT(Bash("no such thing"), ElementsAre());
}

TEST_F(CompletionScriptTest, ZshCompletesTheSame) {
  EXPECT_THAT(Zsh("back"), ElementsAre("backfill"));
  EXPECT_THAT(Zsh("backfill \"\""), ElementsAre("ads_daily", "campaigns"));
  EXPECT_THAT(Zsh("--config \"\""), ElementsAre("files"));
}

class ManPageOfTest : public testing::TestWithParam<const char*> {
 protected:
  std::string Program() { return absl::StrCat(kBinaries, "/", GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Programs, ManPageOfTest, testing::Values("tikhaul", "tikhaul-coordinator", "tikhaul-worker"));

TEST_P(ManPageOfTest, IsInOrder) {
  const ShellResult lint = RunShell(Program() + " --man | mandoc -T lint -W warning");
  for (const absl::string_view line : absl::StrSplit(lint.out, '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(absl::StrContains(line, "missing date")) << line;  // pages have no date, so that builds are the same
  }
  EXPECT_EQ(lint.err, "");
}

TEST_P(ManPageOfTest, TellsEveryOptionOfTheHelp) {
  const ShellResult help = RunShell(Program() + " --help");
  const ShellResult page = RunShell(Program() + " --man | mandoc -T ascii -O width=200 | col -b");
  EXPECT_THAT(page.out, AllOf(HasSubstr("NAME"), HasSubstr("SYNOPSIS"), HasSubstr(GetParam())));
  int options = 0;
  for (const absl::string_view word : absl::StrSplit(help.out, absl::ByAnyChar(" \n,[]"), absl::SkipEmpty())) {
    if (!absl::StartsWith(word, "--") || word == "--help") continue;
    EXPECT_THAT(page.out, HasSubstr(std::string(word)));
    ++options;
  }
  EXPECT_GT(options, 3);
}

TEST(ManPageOfCommands, EveryCommandHasItsPart) {
  const std::string program = absl::StrCat(kBinaries, "/tikhaul");
  const ShellResult commands = RunShell(program + " __complete ''");
  const ShellResult page = RunShell(program + " --man");
  for (const absl::string_view command : absl::StrSplit(commands.out, '\n', absl::SkipEmpty())) {
    EXPECT_THAT(page.out, HasSubstr(absl::StrCat("\n.SS ", command, "\n")));
  }
  EXPECT_THAT(page.out, HasSubstr("\n.SS auth exchange\n"));
}

}  // namespace
}  // namespace tikhaul
