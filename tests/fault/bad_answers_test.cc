// Answers that are late, broken, wrong or refused: repeated where that helps, told where it does not.
#include "tests/fault/fault_test_util.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct BadAnswer {
  std::string name;
  std::string fault;  // JSON
};
void PrintTo(const BadAnswer& answer, std::ostream* out) { *out << answer.name; }

class BadAnswersTest : public testing::TestWithParam<BadAnswer> {};

TEST_P(BadAnswersTest, AreReadAgainUntilTheyAreRight) {
  const std::vector<Wanted> wanted = {HoursOf(12), {.name = "campaigns", .stream = "campaigns"}};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  cluster.AwaitStatus("the advertisers are known", [&](const v1::Status&) {
    return cluster.QueryInt("SELECT count(*) FROM tikhaul_advertiser") == 3;
  });
  cluster.Fault(GetParam().fault);
  cluster.Backfill();
  const v1::Status status = cluster.WaitIdle();
  EXPECT_EQ(cluster.FaultHits(), 12) << "the faults have not come: the test proves nothing";
  EXPECT_EQ(status.dead_letters(), 0u);
  ExpectWholeAndOnce(cluster, wanted);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadAnswersTest,
    testing::Values(BadAnswer{"Truncated", R"({"kind": "truncate", "bytes": 200, "times": 12})"},
                    BadAnswer{"NotJson", R"({"kind": "not_json", "times": 12})"},
                    BadAnswer{"HalfJson", R"({"kind": "not_json", "body": "{\"code\":0,\"data\":{", "times": 12})"},
                    BadAnswer{"Html500", R"({"kind": "http", "status": 500, "times": 12})"},
                    BadAnswer{"Html502", R"({"kind": "html502", "times": 12})"},
                    BadAnswer{"ConnectionReset", R"({"kind": "reset", "times": 12})"},
                    BadAnswer{"Silence", R"({"kind": "hang", "seconds": 1, "times": 12})"},
                    BadAnswer{"ServiceError", R"({"kind": "code", "code": 50000, "message": "oops", "times": 12})"},
                    BadAnswer{"WrongTotal", R"({"kind": "drift", "delta": 3, "times": 12})"}),
    [](const testing::TestParamInfo<BadAnswer>& info) { return info.param.name; });

TEST(ThrottleTest, AStormOfTooManyRequestsIsSatOut) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 10);
  cluster.Fault(R"({"kind": "code", "code": 40100, "message": "Too many requests", "times": 3})");
  const v1::Status frozen =
      cluster.AwaitStatus("the quota is frozen", [](const v1::Status& status) { return status.quota().frozen(); });
  EXPECT_THAT(frozen.quota().state(), HasSubstr("frozen for"));
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

TEST(ThrottleTest, ALimitOfOneAdvertiserStopsOnlyItsCalls) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster(SlowCluster(wanted));
  cluster.Start();
  cluster.Backfill();
  AwaitDone(cluster, 5);
  const std::string advertiser = cluster.Query("SELECT min(id) FROM tikhaul_advertiser")[0][0];
  cluster.Fault(absl::StrCat(R"({"kind": "code", "code": 40133, "message": "Too many requests of this advertiser",
                                "match": {"advertiser_id": ")",
                             advertiser, R"("}, "times": 4})"));
  cluster.WaitIdle();
  EXPECT_EQ(cluster.FaultHits(), 4);
  EXPECT_THAT(cluster.Log("worker-0"), HasSubstr("too many requests for one advertiser"));
  EXPECT_THAT(cluster.Log("worker-0"), Not(HasSubstr("says too many requests  pause")));
  ExpectWholeAndOnce(cluster, wanted);
  ExpectNoAttemptsBurnt(cluster);
}

TEST(ThrottleTest, PagesThatShiftWhileTheyAreReadAreNotCommitted) {
  const std::vector<Wanted> wanted = {{.name = "ads_daily",
                                       .stream = "basic_report",
                                       .level = "ad",
                                       .dimensions = {"stat_time_day"},
                                       .metrics = {"spend", "impressions"},
                                       .settings = "backfill: 2",
                                       .first_day = "2026-06-14"}};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = "scale:1:1200"});
  cluster.Fault(
      R"({"kind": "shift", "rows": 2, "match": {"path": "report/integrated/get/", "page": "2"}, "times": 2})");
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_EQ(cluster.FaultHits(), 2);
  ExpectWholeAndOnce(cluster, wanted);
  EXPECT_GT(cluster.QueryInt("SELECT sum(drift_attempts) FROM tikhaul_chunk"), 0);
}

TEST(RefusalTest, AnAccountWithoutPermissionIsSkippedAndNamed) {
  const std::vector<Wanted> wanted = {{.name = "campaigns", .stream = "campaigns"}};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  cluster.AwaitStatus("the advertisers are known", [&](const v1::Status&) {
    return cluster.QueryInt("SELECT count(*) FROM tikhaul_advertiser") == 3;
  });
  const std::string closed = cluster.Query("SELECT min(id) FROM tikhaul_advertiser")[0][0];
  cluster.Fault(R"({"kind": "code", "code": 40001, "message": "No permission to operate advertiser",
                    "match": {"path": "campaign/get/", "advertiser_id": ")" +
                closed + R"("}, "times": -1})");
  cluster.Backfill();
  const v1::Status status = cluster.WaitIdle();
  ASSERT_EQ(status.blocks_size(), 1) << status.DebugString();
  EXPECT_EQ(status.blocks(0).advertiser(), closed);
  EXPECT_THAT(status.blocks(0).reason(), HasSubstr("No permission"));
  EXPECT_EQ(status.dead_letters(), 0u);
  EXPECT_EQ(status.blocks(0).state(), "account_dead");
  EXPECT_EQ(status.access().open(), 2u);
  EXPECT_EQ(cluster.QueryInt("SELECT count(DISTINCT advertiser_id) FROM campaigns"), 2) << "the others are read";
  cluster.ClearFaults();
  cluster.Advance(absl::Minutes(16));  // the next try
  cluster.AwaitStatus("the block is lifted", [](const v1::Status& status) { return status.blocks_size() == 0; });
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
}

const Wanted kAdsDaily = {.name = "ads_daily",
                          .stream = "basic_report",
                          .level = "ad",
                          .dimensions = {"stat_time_day"},
                          .metrics = {"spend", "impressions"},
                          .settings = "backfill: 60",
                          .first_day = "2026-04-17"};

TEST(CutTest, AnswersCutToTheNewestObjectsAreReadByIds) {
  Wanted groups = kAdsDaily, campaigns = kAdsDaily;
  groups.name = "groups_daily";
  groups.level = "ad_group";
  campaigns.name = "campaigns_daily";
  campaigns.level = "campaign";
  const std::vector<Wanted> wanted = {kAdsDaily, groups, campaigns};
  TestCluster cluster({.extracts = YamlOf(wanted), .simulator_flags = {"--object-limit", "6"}});
  cluster.Start();
  cluster.Backfill();
  EXPECT_EQ(cluster.WaitIdle().dead_letters(), 0u);
  ExpectWholeAndOnce(cluster, wanted);
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM tikhaul_slices WHERE extract = 'ads_daily'"), 0);
  EXPECT_GT(cluster.QueryInt("SELECT min(ids) FROM tikhaul_slices"), 0);
  EXPECT_LE(cluster.QueryInt("SELECT max(ids) FROM tikhaul_slices"), 100);
}

TEST(CutTest, WhatCannotBeCutFurtherIsNotStored) {
  const std::vector<Wanted> wanted = {kAdsDaily};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Fault(R"({"kind": "throttle_header", "match": {"path": "report/integrated/get/"}, "times": -1})");
  cluster.Start();
  cluster.Backfill();
  EXPECT_GT(cluster.WaitIdle().dead_letters(), 0u);
  EXPECT_THAT(cluster.Query("SELECT message FROM tikhaul_dead_letter")[0][0], HasSubstr("20,000"));
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM ads_daily"), 0);
  cluster.ClearFaults();
  v1::RetryResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(cluster.admin().Retry(&context, v1::RetryRequest(), &response).ok());
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
}

TEST(CutTest, ADayThatIsTooLargeIsReadByIds) {
  Wanted day = kAdsDaily;
  day.settings = "backfill: 1";
  day.first_day = "2026-06-15";
  const std::vector<Wanted> wanted = {day};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Fault(R"({"kind": "code", "code": 40067, "message": "The answer would be too large",
                    "match": {"path": "report/integrated/get/"}, "times": 2})");
  cluster.Start();
  cluster.Backfill();
  EXPECT_EQ(cluster.WaitIdle().dead_letters(), 0u);
  EXPECT_EQ(cluster.FaultHits(), 2);
  ExpectWholeAndOnce(cluster, wanted);
}

TEST(CutTest, TooLargeAnAnswerIsAskedForInSmallerPieces) {
  const std::vector<Wanted> wanted = {kAdsDaily};
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Fault(R"({"kind": "code", "code": 40067, "message": "The answer would be too large",
                    "match": {"path": "report/integrated/get/"}, "times": 4})");
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE state = 'split'"), 0);
  ExpectWholeAndOnce(cluster, wanted);
}

}  // namespace
}  // namespace tikhaul
