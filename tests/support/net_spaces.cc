#include "tests/support/net_spaces.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/files.h"
#include "tests/support/eventually.h"

namespace tikhaul {
namespace {

constexpr char kHere[] = "/proc/thread-self/ns/net";

bool InPath(const std::string& program) {
  const char* const path = std::getenv("PATH");
  for (const absl::string_view folder : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    if (access(absl::StrCat(folder, "/", program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

ino_t NumberOf(const std::string& space) {
  struct stat facts {};
  return stat(space.c_str(), &facts) == 0 ? facts.st_ino : 0;
}

void WriteSetting(const std::string& path, const std::string& value) {
  std::ofstream file(path);
  EXPECT_TRUE(file << value << std::flush) << path;
}

}  // namespace

std::string NetSpaces::WhyNot() {
  if (geteuid() != 0) return "network namespaces need root";
  for (const char* const program : {"ip", "nsenter", "unshare"}) {
    if (!InPath(program)) return absl::StrCat("the program ", program, " is not installed");
  }
  const int home = open(kHere, O_RDONLY | O_CLOEXEC);
  const bool made = unshare(CLONE_NEWNET) == 0;
  if (made && setns(home, CLONE_NEWNET) != 0) std::abort();
  close(home);
  return made ? "" : "the kernel makes no network namespaces here";
}

NetSpaces::NetSpaces(int count) {
  home_ = open(kHere, O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(unshare(CLONE_NEWNET), 0);
  fds_.push_back(open(kHere, O_RDONLY | O_CLOEXEC));
  Run({"ip", "link", "set", "lo", "up"});
  WriteSetting("/proc/sys/net/ipv4/ip_forward", "1");
  // Rules that drop come before the one that takes in what is for the hub itself.
  Run({"ip", "rule", "add", "pref", "100", "lookup", "local"});
  Run({"ip", "rule", "del", "pref", "0", "lookup", "local"});
  for (int space = 1; space <= count; ++space) Hang(space);
}

NetSpaces::~NetSpaces() {
  for (const int fd : fds_) close(fd);
  if (setns(home_, CLONE_NEWNET) != 0) std::abort();
  close(home_);
}

void NetSpaces::Hang(int space) {
  absl::StatusOr<ChildProcess> keeper = ChildProcess::Start(
      {.name = "keeper", .arguments = {"unshare", "--net", "sleep", "infinity"}, .log_path = folder_.Path("log")});
  ASSERT_TRUE(keeper.ok()) << keeper.status();
  const std::string path = absl::StrCat("/proc/", keeper->pid(), "/ns/net");
  const ino_t hub = NumberOf(kHere);
  EXPECT_TRUE(Eventually([&] { return NumberOf(path) != hub && NumberOf(path) != 0; }));
  fds_.push_back(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const std::string pid = absl::StrCat(keeper->pid()), line = absl::StrCat("tk", space);
  keepers_.push_back(*std::move(keeper));
  Run({"ip", "link", "add", line, "type", "veth", "peer", "name", "eth0", "netns", pid});
  Run({"ip", "address", "add", HubAddress(space) + "/24", "dev", line});
  Run({"ip", "link", "set", line, "up"});
  Run({"ip", "link", "set", "lo", "up"}, space);
  Run({"ip", "address", "add", Address(space) + "/24", "dev", "eth0"}, space);
  Run({"ip", "link", "set", "eth0", "up"}, space);
  Run({"ip", "route", "add", "default", "via", HubAddress(space)}, space);
}

std::vector<std::string> NetSpaces::Prefix(int space) const {
  if (space == kHub) return {};
  return {"nsenter", absl::StrCat("--net=/proc/", keepers_[static_cast<size_t>(space) - 1].pid(), "/ns/net")};
}

std::string NetSpaces::Address(int space) { return absl::StrCat("10.77.", space, ".2"); }
std::string NetSpaces::HubAddress(int space) { return absl::StrCat("10.77.", space, ".1"); }

void NetSpaces::Rule(const std::string& change, int from, int to) {
  const std::string line = from == kHub ? "lo" : absl::StrCat("tk", from);
  const std::string target = to == kHub ? HubAddress(from) : Address(to);
  Run({"ip", "rule", change, "pref", "1", "iif", line, "to", target, "blackhole"});
}

void NetSpaces::Cut(int from, int to) {
  if (cut_.emplace(from, to).second) Rule("add", from, to);
}

void NetSpaces::Join(int from, int to) {
  if (cut_.erase({from, to}) == 1) Rule("del", from, to);
}

void NetSpaces::Run(const std::vector<std::string>& words, int space) {
  std::vector<std::string> command = Prefix(space);
  command.insert(command.end(), words.begin(), words.end());
  absl::StatusOr<ChildProcess> process =
      ChildProcess::Start({.name = words[0], .arguments = command, .log_path = folder_.Path("log")});
  ASSERT_TRUE(process.ok()) << process.status();
  EXPECT_TRUE(Eventually([&] { return process->Ended().has_value(); }));
  EXPECT_EQ(process->Ended().value_or("runs"), "exit code 0")
      << absl::StrJoin(command, " ") << ": " << ReadFile(folder_.Path("log")).value_or("");
}

}  // namespace tikhaul
