// Tokens that are missing, wrong or revoked, accounts that are not ours, an API that is not there.
#include <filesystem>
#include <fstream>

#include "common/base/files.h"
#include "tests/fault/fault_test_util.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const std::vector<Wanted> kCampaigns = {{.name = "campaigns", .stream = "campaigns"}};

grpc::Status TryBackfill(TestCluster& cluster) {
  grpc::ClientContext context;
  v1::BackfillResponse response;
  return cluster.admin().Backfill(&context, v1::BackfillRequest(), &response);
}

bool MainIsPaused(const v1::Status& status) {
  return std::any_of(status.pauses().begin(), status.pauses().end(),
                     [](const v1::Pause& pause) { return pause.scope() == "connection" && pause.name() == "main"; });
}

void WriteToken(TestCluster& cluster, const std::string& token) {
  std::ofstream(cluster.TokenPath(), std::ios::trunc) << token;
}

TEST(CredentialsTest, AMissingTokenFileIsNamedAndWorkBeginsWhenItIsThere) {
  TestCluster cluster({.extracts = YamlOf(kCampaigns)});
  std::filesystem::remove(cluster.TokenPath());
  cluster.Start();
  const v1::Status status = cluster.AwaitStatus("the connection is paused", MainIsPaused);
  EXPECT_THAT(status.pauses(0).reason(), HasSubstr(cluster.TokenPath()));
  EXPECT_THAT(TryBackfill(cluster).error_message(), HasSubstr(cluster.TokenPath()));
  WriteToken(cluster, TestCluster::Token());
  EXPECT_TRUE(Eventually([&] { return TryBackfill(cluster).ok(); }));
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, kCampaigns);
  cluster.AwaitStatus("the pause is over",
                      [](const v1::Status& status) { return status.pauses_size() == 0 && status.faults_size() == 0; });
}

TEST(CredentialsTest, AWrongTokenIsToldWithoutShowingIt) {
  TestCluster cluster({.extracts = YamlOf(kCampaigns)});
  WriteToken(cluster, "wrong-token-0123456789");
  cluster.Start();
  const v1::Status status = cluster.AwaitStatus("the connection is paused", MainIsPaused);
  EXPECT_THAT(status.pauses(0).reason(), HasSubstr("40105"));
  EXPECT_THAT(status.pauses(0).mend(), HasSubstr("token file"));
  EXPECT_EQ(TryBackfill(cluster).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(cluster.Log("coordinator"), Not(HasSubstr("wrong-token-0123456789")));
  EXPECT_THAT(cluster.GetStatus().DebugString(), Not(HasSubstr("wrong-token-0123456789")));
  WriteToken(cluster, TestCluster::Token());
  cluster.AwaitStatus(
      "it goes on by itself", [](const v1::Status& status) { return !MainIsPaused(status); }, absl::Seconds(20));
}

TEST(CredentialsTest, ATokenRevokedInTheMiddlePausesAndGoesOnByItself) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 20);
  cluster.RevokeToken();
  const v1::Status paused = cluster.AwaitStatus("the connection is paused", MainIsPaused);
  EXPECT_EQ(paused.dead_letters(), 0u);
  cluster.AwaitStatus("nothing runs", [](const v1::Status& status) { return status.idle(); });
  cluster.RestoreToken();
  cluster.AwaitStatus(
      "it goes on by itself", [](const v1::Status& status) { return !MainIsPaused(status); }, absl::Seconds(20));
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

TEST(CredentialsTest, TokensReachNeitherLogsNorStoreNorRedis) {
  TestCluster cluster({.extracts = YamlOf(kCampaigns)});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  cluster.RevokeToken();
  cluster.Sync({"campaigns"});
  cluster.AwaitStatus("the connection is paused", MainIsPaused);
  cluster.Term("worker-0");
  cluster.Term("coordinator");
  const std::string token = TestCluster::Token();
  EXPECT_THAT(cluster.Log("coordinator"), Not(HasSubstr(token)));
  EXPECT_THAT(cluster.Log("worker-0"), Not(HasSubstr(token)));
  EXPECT_THAT(ReadFile(cluster.StorePath()).value_or(""), Not(HasSubstr(token)));
}

TEST(CredentialsTest, AnAdvertiserThatIsNotOursIsNamedAndTheOthersAreRead) {
  std::string known;
  {
    TestCluster cluster({.extracts = YamlOf(kCampaigns)});
    cluster.Start();
    cluster.Backfill();
    cluster.WaitIdle();
    known = cluster.Query("SELECT max(id) FROM tikhaul_advertiser")[0][0];
  }
  TestCluster cluster({.extracts = YamlOf(kCampaigns), .advertisers = "[\"7999999999999999999\", \"" + known + "\"]"});
  cluster.Start();
  cluster.Backfill();
  const v1::Status status = cluster.WaitIdle();
  EXPECT_TRUE(HasFault(status, "7999999999999999999")) << status.DebugString();
  EXPECT_FALSE(MainIsPaused(status)) << "the token is good";
  EXPECT_TRUE(EqualsTruth({.store = cluster.StorePath(),
                           .truth = cluster.ExportTruth(TruthSpecOf(kCampaigns, {known})),
                           .table = "campaigns"}));
}

TEST(CredentialsTest, AnApiThatIsNotThereIsNamedAndWaitedFor) {
  TestCluster cluster({.extracts = YamlOf(kCampaigns)});
  cluster.Kill9("simulator");
  cluster.Start();
  cluster.AwaitStatus("the fault is told", [](const v1::Status& status) { return HasFault(status, "127.0.0.1"); });
  EXPECT_FALSE(MainIsPaused(cluster.GetStatus())) << "the token is not to blame";
  const grpc::Status refused = TryBackfill(cluster);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(refused.error_message(), HasSubstr("127.0.0.1"));
  cluster.StartSimulator();
  EXPECT_TRUE(Eventually([&] { return TryBackfill(cluster).ok(); }));
  const v1::Status status = cluster.WaitIdle();
  EXPECT_FALSE(HasFault(status, "127.0.0.1"));
  ExpectWholeAndOnce(cluster, kCampaigns);
}

TEST(CredentialsTest, AnApiThatGoesAwayInTheMiddleIsWaitedFor) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 20);
  cluster.Kill9("simulator");
  const std::string fault = "cannot reach the API";
  cluster.AwaitStatus("the fault is told", [&](const v1::Status& status) { return HasFault(status, fault); });
  cluster.StartSimulator();
  const v1::Status status = cluster.WaitIdle();
  EXPECT_FALSE(HasFault(status, fault));
  EXPECT_EQ(status.dead_letters(), 0u);
  ExpectWholeAndOnce(cluster, wanted);
}

}  // namespace
}  // namespace tikhaul
