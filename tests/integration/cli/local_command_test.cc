// `tikhaul local` and temporary coordinators as a user runs them: the real program, in a folder with stand-ins for its
// sisters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/local/child_process.h"
#include "cli/session.h"
#include "common/base/files.h"
#include "tests/support/eventually.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LocalCommandTest : public ::testing::Test {
 protected:
  LocalCommandTest() {
    const std::string socket = "unix:" + folder_.Path("admin.sock");
    setenv("FAKE_LISTEN", socket.c_str(), 1);
    WriteOrDie("token.txt", "a-token");
    WriteOrDie("tikhaul.yaml", absl::StrFormat(R"yaml(
app: {id: "7000000000000000001"}
connections:
  - name: main
    token_file: token.txt
    advertisers: ["7002000000000000001"]
store: sqlite:data.db
coordinator: {listen: "%s"}
extracts:
  - name: adverts
    stream: adverts
)yaml",
                                               socket));
  }
  ~LocalCommandTest() override {
    for (const char* name :
         {"FAKE_LISTEN", "FAKE_DEAD_LETTERS", "FAKE_IDLE_AFTER", "FAKE_COORDINATOR_FAILS", "FAKE_HOLDS_BACKFILL"})
      unsetenv(name);
  }

  void WriteOrDie(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(folder_.Path(name), text).ok());
  }

  absl::StatusOr<ChildProcess> Start(std::vector<std::string> words) {
    words.insert(words.begin(), {absl::StrCat(CLI_STAGE, "/tikhaul"), "--config", folder_.Path("tikhaul.yaml")});
    return ChildProcess::Start({"tikhaul", words, folder_.Path("output")});
  }

  // "exit code 0" or another end.
  std::string Run(const std::vector<std::string>& words) {
    auto child = Start(words);
    if (!child.ok()) return child.status().ToString();
    if (!Eventually([&] { return child->Ended().has_value(); })) return "still runs";
    return *child->Ended();
  }

  std::string Output() const { return ReadFile(folder_.Path("output")).value_or(""); }
  std::string Log(const std::string& name) const { return ReadFile(folder_.Path(".tikhaul/" + name)).value_or(""); }

  ScratchFolder folder_;
};

TEST_F(LocalCommandTest, OnceReadsEverythingSummarizesAndStops) {
  EXPECT_EQ(Run({"local", "--once"}), "exit code 0") << Output();
  EXPECT_THAT(Output(),
              AllOf(HasSubstr("logs in " + folder_.Path(".tikhaul")), HasSubstr("ads_daily: 4 chunks"),
                    Not(HasSubstr("nothing is read yet")), HasSubstr("ads_daily: 4/4 chunks, 4,000 rows, done"),
                    HasSubstr("extract    advertisers  chunks   rows  calls  state\n"
                              "ads_daily            1     4/4  4,000      4  done\n")));
  EXPECT_THAT(Log("coordinator.log"),
              AllOf(HasSubstr("request Backfill"), HasSubstr("request Sync"), HasSubstr("stopped by")));
}

TEST_F(LocalCommandTest, OnceReportsDeadLettersByItsExitCode) {
  setenv("FAKE_DEAD_LETTERS", "2", 1);
  EXPECT_EQ(Run({"local", "--once"}), "exit code 3") << Output();
  EXPECT_THAT(Output(), HasSubstr("2 chunks of ads_daily (permanent, code 0): metrics: unknown; mend the cause"));
}

TEST_F(LocalCommandTest, GivesNoWorkWhenToldSo) {
  EXPECT_EQ(Run({"local", "--once", "--no-backfill"}), "exit code 0") << Output();
  EXPECT_THAT(Log("coordinator.log"), AllOf(Not(HasSubstr("request Backfill")), Not(HasSubstr("request Sync"))));
}

TEST_F(LocalCommandTest, StaysUntilItIsToldToEnd) {
  auto child = Start({"local"});
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE(Eventually([&] { return absl::StrContains(Output(), "4/4 chunks"); })) << Output();
  EXPECT_FALSE(child->Ended().has_value());
  child->Terminate();
  ASSERT_TRUE(Eventually([&] { return child->Ended().has_value(); }));
  EXPECT_EQ(*child->Ended(), "exit code 0");
  EXPECT_THAT(Log("worker-local-1.log"), HasSubstr("stopped by a signal"));
}

TEST_F(LocalCommandTest, EndsWhenToldToEvenWhileItWaitsForAnAnswer) {
  setenv("FAKE_HOLDS_BACKFILL", "1", 1);
  auto child = Start({"local"});
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE(Eventually([&] { return absl::StrContains(Log("worker-local-2.log"), "argument local-2"); })) << Output();
  child->Terminate();
  ASSERT_TRUE(Eventually([&] { return child->Ended().has_value(); }));
  EXPECT_EQ(*child->Ended(), "exit code 0") << Output();
  EXPECT_THAT(Log("coordinator.log"), HasSubstr("stopped by a signal"));
}

TEST_F(LocalCommandTest, IsRefusedBesideAnother) {
  auto first = Start({"local"});
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(Eventually([&] { return absl::StrContains(Output(), "4/4 chunks"); })) << Output();
  EXPECT_EQ(Run({"local"}), "exit code 1");
  EXPECT_THAT(Output(), HasSubstr(absl::StrCat("another `tikhaul local` (process ", first->pid(), ")")));
  EXPECT_EQ(Run({"local", "--state-dir", folder_.Path("other")}), "exit code 1");
  EXPECT_THAT(Output(), HasSubstr("a coordinator already answers at"));
}

TEST_F(LocalCommandTest, TakesItsChildrenWithItWhenKilled) {
  auto child = Start({"local"});
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE(Eventually([&] { return absl::StrContains(Output(), "4/4 chunks"); })) << Output();
  kill(child->pid(), SIGKILL);
  EXPECT_TRUE(Eventually([&] { return absl::StrContains(Log("worker-local-1.log"), "stopped by a signal"); }));
  EXPECT_TRUE(Eventually([&] { return absl::StrContains(Log("coordinator.log"), "stopped by a signal"); }));
}

TEST_F(LocalCommandTest, ShowsTheProblemsOfTheConfiguration) {
  WriteOrDie("tikhaul.yaml", "extracts:\n  - nmae: x\n");
  EXPECT_EQ(Run({"local"}), "exit code 1");
  EXPECT_THAT(Output(), HasSubstr("tikhaul.yaml:2"));
}

TEST_F(LocalCommandTest, ShowsTheCoordinatorsOwnWordsWhenItDoesNotStart) {
  setenv("FAKE_COORDINATOR_FAILS", "the store is held by process 17", 1);
  EXPECT_EQ(Run({"local"}), "exit code 1");
  EXPECT_THAT(Output(), HasSubstr("the store is held by process 17"));
}

TEST_F(LocalCommandTest, StreamsStartsACoordinatorForItself) {
  EXPECT_EQ(Run({"streams"}), "exit code 0") << Output();
  EXPECT_THAT(Output(), AllOf(HasSubstr("starting one for the length of this command"), HasSubstr("basic_report")));
}

TEST_F(LocalCommandTest, WhatWasReadIsShownWithoutACoordinatorToo) {
  EXPECT_EQ(Run({"cursors"}), "exit code 0") << Output();
  EXPECT_EQ(Run({"ledger"}), "exit code 0") << Output();
}

TEST_F(LocalCommandTest, StatusStartsNothing) {
  EXPECT_EQ(Run({"status"}), "exit code 1");
  EXPECT_THAT(Output(), HasSubstr("no coordinator answers"));
}

}  // namespace
}  // namespace tikhaul
