// What becomes of a chunk that is refused, lost, failed or given back.
#include "tests/integration/coordinator/coordinator_fixture.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ChunkFateTest : public CoordinatorTest {
 protected:
  ChunkId BackfillOneChunk() {
    Backfill("2026-02-01", "2026-02-04");
    return PopHint();
  }
  v1::Refused::Reason RefusalOf(ChunkId chunk) {
    FakeWorker worker(ingest(), "second");
    const v1::ExtractResponse answer = worker.Claim(chunk);
    EXPECT_TRUE(answer.has_refused()) << answer.DebugString();
    return answer.refused().reason();
  }
};

TEST_F(ChunkFateTest, AChunkThatDoesNotExistIsGone) { EXPECT_EQ(RefusalOf(4711), v1::Refused::REASON_GONE); }

TEST_F(ChunkFateTest, AChunkHasOneOwner) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  EXPECT_EQ(RefusalOf(chunk), v1::Refused::REASON_OWNED);
}

TEST_F(ChunkFateTest, AFinishedChunkIsGone) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  ASSERT_TRUE(worker.Finish().has_committed());
  EXPECT_EQ(RefusalOf(chunk), v1::Refused::REASON_GONE);
}

TEST_F(ChunkFateTest, ClaimsOfAnotherProtocolAreRefused) {
  FakeWorker worker(ingest());
  v1::ExtractRequest request;
  request.mutable_claim()->set_chunk_id(BackfillOneChunk());
  worker.Send(request);
  EXPECT_EQ(worker.Receive().refused().reason(), v1::Refused::REASON_VERSION);
  grpc::ClientContext context;
  v1::HelloResponse response;
  EXPECT_EQ(ingest().Hello(&context, v1::HelloRequest(), &response).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(ChunkFateTest, AStreamThatDoesNotBeginWithAClaimIsRefused) {
  FakeWorker worker(ingest());
  worker.SendProgress(1, 1);
  EXPECT_EQ(worker.End().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ChunkFateTest, ALostStreamWithoutWorkIsNobodysFault) {
  const ChunkId chunk = BackfillOneChunk();
  {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(chunk).has_granted());
  }
  EXPECT_TRUE(ChunkBecomes(chunk, "state", "ready"));
  EXPECT_EQ(ChunkRow(chunk)["crash_attempts"], "0");
  EXPECT_EQ(PopHint(), chunk) << "it goes again at once";
}

// A page that kills at once leaves its worker no time to tell of it.
TEST_F(ChunkFateTest, StreamsThatAreLostWithoutWorkAgainAndAgainCountAtLast) {
  const ChunkId chunk = BackfillOneChunk();
  for (int grant = 1; grant <= 5; ++grant) {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(chunk).has_granted()) << grant;
    worker.Break();
    ASSERT_TRUE(ChunkBecomes(chunk, "state", "ready"));
    EXPECT_EQ(ChunkRow(chunk)["crash_attempts"], std::to_string(std::max(0, grant - 3)));
  }
  EXPECT_EQ(RefusalOf(chunk), v1::Refused::REASON_LATER) << "after the second crash it waits";
}

TEST_F(ChunkFateTest, ALostStreamWithWorkCountsAsACrash) {
  const ChunkId chunk = BackfillOneChunk();
  for (int crash = 1; crash <= 2; ++crash) {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(chunk).has_granted());
    worker.SendProgress(1, 4);
    worker.SendDays({"2026-02-01"});
    ASSERT_TRUE(worker.Receive().has_credit());
    worker.Break();
    ASSERT_TRUE(ChunkBecomes(chunk, "crash_attempts", std::to_string(crash)));
  }
  EXPECT_EQ(ChunkRow(chunk)["calls"], "8") << "calls of lost attempts are spent";
  EXPECT_EQ(ChunkRow(chunk)["state"], "ready");
  EXPECT_EQ(RefusalOf(chunk), v1::Refused::REASON_LATER) << "after the second crash it waits";
  EXPECT_EQ(Query("SELECT count(*) FROM ads_daily")[0][0], "0");
}

TEST_F(ChunkFateTest, AReleasedChunkGoesAgainWithoutBlame) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.SendDays({"2026-02-01"});
  EXPECT_TRUE(worker.Release().has_revoked());
  EXPECT_TRUE(ChunkBecomes(chunk, "state", "ready"));
  const auto row = ChunkRow(chunk);
  EXPECT_EQ(row.at("crash_attempts") + row.at("transient_attempts") + row.at("drift_attempts"), "000");
  EXPECT_EQ(row.at("last_failure"), "NULL");
  EXPECT_EQ(PopHint(), chunk);
}

TEST_F(ChunkFateTest, TransientFailuresCountAndWait) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.Fail(v1::FAILURE_CLASS_TRANSIENT, 50000, "service error");
  EXPECT_TRUE(ChunkBecomes(chunk, "transient_attempts", "1"));
  EXPECT_EQ(ChunkRow(chunk)["last_error"], "service error");
  EXPECT_EQ(PopHint(), chunk) << "after its wait of a second or so";
}

TEST_F(ChunkFateTest, ThrottlingDoesNotCount) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.Fail(v1::FAILURE_CLASS_THROTTLED, 40100, "too many requests");
  EXPECT_TRUE(ChunkBecomes(chunk, "last_failure", "throttled"));
  EXPECT_EQ(ChunkRow(chunk)["transient_attempts"], "0");
  EXPECT_EQ(ChunkRow(chunk)["calls"], "3");
  EXPECT_EQ(RefusalOf(chunk), v1::Refused::REASON_LATER);
}

TEST_F(ChunkFateTest, ABadTokenPausesTheConnection) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.Fail(v1::FAILURE_CLASS_AUTH, 40105, "Access token is incorrect");
  ASSERT_TRUE(Eventually([&] { return GetStatus().pauses_size() == 1; }));
  const v1::Status status = GetStatus();
  EXPECT_EQ(status.pauses(0).scope(), "connection");
  EXPECT_EQ(status.pauses(0).name(), "main");
  EXPECT_THAT(status.pauses(0).reason(), HasSubstr("Access token is incorrect"));
  EXPECT_THAT(status.pauses(0).mend(), HasSubstr("token file"));
  EXPECT_EQ(RefusalOf(chunk), v1::Refused::REASON_PAUSED);
  EXPECT_EQ(ChunkRow(chunk)["transient_attempts"], "0");
  EXPECT_TRUE(status.idle()) << "nothing can run";
}

TEST_F(ChunkFateTest, APermissionProblemBlocksThatAdvertiserAndEndpointOnly) {
  Backfill("2026-01-01", "2026-02-28");  // two chunks
  const ChunkId first = PopHint(), second = PopHint();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(first).has_granted());
  worker.Fail(v1::FAILURE_CLASS_PERMISSION, 40001, "no permission");
  ASSERT_TRUE(Eventually([&] { return GetStatus().blocks_size() == 1; }));
  EXPECT_EQ(GetStatus().blocks(0).advertiser(), kAdvertiser);
  EXPECT_EQ(GetStatus().blocks(0).endpoint(), kReports);
  EXPECT_EQ(GetStatus().blocks(0).reason(), "no permission");
  EXPECT_EQ(RefusalOf(second), v1::Refused::REASON_LATER) << "the others are postponed, too";
  EXPECT_TRUE(GetStatus().idle());
  EXPECT_EQ(GetStatus().dead_letters(), 0u);
}

TEST_F(ChunkFateTest, ARefusedRequestIsADeadLetterWithItsExchange) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.Fail(v1::FAILURE_CLASS_PERMANENT, 40002, "metrics: unknown");
  ASSERT_TRUE(ChunkBecomes(chunk, "state", "dead"));
  EXPECT_EQ(OnlyRun().state(), "partial");
  v1::ListDeadLettersResponse letters;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::ListDeadLetters, v1::ListDeadLettersRequest(), &letters).ok());
  ASSERT_EQ(letters.dead_letters_size(), 1);
  const v1::DeadLetter& letter = letters.dead_letters(0);
  EXPECT_EQ(letter.chunk_id(), chunk);
  EXPECT_EQ(letter.reason(), "permanent");
  EXPECT_EQ(letter.code(), 40002);
  EXPECT_EQ(letter.message(), "metrics: unknown");
  EXPECT_EQ(letter.request_id(), "request-9");
  EXPECT_THAT(letter.exchange(), HasSubstr("report/integrated/get"));
  EXPECT_EQ(letter.window(), "2026-02-01..2026-02-04");
  EXPECT_EQ(RefusalOf(chunk), v1::Refused::REASON_GONE);
}

TEST_F(ChunkFateTest, ADeadLetterIsRetriedWhenTheOperatorSaysSo) {
  const ChunkId chunk = BackfillOneChunk();
  {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(chunk).has_granted());
    worker.Fail(v1::FAILURE_CLASS_PERMANENT, 40002);
    ASSERT_TRUE(ChunkBecomes(chunk, "state", "dead"));
  }
  v1::RetryRequest other;
  other.set_reason("crash");
  v1::RetryResponse response;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Retry, other, &response).ok());
  EXPECT_EQ(response.chunks(), 0u);
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Retry, v1::RetryRequest(), &response).ok());
  EXPECT_EQ(response.chunks(), 1u);
  EXPECT_EQ(GetStatus().dead_letters(), 0u);
  EXPECT_EQ(OnlyRun().state(), "running");
  ASSERT_EQ(PopHint(), chunk);
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  ASSERT_TRUE(worker.Finish().has_committed());
  EXPECT_EQ(OnlyRun().state(), "done");
}

TEST_F(ChunkFateTest, TooBigIsSplitByDaysAndBothHalvesRun) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.Fail(v1::FAILURE_CLASS_TOO_BIG, 40200, "time-out");
  ASSERT_TRUE(ChunkBecomes(chunk, "state", "split"));
  const ChunkId newer = PopHint(), older = PopHint();
  EXPECT_EQ(ChunkRow(newer)["first_day"] + ".." + ChunkRow(newer)["last_day"], "2026-02-03..2026-02-04");
  EXPECT_EQ(ChunkRow(older)["first_day"] + ".." + ChunkRow(older)["last_day"], "2026-02-01..2026-02-02");
  for (const ChunkId half : {newer, older}) {
    FakeWorker again(ingest());
    ASSERT_TRUE(again.Claim(half).has_granted());
    ASSERT_TRUE(again.Finish().has_committed());
  }
  EXPECT_EQ(OnlyRun().state(), "done");
  EXPECT_THAT(Query("SELECT first_day, last_day FROM tikhaul_coverage"),
              ElementsAre(ElementsAre("2026-02-01", "2026-02-04")));
}

TEST_F(ChunkFateTest, CancelEndsTheStreamAndZombiesLandNothing) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.SendDays({"2026-02-01"});
  ASSERT_TRUE(worker.Receive().has_credit());
  v1::CancelRequest request;
  request.set_run_id(OnlyRun().id());
  v1::CancelResponse response;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Cancel, request, &response).ok());
  EXPECT_EQ(response.run().state(), "cancelled");
  const v1::ExtractResponse end = worker.Finish();
  EXPECT_FALSE(end.has_committed());
  EXPECT_EQ(ChunkRow(chunk)["state"], "cancelled");
  EXPECT_EQ(Query("SELECT count(*) FROM ads_daily")[0][0], "0");
  EXPECT_THAT(PopHints(absl::Milliseconds(500)), IsEmpty());
}

TEST_F(ChunkFateTest, APauseLetsARunningChunkEnd) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.SendProgress(1, 1);
  worker.SendDays({"2026-02-01"});
  ASSERT_TRUE(worker.Receive().has_credit());
  Pause("run", OnlyRun().id());
  EXPECT_TRUE(worker.Finish().has_committed());
}

TEST_F(ChunkFateTest, APausedChunkIsNotGrantedUntilItIsResumed) {
  const ChunkId chunk = BackfillOneChunk();
  Pause("run", OnlyRun().id());
  EXPECT_EQ(RefusalOf(chunk), v1::Refused::REASON_PAUSED);
  Resume("run", OnlyRun().id());
  FakeWorker worker(ingest());
  EXPECT_TRUE(worker.Claim(chunk).has_granted());
}

TEST_F(ChunkFateTest, AStoppingCoordinatorTakesChunksBackWithoutBlame) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.SendProgress(3, 3);
  worker.SendDays({"2026-02-01"});
  ASSERT_TRUE(worker.Receive().has_credit());
  const SystemClock clock;
  const absl::Duration start = clock.Monotonic();
  StopCoordinator();
  EXPECT_LT(clock.Monotonic() - start, absl::Seconds(8));
  EXPECT_EQ(ChunkRow(chunk)["state"], "ready");
  EXPECT_EQ(ChunkRow(chunk)["crash_attempts"], "0");
  EXPECT_FALSE(worker.Finish().has_committed());
}

TEST_F(ChunkFateTest, FailureTextsAreKeptWithoutSecrets) {
  const ChunkId chunk = BackfillOneChunk();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  worker.Fail(v1::FAILURE_CLASS_PERMANENT, 40002, "sent Access-Token: 0123456789abcdef to them");
  ASSERT_TRUE(ChunkBecomes(chunk, "state", "dead"));
  EXPECT_THAT(Query("SELECT message FROM tikhaul_dead_letter WHERE message LIKE '%0123456789abcdef%'"), IsEmpty());
}

}  // namespace
}  // namespace tikhaul
