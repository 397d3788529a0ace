// A backfill of all six extracts: every row once, every row right, and proof of it.
#include <gmock/gmock.h>

#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(BackfillTest, AllSixExtractsEqualTheTruthAndTheSecondTimeNothingIsDone) {
  const std::vector<Wanted> wanted = SixExtracts();
  TestCluster cluster({.extracts = YamlOf(wanted), .workers = 2});
  cluster.Start();
  const v1::BackfillResponse first = cluster.Backfill();
  ASSERT_EQ(first.runs_size(), 6);
  const v1::Status status = cluster.WaitIdle();
  for (const v1::Run& run : status.runs()) EXPECT_EQ(run.state(), "done") << run.DebugString();
  EXPECT_EQ(status.dead_letters(), 0u);
  EXPECT_THAT(status.drift(), IsEmpty()) << status.DebugString();
  EXPECT_THAT(status.faults(), IsEmpty());
  ExpectEqualsTruth(cluster, wanted);

  // Proof: what was promised came, once each, and every chunk has its entry.
  EXPECT_THAT(cluster.Query("SELECT chunk, promised_rows, rows, distinct_keys FROM tikhaul_ledger "
                            "WHERE promised_rows <> rows OR rows <> distinct_keys"),
              IsEmpty());
  EXPECT_THAT(cluster.Query("SELECT id FROM tikhaul_chunk WHERE state <> 'done'"), IsEmpty());
  EXPECT_THAT(cluster.Query("SELECT id FROM tikhaul_chunk WHERE id NOT IN (SELECT chunk FROM tikhaul_ledger)"),
              IsEmpty());
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE request_ids = '' OR request_ids = '[]'"), 0);
  for (const v1::Run& run : status.runs()) {
    if (run.extract() != "ads_daily") continue;
    EXPECT_EQ(run.rows(), static_cast<uint64_t>(cluster.QueryInt("SELECT count(*) FROM ads_daily")));
  }

  // Cursors: read through today, complete until the newest day that is not provisional, without holes.
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_cursor WHERE extract = 'ads_daily'"), 3);
  EXPECT_THAT(cluster.Query("SELECT DISTINCT through_day FROM tikhaul_cursor"), ElementsAre(ElementsAre("2026-06-15")));
  EXPECT_THAT(cluster.Query("SELECT extract, advertiser, cursor_day FROM tikhaul_cursor "
                            "WHERE cursor_day NOT BETWEEN '2026-06-12' AND '2026-06-14'"),
              IsEmpty());
  EXPECT_THAT(cluster.Query("SELECT advertiser FROM tikhaul_coverage GROUP BY extract, advertiser HAVING count(*) > 1"),
              IsEmpty());

  // Again: the same runs, no calls.
  const int64_t calls = cluster.Stat("allowed");
  const v1::BackfillResponse second = cluster.Backfill();
  ASSERT_EQ(second.runs_size(), 6);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(second.runs(i).id(), first.runs(i).id());
    EXPECT_TRUE(second.runs(i).existed());
    EXPECT_EQ(second.runs(i).state(), "done");
  }
  EXPECT_TRUE(cluster.WaitIdle().idle());
  EXPECT_EQ(cluster.Stat("allowed"), calls);
  EXPECT_EQ(cluster.Stat("refused"), 0);
}

TEST(BackfillTest, TheQuotaIsKeptToTheCallAndUsed) {
  const std::vector<Wanted> wanted = {HoursOf(40)};
  TestCluster cluster(
      {.extracts = YamlOf(wanted), .per_second = 20, .per_minute = 1200, .latency_ms = 50, .workers = 2});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_EQ(cluster.Stat("refused"), 0);
  EXPECT_LE(cluster.Stat("most_arrived_per_second"), 20);
  EXPECT_GE(cluster.Stat("most_arrived_per_second"), 19) << "what is allowed should be used";
  ExpectEqualsTruth(cluster, wanted);
}

}  // namespace
}  // namespace tikhaul
