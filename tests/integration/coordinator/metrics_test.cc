// What goes wrong around a chunk is counted, each thing once.
#include <httplib.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/coordinator/coordinator_fixture.h"

namespace tikhaul {
namespace {

class MetricsTest : public CoordinatorTest {
 protected:
  // -1 when the series is not there.
  double Figure(const std::string& series) const {
    const httplib::Result answer = httplib::Client("127.0.0.1", coordinator_->http_port()).Get("/metrics");
    const std::string line = absl::StrCat("\n", series, " ");
    const size_t at = answer ? answer->body.find(line) : std::string::npos;
    return at == std::string::npos ? -1 : std::stod(answer->body.substr(at + line.size()));
  }
  testing::AssertionResult Becomes(const std::string& series, double value) const {
    if (Eventually([&] { return Figure(series) == value; })) return testing::AssertionSuccess();
    return testing::AssertionFailure() << series << " stays " << Figure(series);
  }
  ChunkId BackfillOneChunk() {
    Backfill("2026-02-01", "2026-02-28");
    return PopHint();
  }
};

TEST_F(MetricsTest, ALostLeaseAndItsRedelivery) {
  const ChunkId chunk = BackfillOneChunk();
  {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(chunk).has_granted());
    EXPECT_TRUE(Becomes("tikhaul_streams", 1));
    FakeWorker late(ingest(), "late");
    ASSERT_TRUE(late.Claim(chunk).has_refused());
    worker.SendProgress(1, 1);
    worker.Break();
  }
  EXPECT_TRUE(Becomes("tikhaul_streams_lost_total{cause=\"broken\"}", 1));
  EXPECT_TRUE(Becomes("tikhaul_hints_pushed_total{reason=\"returned\"}", 1));
  EXPECT_TRUE(Becomes("tikhaul_streams", 0));
  EXPECT_EQ(Figure("tikhaul_claims_total{answer=\"granted\"}"), 1);
  EXPECT_EQ(Figure("tikhaul_claims_total{answer=\"owned\"}"), 1);
  EXPECT_EQ(Figure("tikhaul_chunks_returned_total{class=\"crash\"}"), 1);
  EXPECT_EQ(Figure("tikhaul_hints_pushed_total{reason=\"first\"}"), 1);
  EXPECT_EQ(Figure("tikhaul_hints_pushed_total{reason=\"unclaimed\"}"), 0);
  EXPECT_EQ(Figure("tikhaul_stale_epoch_rejects_total"), 0);
}

TEST_F(MetricsTest, AZombie) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  ASSERT_TRUE(worker.SendDays({"2026-02-01"}));
  ASSERT_TRUE(worker.Receive().has_credit());
  v1::CancelRequest request;
  request.set_run_id(OnlyRun().id());
  v1::CancelResponse response;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Cancel, request, &response).ok());
  EXPECT_FALSE(worker.Finish().has_committed());
  EXPECT_TRUE(Becomes("tikhaul_stale_epoch_rejects_total", 1));
  EXPECT_EQ(Figure("tikhaul_rows_received_total{extract=\"ads_daily\"}"), 1);
  EXPECT_EQ(Figure("tikhaul_rows_committed_total{extract=\"ads_daily\"}"), 0);
  EXPECT_TRUE(Becomes("tikhaul_chunks{extract=\"ads_daily\",state=\"cancelled\"}", 1));
}

TEST_F(MetricsTest, TotalsThatMoved) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  ASSERT_TRUE(worker.SendDays({"2026-02-01", "2026-02-02"}));
  EXPECT_FALSE(worker.Finish(3).has_committed());
  EXPECT_TRUE(Becomes("tikhaul_commit_failures_total{reason=\"moved\"}", 1));
  EXPECT_TRUE(Becomes("tikhaul_drift_total{extract=\"ads_daily\",kind=\"moved\"}", 1));
  EXPECT_EQ(Figure("tikhaul_commit_failures_total{reason=\"store\"}"), 0);
}

TEST_F(MetricsTest, APublication) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  ASSERT_TRUE(worker.SendDays({"2026-02-01", "2026-02-02"}));
  v1::ExtractRequest request;
  v1::Finish& finish = *request.mutable_finish();
  finish.set_last_sequence(1);
  finish.set_rows(2);
  finish.set_promised_rows(2);
  (*finish.mutable_unknown_fields())["shiny"] = 2;
  ASSERT_TRUE(worker.Send(request));
  EXPECT_TRUE(Becomes("tikhaul_chunks_committed_total{extract=\"ads_daily\"}", 1));
  EXPECT_EQ(Figure("tikhaul_row_changes_total{change=\"inserted\",extract=\"ads_daily\"}"), 2);
  EXPECT_EQ(Figure("tikhaul_drift_total{extract=\"ads_daily\",kind=\"unknown_field\"}"), 2);
  EXPECT_EQ(Figure("tikhaul_commit_seconds_count"), 1);
}

TEST_F(MetricsTest, AFaultOfRedisIsShownAndSoIsItsEnd) {
  EXPECT_TRUE(Becomes("tikhaul_quota_open", 1));
  EXPECT_TRUE(Becomes("tikhaul_faults{subject=\"redis\"}", 0));
  redis_.Stop();
  EXPECT_TRUE(Becomes("tikhaul_faults{subject=\"redis\"}", 1));
  EXPECT_TRUE(Becomes("tikhaul_quota_open", 0));
  const httplib::Result health = httplib::Client("127.0.0.1", coordinator_->http_port()).Get("/healthz");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->status, 200) << "no reason to restart this process";
  redis_.Start();
  EXPECT_TRUE(Becomes("tikhaul_faults{subject=\"redis\"}", 0));
}

}  // namespace
}  // namespace tikhaul
