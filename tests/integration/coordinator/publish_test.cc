// From claim to committed rows, and what must not be committed.
#include "tests/integration/coordinator/coordinator_fixture.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PublishTest : public CoordinatorTest {
 protected:
  ChunkId BackfillOneChunk() {
    Backfill("2026-02-01", "2026-02-03");
    return PopHint();
  }
};

TEST_F(PublishTest, TheGrantSaysWhatToReadInFull) {
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(BackfillOneChunk()).has_granted());
  const v1::ReadPlan& plan = worker.plan();
  EXPECT_EQ(plan.connection(), "main");
  EXPECT_EQ(plan.advertiser_id(), kAdvertiser);
  EXPECT_EQ(plan.window(), "2026-02-01..2026-02-03");
  ASSERT_EQ(plan.columns_size(), 4);
  EXPECT_EQ(plan.columns(0).name(), "stat_time_day");
  EXPECT_EQ(worker.epoch(), 1u);
  EXPECT_GT(worker.credit(), 0);
}

TEST_F(PublishTest, RowsLedgerCursorAndChunkAppearTogether) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.SendDays({"2026-02-01", "2026-02-02"});
  worker.SendDays({"2026-02-03"});
  EXPECT_EQ(Query("SELECT count(*) FROM ads_daily")[0][0], "0") << "nothing is visible before the end";
  const v1::ExtractResponse end = worker.Finish();
  ASSERT_TRUE(end.has_committed()) << end.DebugString();
  EXPECT_EQ(end.committed().rows(), 3u);
  EXPECT_THAT(
      Query("SELECT advertiser_id, stat_time_day, ad_id, spend, clicks, _currency, _timezone, _finality FROM ads_daily "
            "ORDER BY stat_time_day LIMIT 1"),
      ElementsAre(ElementsAre(kAdvertiser, "2026-02-01", "1234567890123456789", "1.25", "7", "USD", "UTC", "final")));
  EXPECT_THAT(Query("SELECT promised_rows, rows, distinct_keys, inserted, calls, worker FROM tikhaul_ledger"),
              ElementsAre(ElementsAre("3", "3", "3", "3", "2", "fake")));
  EXPECT_THAT(Query("SELECT first_day, through_day, cursor_day FROM tikhaul_cursor"),
              ElementsAre(ElementsAre("2026-02-01", "2026-02-03", "2026-02-03")));
  EXPECT_EQ(ChunkRow(chunk)["state"], "done");
  const v1::Run run = OnlyRun();
  EXPECT_EQ(run.state(), "done");
  EXPECT_EQ(run.rows(), 3u);
  EXPECT_TRUE(GetStatus().idle());
  EXPECT_TRUE(worker.End().ok());
}

TEST_F(PublishTest, UnknownFieldsAreCountedAsDrift) {
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(BackfillOneChunk()).has_granted());
  worker.SendDays({"2026-02-01"});
  ASSERT_TRUE(worker.Finish().has_committed());
  const v1::Status status = GetStatus();
  ASSERT_EQ(status.drift_size(), 1);
  EXPECT_EQ(status.drift(0).kind(), "unknown field");
  EXPECT_EQ(status.drift(0).name(), "brand_new");
}

TEST_F(PublishTest, AnEmptyWindowIsCompleteToo) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  ASSERT_TRUE(worker.Finish().has_committed());
  EXPECT_EQ(ChunkRow(chunk)["state"], "done");
  EXPECT_THAT(Query("SELECT rows FROM tikhaul_ledger"), ElementsAre(ElementsAre("0")));
  EXPECT_THAT(Query("SELECT cursor_day FROM tikhaul_cursor"), ElementsAre(ElementsAre("2026-02-03")));
}

TEST_F(PublishTest, CreditComesBackForWhatWasSpooled) {
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(BackfillOneChunk()).has_granted());
  const int64_t before = worker.credit();
  worker.SendDays({"2026-02-01", "2026-02-02"});
  EXPECT_LT(worker.credit(), before);
  ASSERT_TRUE(worker.Receive().has_credit());
  EXPECT_EQ(worker.credit(), before);
}

TEST_F(PublishTest, FewerKeysThanPromisedIsDriftAndNothingIsWritten) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.SendDays({"2026-02-01", "2026-02-01"});  // one key twice: a page came twice
  EXPECT_TRUE(worker.Finish(2).has_revoked());
  EXPECT_TRUE(ChunkBecomes(chunk, "drift_attempts", "1"));
  EXPECT_EQ(ChunkRow(chunk)["state"], "ready");
  EXPECT_THAT(ChunkRow(chunk)["last_error"], HasSubstr("promised 2 rows"));
  EXPECT_EQ(Query("SELECT count(*) FROM ads_daily")[0][0], "0");
  EXPECT_THAT(Query("SELECT * FROM tikhaul_ledger"), IsEmpty());
}

TEST_F(PublishTest, ABatchThatIsMissingIsNoticed) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  v1::ExtractRequest request;
  request.mutable_finish()->set_last_sequence(1);
  request.mutable_finish()->set_rows(5);
  worker.Send(request);
  EXPECT_TRUE(worker.Receive().has_revoked());
  EXPECT_TRUE(ChunkBecomes(chunk, "crash_attempts", "1"));
}

TEST_F(PublishTest, ABatchOutOfOrderIsNoticed) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  v1::ExtractRequest request;
  request.mutable_batch()->set_sequence(2);
  worker.Send(request);
  EXPECT_TRUE(worker.Receive().has_revoked());
  EXPECT_TRUE(ChunkBecomes(chunk, "crash_attempts", "1"));
}

TEST_F(PublishTest, ADamagedBatchIsNoticed) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  v1::ExtractRequest request;
  request.mutable_batch()->set_sequence(1);
  request.mutable_batch()->mutable_rows()->set_rows(1000000);
  request.mutable_batch()->mutable_rows()->add_columns()->mutable_int64()->add_values(1);
  worker.Send(request);
  EXPECT_TRUE(worker.Receive().has_revoked());
  EXPECT_TRUE(ChunkBecomes(chunk, "crash_attempts", "1"));
  EXPECT_EQ(Query("SELECT count(*) FROM ads_daily")[0][0], "0");
}

TEST_F(PublishTest, TheSecondReadOfAWindowSettlesTheDifferences) {
  FakeWorker first(ingest());
  ASSERT_TRUE(first.Claim(BackfillOneChunk()).has_granted());
  first.SendDays({"2026-02-01", "2026-02-02"});
  ASSERT_TRUE(first.Finish().has_committed());
  v1::BackfillRequest again;
  again.add_extracts("ads_daily");
  again.mutable_range()->set_first_day("2026-02-01");
  again.mutable_range()->set_last_day("2026-02-03");
  again.set_again_key("second");
  v1::BackfillResponse response;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Backfill, again, &response).ok());
  EXPECT_FALSE(response.runs(0).existed());
  FakeWorker second(ingest());
  ASSERT_TRUE(second.Claim(PopHint()).has_granted());
  second.SendDays({"2026-02-02", "2026-02-03"});  // 1 February has vanished, 3 February is new
  ASSERT_TRUE(second.Finish().has_committed());
  EXPECT_THAT(Query("SELECT stat_time_day FROM ads_daily ORDER BY 1"),
              ElementsAre(ElementsAre("2026-02-02"), ElementsAre("2026-02-03")));
  EXPECT_THAT(Query("SELECT inserted, updated, removed, unchanged FROM tikhaul_ledger ORDER BY id DESC LIMIT 1"),
              ElementsAre(ElementsAre("1", "0", "1", "1")));
}

TEST_F(PublishTest, TodayIsProvisionalAndTheCursorStopsBeforeIt) {
  Backfill("2026-03-05", "2026-03-10");
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(PopHint()).has_granted());
  worker.SendDays({"2026-03-05", "2026-03-10"});
  ASSERT_TRUE(worker.Finish().has_committed());
  EXPECT_THAT(Query("SELECT stat_time_day, _finality FROM ads_daily ORDER BY 1"),
              ElementsAre(ElementsAre("2026-03-05", "settling"), ElementsAre("2026-03-10", "provisional")));
  EXPECT_THAT(Query("SELECT through_day FROM tikhaul_cursor"), ElementsAre(ElementsAre("2026-03-10")));
  const std::string cursor = Query("SELECT cursor_day FROM tikhaul_cursor")[0][0];
  EXPECT_LT(cursor, "2026-03-10");
  EXPECT_GE(cursor, "2026-03-08");
}

}  // namespace
}  // namespace tikhaul
