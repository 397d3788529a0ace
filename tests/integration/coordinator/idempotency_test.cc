// Idempotency keys: the same call again acts once, also after a restart.
#include "tests/integration/coordinator/coordinator_fixture.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

class IdempotencyTest : public CoordinatorTest {
 protected:
  template <typename Request, typename Response>
  Response Answer(grpc::Status (v1::Admin::Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request) {
    Response response;
    const grpc::Status status = Ask(call, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  // A backfill that would be another run each time, but for the key.
  static v1::BackfillRequest BackfillAgain(const std::string& key) {
    v1::BackfillRequest request;
    request.add_extracts("ads_daily");
    request.mutable_range()->set_first_day("2026-02-01");
    request.mutable_range()->set_last_day("2026-02-10");
    request.set_again_key(key);
    request.set_idempotency_key(key);
    return request;
  }
  std::string Count(const std::string& table) { return Query("SELECT count(*) FROM " + table)[0][0]; }
};

TEST_F(IdempotencyTest, TheSameBackfillIsAnsweredTheSameAlsoAfterARestart) {
  const v1::BackfillRequest request = BackfillAgain("monday 1");
  const v1::BackfillResponse first = Answer(&v1::Admin::Stub::Backfill, request);
  ASSERT_EQ(first.runs_size(), 1);
  EXPECT_FALSE(first.runs(0).existed());
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(PopHint()).has_granted());
  ASSERT_TRUE(worker.Finish().has_committed());
  for (int i = 0; i < 2; ++i) {
    const v1::BackfillResponse again = Answer(&v1::Admin::Stub::Backfill, request);
    EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString()) << "as it was then, not as it is now";
    StopCoordinator();
    StartCoordinator();
  }
  EXPECT_EQ(Count("tikhaul_run"), "1");
  EXPECT_EQ(Count("tikhaul_answer"), "1");
}

TEST_F(IdempotencyTest, TheKeyOfAnotherRequestIsRefusedWithItsName) {
  Answer(&v1::Admin::Stub::Backfill, BackfillAgain("k"));
  v1::BackfillRequest other = BackfillAgain("k");
  other.mutable_range()->set_last_day("2026-02-11");
  v1::BackfillResponse backfilled;
  grpc::Status status = Ask(&v1::Admin::Stub::Backfill, other, &backfilled);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_THAT(status.error_message(), HasSubstr("idempotency_key \"k\""));
  EXPECT_THAT(status.error_message(), HasSubstr("BackfillRequest"));
  v1::PauseRequest pause;
  pause.set_scope("all");
  pause.set_idempotency_key("k");
  v1::PauseResponse paused;
  EXPECT_EQ(Ask(&v1::Admin::Stub::Pause, pause, &paused).error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(GetStatus().pauses_size(), 0);
  EXPECT_EQ(Count("tikhaul_run"), "1");
}

TEST_F(IdempotencyTest, KeysAreAtMost128PrintableCharacters) {
  v1::SyncRequest request;
  v1::SyncResponse response;
  for (const std::string& key : {std::string(129, 'x'), std::string("a\nb"), std::string("\xc3\xa4")}) {
    request.set_idempotency_key(key);
    EXPECT_EQ(Ask(&v1::Admin::Stub::Sync, request, &response).error_code(), grpc::StatusCode::INVALID_ARGUMENT) << key;
  }
  request.set_idempotency_key(std::string(128, '~'));
  EXPECT_TRUE(Ask(&v1::Admin::Stub::Sync, request, &response).ok());
}

TEST_F(IdempotencyTest, WhatFailedUsesNoKeyUp) {
  v1::BackfillRequest request = BackfillAgain("k");
  request.set_extracts(0, "ads_dayly");
  v1::BackfillResponse response;
  EXPECT_EQ(Ask(&v1::Admin::Stub::Backfill, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Answer(&v1::Admin::Stub::Backfill, BackfillAgain("k")).runs_size(), 1);
}

TEST_F(IdempotencyTest, APauseIsNotMadeAnewByALateRepetition) {
  v1::PauseRequest pause;
  pause.set_scope("extract");
  pause.set_name("ads_daily");
  pause.set_idempotency_key("pause 1");
  Answer(&v1::Admin::Stub::Pause, pause);
  v1::ResumeRequest resume;
  resume.set_scope("extract");
  resume.set_name("ads_daily");
  resume.set_idempotency_key("resume 1");
  Answer(&v1::Admin::Stub::Resume, resume);
  Answer(&v1::Admin::Stub::Pause, pause);
  EXPECT_EQ(GetStatus().pauses_size(), 0);
  pause.set_idempotency_key("pause 2");
  Answer(&v1::Admin::Stub::Pause, pause);
  Answer(&v1::Admin::Stub::Resume, resume);
  EXPECT_EQ(GetStatus().pauses_size(), 1);
}

TEST_F(IdempotencyTest, CancelAndRetryAndSyncGiveTheirFirstAnswers) {
  v1::CancelRequest cancel;
  cancel.set_run_id(Answer(&v1::Admin::Stub::Backfill, BackfillAgain("b")).runs(0).id());
  cancel.set_idempotency_key("c");
  const v1::CancelResponse cancelled = Answer(&v1::Admin::Stub::Cancel, cancel);
  EXPECT_EQ(cancelled.run().state(), "cancelled");
  EXPECT_EQ(Answer(&v1::Admin::Stub::Cancel, cancel).SerializeAsString(), cancelled.SerializeAsString());

  v1::SyncRequest sync;
  sync.set_idempotency_key("s");
  const v1::SyncResponse synced = Answer(&v1::Admin::Stub::Sync, sync);
  EXPECT_GT(synced.notes_size(), 0);
  EXPECT_EQ(Answer(&v1::Admin::Stub::Sync, sync).SerializeAsString(), synced.SerializeAsString());

  Answer(&v1::Admin::Stub::Backfill, BackfillAgain("b2"));
  ChunkId chunk = PopHint();
  while (ChunkRow(chunk)["state"] == "cancelled")
    chunk = PopHint();  // of the run before, hinted before it was cancelled
  const auto die = [&] {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(chunk).has_granted());
    worker.Fail(v1::FAILURE_CLASS_PERMANENT, 40002);
    ASSERT_TRUE(ChunkBecomes(chunk, "state", "dead"));
  };
  die();
  v1::RetryRequest retry;
  retry.set_reason("permanent");
  retry.set_idempotency_key("r");
  EXPECT_EQ(Answer(&v1::Admin::Stub::Retry, retry).chunks(), 1u);
  die();
  EXPECT_EQ(Answer(&v1::Admin::Stub::Retry, retry).chunks(), 1u) << "the first answer";
  EXPECT_EQ(ChunkRow(chunk)["state"], "dead") << "but nothing was tried again";
}

TEST_F(IdempotencyTest, OldAnswersAreForgotten) {
  v1::SyncRequest request;
  request.set_idempotency_key("old");
  Answer(&v1::Admin::Stub::Sync, request);
  StopCoordinator();
  ChangeFile(store_path(), "UPDATE tikhaul_answer SET kept_at = '2020-01-01T00:00:00Z'");
  StartCoordinator();
  request.set_idempotency_key("new");
  Answer(&v1::Admin::Stub::Sync, request);
  EXPECT_EQ(Query("SELECT idempotency_key FROM tikhaul_answer")[0][0], "new");
}

}  // namespace
}  // namespace tikhaul
