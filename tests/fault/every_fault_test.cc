// Every kind of fault that the simulator knows, alone and all of them mixed: afterwards all tables equal the truth.
// TIKHAUL_LONG_TESTS=1 (scripts/test --long) mixes in every return code, with several seeds.
#include <cstdlib>

#include "tests/fault/fault_test_util.h"

namespace tikhaul {
namespace {

// Small, of every sort of stream, and such that what the API restates within a day is read again by an increment.
std::vector<Wanted> SmallJob() {
  Wanted daily = {.name = "ads_daily",
                  .stream = "basic_report",
                  .level = "ad",
                  .dimensions = {"stat_time_day"},
                  .metrics = {"spend", "impressions", "clicks"},
                  .settings = "backfill: 60, look_back: 4",
                  .first_day = "2026-04-17"};
  Wanted hours = HoursOf(12);
  hours.settings = "backfill: 12, look_back: 4";
  return {daily,
          hours,
          {.name = "adverts", .stream = "adverts"},
          {.name = "campaigns", .stream = "campaigns"},
          {.name = "interest_categories", .stream = "interest_categories"}};
}

// What an operator would do until nothing is left: mend, and try again.
void RetryUntilDone(TestCluster& cluster) {
  for (int round = 0; round < 600; ++round) {  // a refused token is tried again every ten seconds
    const v1::Status status = cluster.WaitIdle(absl::Minutes(5));
    if (status.dead_letters() == 0 && status.blocks_size() == 0 && status.pauses_size() == 0) return;
    grpc::ClientContext context;
    v1::RetryResponse response;
    ASSERT_TRUE(cluster.admin().Retry(&context, v1::RetryRequest(), &response).ok());
    tikhaul::SleepFor(absl::Milliseconds(500));
  }
  ADD_FAILURE() << "never done: " << cluster.GetStatus().DebugString();
}

void AwaitAdvertisers(TestCluster& cluster) {
  cluster.AwaitStatus("the advertisers are known", [&](const v1::Status&) {
    return cluster.QueryInt("SELECT count(*) FROM tikhaul_advertiser") == 3;
  });
}

struct OneFault {
  std::string name;
  std::string fault;  // JSON, without "times"
  int times = 3;
};
void PrintTo(const OneFault& fault, std::ostream* out) { *out << fault.name; }

class EveryFaultTest : public testing::TestWithParam<OneFault> {};

TEST_P(EveryFaultTest, LeavesTheTruth) {
  const std::vector<Wanted> wanted = SmallJob();
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  AwaitAdvertisers(cluster);
  cluster.Fault(absl::StrCat(R"({"times":)", GetParam().times, ",", GetParam().fault.substr(1)));
  cluster.Backfill();
  RetryUntilDone(cluster);
  EXPECT_EQ(cluster.FaultHits(), GetParam().times) << "the faults have not come: the test proves nothing";
  ExpectWholeAndOnce(cluster, wanted);
}

INSTANTIATE_TEST_SUITE_P(
    Alone, EveryFaultTest,
    testing::Values(
        OneFault{"Html504", R"({"kind":"html504"})"},
        OneFault{"ResetInBody", R"({"kind":"reset_in_body","bytes":400})"},
        OneFault{"Slow", R"({"kind":"slow","ms":2000})"}, OneFault{"Drip", R"({"kind":"drip","bytes":1000,"ms":40})"},
        OneFault{"NeverAnswering", R"({"kind":"hang","seconds":90})", 2},
        OneFault{"InvalidUtf8", R"({"kind":"bad_utf8"})"},
        OneFault{"DeepNesting", R"({"kind":"deep_nesting","match":{"path":"ad/get/"}})"},
        OneFault{"NumbersForStrings", R"({"kind":"number_strings"})", 30},
        OneFault{"NewFields", R"({"kind":"unknown_fields"})", 30},
        OneFault{"FatRows", R"({"kind":"fat_rows","bytes":100000,"match":{"path":"campaign/get/"}})"},
        OneFault{"CutToTheNewest", R"({"kind":"throttle_header","match":{"path":"report/integrated/get/"}})", 1},
        OneFault{"RevokedToken", R"({"kind":"revoked_token"})"},
        OneFault{"MissingGrant", R"({"kind":"missing_grant"})"}, OneFault{"DeadAccount", R"({"kind":"dead_account"})"},
        OneFault{"RefusedRequest", R"({"kind":"code","code":40002,"message":"oops"})"},
        OneFault{"UnknownCode", R"({"kind":"code","code":45678,"message":"oops"})", 2},
        OneFault{"Maintenance", R"({"kind":"code","code":60001,"message":"oops"})"}),
    [](const testing::TestParamInfo<OneFault>& info) { return info.param.name; });

// Days that came late, and figures that are restated, are put right by increments.
TEST(StaleFaultTest, LateAndRestatedDaysAreReadAgain) {
  const std::vector<Wanted> wanted = SmallJob();
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  AwaitAdvertisers(cluster);
  cluster.Fault(R"({"kind":"stale","seconds":86400,"times":-1})");
  cluster.Backfill();
  EXPECT_EQ(cluster.WaitIdle().dead_letters(), 0u);
  EXPECT_GT(cluster.FaultHits(), 20);
  const int64_t last_day = cluster.QueryInt("SELECT count(*) FROM ads_daily WHERE stat_time_day = '2026-06-15'");
  cluster.ClearFaults();
  cluster.Advance(absl::Hours(24));
  cluster.Sync();
  cluster.WaitIdle();
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM ads_daily WHERE stat_time_day = '2026-06-15'"), last_day)
      << "the day was not late: the test proves nothing";
  EXPECT_GT(cluster.QueryInt("SELECT sum(updated) FROM tikhaul_ledger WHERE extract = 'ads_daily'"), 0);
  ExpectWholeAndOnce(cluster, wanted);
}

bool LongTests() { return std::getenv("TIKHAUL_LONG_TESTS") != nullptr; }

class FaultMixTest : public testing::TestWithParam<int> {};

TEST_P(FaultMixTest, LeavesTheTruth) {
  const bool every_code = GetParam() > 1;
  if (every_code && !LongTests()) GTEST_SKIP() << "scripts/test --long runs it";
  const std::vector<Wanted> wanted = SmallJob();
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  AwaitAdvertisers(cluster);
  cluster.Fault(absl::StrCat(R"({"kind":"mix","gap":1,"seed":)", GetParam(), R"(,"codes":")",
                             every_code ? "all" : "classes", "\"}"));
  cluster.Backfill();
  RetryUntilDone(cluster);
  const auto left = [&] { return cluster.FaultsLeft(); };
  for (int again = 1; left() > 0 && again < 20 && !HasFailure(); ++again) {  // the job was smaller than the mix
    grpc::ClientContext context;
    v1::BackfillRequest request;
    request.set_again_key(absl::StrCat(again));
    v1::BackfillResponse response;
    ASSERT_TRUE(cluster.admin().Backfill(&context, request, &response).ok());
    RetryUntilDone(cluster);
  }
  EXPECT_EQ(left(), 0) << "not all faults have come";
  // What the API gave a day too late is put right by the next increment; the rest is right before.
  Wanted settled = wanted[0];
  settled.last_day = "2026-06-12";
  EXPECT_TRUE(EqualsTruth({.store = cluster.StorePath(),
                           .truth = cluster.ExportTruth(TruthSpecOf({settled})),
                           .table = "ads_daily",
                           .where = "stat_time_day <= '2026-06-12'"}));
  cluster.Advance(absl::Hours(24));
  cluster.Sync();
  cluster.WaitIdle();
  ExpectWholeAndOnce(cluster, wanted);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FaultMixTest, testing::Range(1, 5));

}  // namespace
}  // namespace tikhaul
