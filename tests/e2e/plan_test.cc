// What a plan says, and what the run then takes: calls within a tenth, time within a fifth.
#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

// The quota is so low that nothing else holds the run up.
constexpr uint32_t kPerSecond = 4;

ClusterOptions QuotaBound(const std::vector<Wanted>& wanted, const std::string& data_set) {
  return {.extracts = YamlOf(wanted), .data_set = data_set, .per_second = kPerSecond, .per_minute = 6000, .workers = 2};
}

v1::PlanResponse Plan(TestCluster& cluster, bool increments, bool without_calls = false) {
  grpc::ClientContext context;
  v1::PlanRequest request;
  request.set_increments(increments);
  request.set_without_calls(without_calls);
  v1::PlanResponse response;
  const grpc::Status status = cluster.admin().Plan(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

struct Took {
  double calls = 0, seconds = 0;
};

template <typename Start>
Took TimeOf(TestCluster& cluster, Start start) {
  const int64_t before = cluster.Stat("allowed");
  const absl::Duration began = SystemClock().Monotonic();
  start();
  cluster.WaitIdle(absl::Minutes(5));
  return {static_cast<double>(cluster.Stat("allowed") - before),
          absl::ToDoubleSeconds(SystemClock().Monotonic() - began)};
}

void ExpectNear(const v1::PlanResponse& plan, const Took& took) {
  EXPECT_NEAR(static_cast<double>(plan.calls()), took.calls, took.calls / 10) << plan.DebugString();
  EXPECT_LT(plan.seconds_at_quota() * 0.8, took.seconds) << plan.DebugString();
  // A busy machine takes longer than its quota.
  if (std::getenv("TIKHAUL_LONG_TESTS") != nullptr) {
    EXPECT_GT(plan.seconds_at_quota() * 1.25, took.seconds) << plan.DebugString();
  }
}

TEST(PlanTest, AFirstBackfillAndALaterIncrementTakeWhatThePlanSays) {
  std::vector<Wanted> wanted = SixExtracts();
  wanted[0].settings = "look_back: 8";
  wanted[1].settings = "backfill: 180, look_back: 8";
  TestCluster cluster(QuotaBound(wanted, "small"));
  cluster.Start();
  v1::PlanResponse plan = Plan(cluster, false);
  EXPECT_GT(plan.calls_spent(), 0u);
  EXPECT_LE(plan.calls_spent(), 60u);
  for (const v1::PlanLine& line : plan.lines()) EXPECT_TRUE(line.rows_known()) << line.DebugString();
  ExpectNear(plan, TimeOf(cluster, [&] { cluster.Backfill(); }));
  EXPECT_EQ(Plan(cluster, false).chunks(), 0u) << "nothing is left of it";

  cluster.Advance(absl::Hours(24));
  plan = Plan(cluster, true);
  EXPECT_EQ(plan.calls_spent(), 0u) << "rows are known";
  ASSERT_GT(plan.calls(), 0u);
  const Took took = TimeOf(cluster, [&] { cluster.Sync(); });
  EXPECT_NEAR(static_cast<double>(plan.calls()), took.calls, std::max(1.0, took.calls / 10)) << plan.DebugString();
}

TEST(PlanTest, IdleAdvertisersArePlannedAsTheyAreRead) {
  const std::vector<Wanted> wanted = {SixExtracts()[0], SixExtracts()[1]};
  TestCluster cluster(QuotaBound(wanted, "agency:10:80:3"));
  cluster.Start();
  const v1::PlanResponse unasked = Plan(cluster, false, /*without_calls=*/true);
  EXPECT_EQ(unasked.calls_spent(), 0u);
  const v1::PlanResponse plan = Plan(cluster, false);
  EXPECT_LT(plan.chunks(), unasked.chunks());
  EXPECT_GT(plan.lines(0).idle_windows(), 100u);
  ExpectNear(plan, TimeOf(cluster, [&] { cluster.Backfill(); }));
}

}  // namespace
}  // namespace tikhaul
