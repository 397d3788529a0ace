// The permission matrix at work: one chunk goes ahead, the others follow when the API has answered it, and what is
// closed costs one call per try.
#include <gmock/gmock.h>

#include "common/base/status_macros.h"
#include "coordinator/store/store.h"
#include "tests/integration/coordinator/coordinator_fixture.h"
#include "tests/integration/coordinator/fake_worker.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AccessTest : public CoordinatorTest {
 protected:
  AccessTest() {
    StopCoordinator();
    {
      const std::unique_ptr<Store> store = OpenStore("sqlite:" + store_path()).value();
      const absl::Status put = store->Write([](StoreTransaction& tx) -> absl::Status {
        for (const char* const endpoint : {kReports, "campaign/get/"}) {
          RETURN_IF_ERROR(tx.PutAccess({.advertiser = kAdvertiser, .endpoint = endpoint, .message = ""}));
        }
        return absl::OkStatus();
      });
      EXPECT_TRUE(put.ok()) << put;
    }
    StartCoordinator();
  }

  std::string StateOf(const std::string& endpoint) {
    const SqlRows rows = Query("SELECT state FROM tikhaul_access WHERE endpoint = '" + endpoint + "'");
    return rows.empty() ? "none" : rows[0][0];
  }
  void BackfillCampaigns() {
    v1::BackfillRequest request;
    request.add_extracts("campaigns");
    v1::BackfillResponse response;
    EXPECT_TRUE(Ask(&v1::Admin::Stub::Backfill, request, &response).ok());
  }
  // The pair's only hint; no other comes.
  ChunkId PopScout() {
    const ChunkId scout = PopHint();
    EXPECT_THAT(PopHints(absl::Seconds(1)), IsEmpty()) << "the others wait for the first one";
    return scout;
  }
};

TEST_F(AccessTest, OneChunkGoesAheadAndOpensTheWayWithItsFirstRows) {
  Backfill("2025-12-01", "2026-02-28");  // three chunks
  EXPECT_EQ(GetStatus().access().unknown(), 2u);
  const ChunkId scout = PopScout();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(scout).has_granted());
  EXPECT_THAT(PopHints(absl::Seconds(1)), IsEmpty());
  worker.SendDays({worker.plan().window().substr(0, 10)});
  EXPECT_TRUE(Eventually([&] { return StateOf(kReports) == "open"; }));
  EXPECT_GT(PopHint(), 0);
  EXPECT_GT(PopHint(), 0);
  EXPECT_EQ(ChunkRow(scout)["state"], "running") << "the others did not wait for its end";
  EXPECT_EQ(StateOf("campaign/get/"), "unknown");
}

TEST_F(AccessTest, AScoutThatFailsForOtherReasonsLetsAnotherGo) {
  Backfill("2026-01-01", "2026-02-28");  // two chunks
  const ChunkId scout = PopScout();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(scout).has_granted());
  worker.Fail(v1::FAILURE_CLASS_PERMANENT, 40002, "metrics: unknown");
  const ChunkId next = PopHint();
  EXPECT_NE(next, scout);
  EXPECT_GT(next, 0);
}

TEST_F(AccessTest, WhatIsNotGrantedCostsOneCallAndLeavesOtherEndpointsAlone) {
  Backfill("2025-12-01", "2026-02-28");
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(PopScout()).has_granted());
  worker.Fail(v1::FAILURE_CLASS_PERMISSION, 40001, "the advertiser does not grant /report/integrated/get/:GET");
  ASSERT_TRUE(Eventually([&] { return StateOf(kReports) == "no_grant"; }));
  EXPECT_THAT(PopHints(absl::Seconds(1)), IsEmpty());
  const v1::Status status = GetStatus();
  ASSERT_THAT(status.blocks(), SizeIs(1));
  EXPECT_EQ(status.blocks(0).state(), "no_grant");
  EXPECT_EQ(status.blocks(0).code(), 40001);
  EXPECT_THAT(status.blocks(0).mend(), HasSubstr("grant"));
  EXPECT_TRUE(status.idle());
  BackfillCampaigns();
  EXPECT_GT(PopHint(), 0) << "another endpoint";
}

TEST_F(AccessTest, ADeadAccountClosesAllItsEndpoints) {
  BackfillCampaigns();
  Backfill("2026-02-01", "2026-02-28");
  const ChunkId first = PopHint(), second = PopHint();  // one of each endpoint
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(first).has_granted());
  worker.Fail(v1::FAILURE_CLASS_PERMISSION, 40001, "Advertiser 7 doesn't exist or has been deleted.");
  ASSERT_TRUE(Eventually([&] { return GetStatus().access().account_dead() == 2; }));
  FakeWorker other(ingest());
  EXPECT_EQ(other.Claim(second).refused().reason(), v1::Refused::REASON_LATER);
  EXPECT_TRUE(GetStatus().idle());
}

TEST_F(AccessTest, RetryAsksAgainAtOnceAndItHeals) {
  Backfill("2025-12-01", "2026-02-28");
  {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(PopScout()).has_granted());
    worker.Fail(v1::FAILURE_CLASS_PERMISSION, 40300, "gone");
  }
  ASSERT_TRUE(Eventually([&] { return GetStatus().access().account_dead() == 2; }));
  v1::RetryResponse response;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Retry, v1::RetryRequest(), &response).ok());
  EXPECT_EQ(response.blocks(), 2u);
  EXPECT_EQ(response.chunks(), 0u);
  const ChunkId scout = PopScout();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(scout).has_granted());
  worker.SendDays({worker.plan().window().substr(0, 10)});
  EXPECT_TRUE(Eventually([&] { return StateOf(kReports) == "open"; }));
  EXPECT_GT(PopHint(), 0);
  EXPECT_GT(PopHint(), 0);
}

}  // namespace
}  // namespace tikhaul
