// The supervisor with a real redis-server and stand-ins for coordinator and workers.
#include "cli/local/local_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "cli/admin_client.h"
#include "common/base/files.h"
#include "common/base/process.h"
#include "common/redis/redis.h"
#include "tests/integration/cli/fake_admin.h"
#include "tests/support/eventually.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

bool StepWithoutSignal(absl::Duration duration) {
  tikhaul::SleepFor(duration);
  return false;
}

class LocalClusterTest : public ::testing::Test {
 protected:
  ~LocalClusterTest() override { unsetenv("FAKE_COORDINATOR_FAILS"); }

  std::unique_ptr<LocalCluster> MakeCluster() {
    LocalClusterOptions options;
    options.private_redis = private_redis_;
    options.binaries = CLI_STAGE;
    options.config_path = folder_.Path("tikhaul.yaml");
    options.listen = address_;
    options.coordinator_address = address_;
    options.workers = workers_;
    options.worker_http = "127.0.0.1:7781";
    options.clock_offset = absl::Seconds(-86400);
    options.restart = {absl::Milliseconds(10), absl::Milliseconds(50)};
    auto state = LocalFolder::Open(folder_.Path("state"));
    EXPECT_TRUE(state.ok()) << state.status();
    return std::make_unique<LocalCluster>(std::move(options), std::move(*state), clock_);
  }

  std::string Log(const std::string& name) const {
    return ReadFile(folder_.Path("state/" + name + ".log")).value_or("");
  }

  // The worker of that name that belongs to this test.
  pid_t WorkerProcess(const std::string& name) const {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string line = ReadFile(entry.path().string() + "/cmdline").value_or("");
      const std::vector<std::string> arguments = absl::StrSplit(line, '\0');
      const auto has = [&](const std::string& word) {
        return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
      };
      if (has(name) && has(address_)) return std::stoi(entry.path().filename().string());
    }
    return -1;
  }

  int workers_ = 2;
  bool private_redis_ = true;
  ScratchFolder folder_;
  const std::string address_ = "unix:" + folder_.Path("admin.sock");
  SystemClock clock_;
};

TEST_F(LocalClusterTest, StartsEverythingAndStopsItInOrder) {
  const auto cluster = MakeCluster();
  const absl::Status started = cluster->Start(StepWithoutSignal);
  ASSERT_TRUE(started.ok()) << started;
  EXPECT_TRUE(AdminClient(address_).Serving());
  const std::string redis_url = "unix:" + folder_.Path("state/redis.sock");
  RedisConnection redis(RedisOptions{redis_url});
  ASSERT_TRUE(redis.Command({"PING"}).ok());
  EXPECT_THAT(Log("coordinator"), AllOf(HasSubstr("argument --redis\nargument " + redis_url + "\n"),
                                        HasSubstr("argument --clock-offset\nargument -86400\n"),
                                        HasSubstr("argument --listen\nargument " + address_ + "\n")));
  for (const char* name : {"local-1", "local-2"}) {
    const std::string log = absl::StrCat("worker-", name), named = absl::StrCat("argument ", name);
    ASSERT_TRUE(Eventually([&] { return absl::StrContains(Log(log), named); })) << log;
  }
  EXPECT_THAT(Log("worker-local-2"), AllOf(HasSubstr("argument --coordinator\nargument " + address_ + "\n"),
                                           HasSubstr("argument --http\nargument 127.0.0.1:7782\n")));
  EXPECT_THAT(Log("worker-local-1"), Not(HasSubstr("--http"))) << "as the configuration says";

  cluster->Stop();
  for (const char* name : {"worker-local-1", "worker-local-2", "coordinator"}) {
    EXPECT_THAT(Log(name), HasSubstr("stopped by a signal")) << name;
  }
  EXPECT_FALSE(redis.Command({"PING"}).ok());
}

TEST_F(LocalClusterTest, ARedisOfTheConfigurationIsNotNamedInArguments) {
  private_redis_ = false;
  const auto cluster = MakeCluster();
  ASSERT_TRUE(cluster->Start(StepWithoutSignal).ok());
  EXPECT_THAT(Log("coordinator"), AllOf(HasSubstr("argument --config\n"), Not(HasSubstr("--redis"))));
  EXPECT_FALSE(std::filesystem::exists(folder_.Path("state/redis.sock")));
}

TEST_F(LocalClusterTest, ACoordinatorWithoutWorkersOnlyAnswers) {
  workers_ = 0;
  const auto cluster = MakeCluster();
  ASSERT_TRUE(cluster->Start(StepWithoutSignal).ok());
  EXPECT_THAT(Log("coordinator"), HasSubstr("argument --only-answer\n"));
}

TEST_F(LocalClusterTest, StartsADeadWorkerAgainAndSaysSo) {
  const auto cluster = MakeCluster();
  ASSERT_TRUE(cluster->Start(StepWithoutSignal).ok());
  ASSERT_TRUE(Eventually([&] { return absl::StrContains(Log("worker-local-1"), "argument local-1"); }));
  const pid_t first = WorkerProcess("local-1");
  ASSERT_GT(first, 0);
  ASSERT_EQ(kill(first, SIGKILL), 0);
  std::vector<std::string> notes;
  ASSERT_TRUE(Eventually([&] {
    for (std::string& note : cluster->Tend()) notes.push_back(std::move(note));
    return !notes.empty();
  }));
  EXPECT_THAT(notes[0],
              AllOf(HasSubstr("worker-local-1"), HasSubstr("signal 9 (Killed)"), HasSubstr("starts again in")));
  EXPECT_TRUE(Eventually([&] {
    cluster->Tend();
    const std::string log = Log("worker-local-1");
    return log.find("argument --name") != log.rfind("argument --name");  // two starts in one log
  }));
}

TEST_F(LocalClusterTest, TellsWhyTheCoordinatorDidNotStart) {
  setenv("FAKE_COORDINATOR_FAILS", "the store is held by process 17", 1);
  const absl::Status started = MakeCluster()->Start(StepWithoutSignal);
  EXPECT_TRUE(absl::IsFailedPrecondition(started));
  EXPECT_THAT(std::string(started.message()), AllOf(HasSubstr("the coordinator did not start (exit code 1)"),
                                                    HasSubstr("cannot start: the store is held by process 17")));
}

TEST_F(LocalClusterTest, LeavesARunningCoordinatorAlone) {
  FakeAdmin admin;
  const auto server = ServeAdmin(admin, address_);
  const absl::Status started = MakeCluster()->Start(StepWithoutSignal);
  EXPECT_THAT(std::string(started.message()), HasSubstr("a coordinator already answers at " + address_));
}

TEST_F(LocalClusterTest, GivesUpStartingWhenTheUserWantsToEnd) {
  EXPECT_TRUE(absl::IsCancelled(MakeCluster()->Start([](absl::Duration) { return true; })));
}

}  // namespace
}  // namespace tikhaul
