#include "cli/local/child_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "common/base/files.h"
#include "tests/support/eventually.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

// True when the process is gone or a zombie that nobody has waited for (as under an init that does not).
bool HasEnded(pid_t pid) {
  if (kill(pid, 0) != 0) return true;
  const std::string stat = ReadFile("/proc/" + std::to_string(pid) + "/stat").value_or("");
  const size_t name_end = stat.rfind(')');
  return name_end == std::string::npos || stat.compare(name_end, 3, ") Z") == 0;
}

class ChildProcessTest : public ::testing::Test {
 protected:
  absl::StatusOr<ChildProcess> StartShell(const std::string& script) {
    return ChildProcess::Start({"shell", {"sh", "-c", script}, log()});
  }
  std::string log() const { return folder_.Path("child.log"); }
  std::string Log() const { return ReadFile(log()).value_or(""); }

  ScratchFolder folder_;
};

TEST_F(ChildProcessTest, WritesOutputAndErrorsToItsLog) {
  auto child = StartShell("echo out; echo err >&2; exit 3");
  ASSERT_TRUE(child.ok()) << child.status();
  ASSERT_TRUE(Eventually([&] { return child->Ended().has_value(); }));
  EXPECT_EQ(*child->Ended(), "exit code 3");
  EXPECT_EQ(Log(), "out\nerr\n");
}

TEST_F(ChildProcessTest, SaysWhichSignalEndedIt) {
  auto child = StartShell("kill -9 $$");
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE(Eventually([&] { return child->Ended().has_value(); }));
  EXPECT_EQ(*child->Ended(), "signal 9 (Killed)");
}

TEST_F(ChildProcessTest, RefusesAProgramThatIsNotThere) {
  const auto child = ChildProcess::Start({"none", {"/no/such/program"}, log()});
  EXPECT_TRUE(absl::IsNotFound(child.status())) << child.status();
  EXPECT_THAT(std::string(child.status().message()), HasSubstr("/no/such/program"));
}

// The parent blocks SIGTERM and ignores SIGPIPE, as ShutdownSignal makes it do.
TEST_F(ChildProcessTest, StartsWithCleanSignalsAndWithoutOurDescriptors) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old_action = signal(SIGPIPE, SIG_IGN);
  int leak[2];
  ASSERT_EQ(pipe(leak), 0);
  auto child = StartShell("grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd | wc -l");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  signal(SIGPIPE, old_action);
  close(leak[0]);
  close(leak[1]);
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE(Eventually([&] { return child->Ended().has_value(); }));
  // 0, 1, 2 and the one with which ls reads the folder.
  EXPECT_EQ(Log(), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n4\n");
}

TEST_F(ChildProcessTest, StopsByTheGentleSignalFirst) {
  auto child = StartShell("trap 'echo gentle; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE(Eventually([&] { return Log() == "ready\n"; }));
  child->Stop(absl::Seconds(10));
  EXPECT_EQ(*child->Ended(), "exit code 0");
  EXPECT_EQ(Log(), "ready\ngentle\n");
}

TEST_F(ChildProcessTest, KillsWhatDoesNotListen) {
  auto child = StartShell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE(Eventually([&] { return Log() == "ready\n"; }));
  child->Stop(absl::Milliseconds(100));
  EXPECT_EQ(*child->Ended(), "signal 9 (Killed)");
}

TEST_F(ChildProcessTest, DiesWithItsParent) {
  const std::string pid_file = folder_.Path("pid");
  const pid_t parent = fork();
  if (parent == 0) {
    auto child = StartShell("echo $$ > " + pid_file + ".new; mv " + pid_file + ".new " + pid_file + "; exec sleep 60");
    while (child.ok()) pause();
    _exit(1);
  }
  ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(pid_file); }));
  const pid_t child = std::stoi(ReadFile(pid_file).value());
  ASSERT_EQ(kill(child, 0), 0);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_TRUE(Eventually([&] { return HasEnded(child); }));
}

}  // namespace
}  // namespace tikhaul
