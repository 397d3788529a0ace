// What operators ask for, and what they are told when they ask wrongly.
#include <set>

#include "tests/integration/coordinator/coordinator_fixture.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AdminTest : public CoordinatorTest {
 protected:
  grpc::Status BackfillStatus(const v1::BackfillRequest& request) {
    v1::BackfillResponse response;
    return Ask(&v1::Admin::Stub::Backfill, request, &response);
  }
};

TEST_F(AdminTest, TheSameBackfillIsTheSameRun) {
  const v1::BackfillResponse first = Backfill("2026-02-01", "2026-02-10");
  const v1::BackfillResponse second = Backfill("2026-02-01", "2026-02-10");
  ASSERT_EQ(first.runs_size(), 1);
  ASSERT_EQ(second.runs_size(), 1);
  EXPECT_FALSE(first.runs(0).existed());
  EXPECT_TRUE(second.runs(0).existed());
  EXPECT_EQ(first.runs(0).id(), second.runs(0).id());
  EXPECT_THAT(second.notes(0), HasSubstr("under way"));
  EXPECT_EQ(Query("SELECT count(*) FROM tikhaul_chunk")[0][0], "1");
}

TEST_F(AdminTest, HistoryBeforeTheAccountIsNotPlanned) {
  const v1::BackfillResponse response = Backfill("2020-01-01", "2025-01-10");
  ASSERT_EQ(response.runs_size(), 1);
  EXPECT_EQ(response.runs(0).first_day(), "2025-01-01");
  EXPECT_EQ(Query("SELECT min(first_day) FROM tikhaul_chunk")[0][0], "2025-01-01");
}

TEST_F(AdminTest, ARangeWithoutAnythingIsDoneAtOnce) {
  const v1::BackfillResponse response = Backfill("2020-01-01", "2020-02-01");
  EXPECT_THAT(response.notes(0), HasSubstr("nothing to read"));
  EXPECT_TRUE(GetStatus().idle());
}

TEST_F(AdminTest, WrongRequestsAreRefusedWithTheReason) {
  v1::BackfillRequest request;
  request.add_extracts("ads_dayly");
  grpc::Status status = BackfillStatus(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("ads_daily"));

  request.set_extracts(0, "ads_daily");
  request.mutable_range()->set_first_day("2026-02-30");
  EXPECT_EQ(BackfillStatus(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  request.mutable_range()->set_first_day("2026-02-10");
  request.mutable_range()->set_last_day("2026-02-01");
  status = BackfillStatus(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("2026-02-10"));

  request.clear_range();
  request.add_advertisers("7001000000000000999");
  status = BackfillStatus(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("7001000000000000999"));
}

TEST_F(AdminTest, ScopesOfPausesAreChecked) {
  const auto pause = [&](const std::string& scope, const std::string& name) {
    v1::PauseRequest request;
    request.set_scope(scope);
    request.set_name(name);
    v1::PauseResponse response;
    return Ask(&v1::Admin::Stub::Pause, request, &response).error_code();
  };
  EXPECT_EQ(pause("galaxy", "x"), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(pause("all", "x"), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(pause("extract", "x"), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(pause("connection", "x"), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(pause("run", "x"), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(pause("advertiser", "x"), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(pause("advertiser", kAdvertiser), grpc::StatusCode::OK);
}

TEST_F(AdminTest, OneAdvertiserIsHeldBackAndGoesOn) {
  Pause("advertiser", kAdvertiser);
  Backfill("2026-02-01", "2026-02-10");
  EXPECT_THAT(PopHints(absl::Milliseconds(600)), testing::IsEmpty());
  const v1::Status status = GetStatus();
  ASSERT_EQ(status.pauses_size(), 1);
  EXPECT_EQ(status.pauses(0).mend(), std::string("tikhaul resume advertiser ") + kAdvertiser);
  EXPECT_TRUE(status.idle());
  Resume("advertiser", kAdvertiser);
  EXPECT_NE(PopHint(), 0);
}

TEST_F(AdminTest, AHintThatWasOutWhenItsAdvertiserWasPausedIsRefused) {
  Backfill("2026-02-01", "2026-02-10");
  const ChunkId chunk = PopHint();
  Pause("advertiser", kAdvertiser);
  FakeWorker worker(ingest());
  EXPECT_EQ(worker.Claim(chunk).refused().reason(), v1::Refused::REASON_PAUSED);
}

TEST_F(AdminTest, WhatIsPausedCanBeResumedEvenIfItIsGone) {
  Pause("advertiser", kAdvertiser);
  StopCoordinator();
  ChangeFile(store_path(), "UPDATE tikhaul_pause SET name = 'gone'");
  StartCoordinator();
  Resume("advertiser", "gone");
  EXPECT_EQ(GetStatus().pauses_size(), 0);
}

TEST_F(AdminTest, RunsAreListedNewestFirstInPages) {
  Backfill("2026-02-01", "2026-02-02");
  Backfill("2026-02-03", "2026-02-04");
  Backfill("2026-02-05", "2026-02-06");
  std::set<std::string> days;
  v1::ListRunsRequest request;
  request.set_page_size(2);
  request.set_extract("ads_daily");
  request.set_kind("backfill");
  request.set_state("running");
  int pages = 0;
  do {
    v1::ListRunsResponse response;
    ASSERT_TRUE(Ask(&v1::Admin::Stub::ListRuns, request, &response).ok());
    EXPECT_LE(response.runs_size(), 2);
    for (const v1::Run& run : response.runs()) {
      EXPECT_TRUE(days.insert(run.first_day()).second) << run.first_day() << " came twice";
      EXPECT_EQ(run.chunks().ready(), 1u);
    }
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_THAT(days, testing::ElementsAre("2026-02-01", "2026-02-03", "2026-02-05"));
  EXPECT_EQ(pages, 2);
  v1::ListRunsResponse none;
  request.set_state("done");
  ASSERT_TRUE(Ask(&v1::Admin::Stub::ListRuns, request, &none).ok());
  EXPECT_EQ(none.runs_size(), 0);
}

TEST_F(AdminTest, StreamsAreGivenInPages) {
  v1::ListStreamsResponse all;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::ListStreams, v1::ListStreamsRequest(), &all).ok());
  EXPECT_EQ(all.next_page_token(), "");
  std::vector<std::string> names, together;
  for (const v1::StreamInfo& stream : all.streams()) together.push_back(stream.name());
  v1::ListStreamsRequest request;
  request.set_page_size(4);
  do {
    v1::ListStreamsResponse page;
    ASSERT_TRUE(Ask(&v1::Admin::Stub::ListStreams, request, &page).ok());
    for (const v1::StreamInfo& stream : page.streams()) names.push_back(stream.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(names, together);
  EXPECT_GT(names.size(), 4u);
}

TEST_F(AdminTest, AWatchOfRunsEndsWhenTheyHaveEnded) {
  const std::string run = Backfill("2026-02-01", "2026-02-03").runs(0).id();
  Backfill("2026-03-01", "2026-03-03");  // goes on
  v1::CancelRequest cancel;
  cancel.set_run_id(run);
  v1::WatchStatusRequest request;
  request.add_run_ids(run);
  request.set_interval_ms(100);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(15));
  const auto reader = admin().WatchStatus(&context, request);
  v1::Status status;
  ASSERT_TRUE(reader->Read(&status));
  ASSERT_EQ(status.runs_size(), 1) << "nothing but what is asked for";
  EXPECT_EQ(status.runs(0).state(), "running");
  v1::CancelResponse cancelled;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Cancel, cancel, &cancelled).ok());
  while (reader->Read(&status)) {
  }
  EXPECT_EQ(status.runs(0).state(), "cancelled");
  EXPECT_FALSE(status.idle()) << "the other run goes on";
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(AdminTest, AWatchOfUnknownRunsIsRefused) {
  v1::WatchStatusRequest request;
  request.add_run_ids("bf-nothing-0");
  grpc::ClientContext context;
  const auto reader = admin().WatchStatus(&context, request);
  v1::Status status;
  EXPECT_FALSE(reader->Read(&status));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(AdminTest, UnknownRunsCannotBeCancelled) {
  v1::CancelRequest request;
  request.set_run_id("bf-nothing-0");
  v1::CancelResponse response;
  EXPECT_EQ(Ask(&v1::Admin::Stub::Cancel, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(AdminTest, UnknownReasonsAndPageTokensAreRefused) {
  v1::RetryRequest retry;
  retry.set_reason("bad weather");
  v1::RetryResponse retried;
  EXPECT_EQ(Ask(&v1::Admin::Stub::Retry, retry, &retried).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::ListLedgerRequest ledger;
  ledger.set_page_token("-3");
  v1::ListLedgerResponse entries;
  EXPECT_EQ(Ask(&v1::Admin::Stub::ListLedger, ledger, &entries).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(AdminTest, SyncBeforeABackfillSaysWhatToDo) {
  v1::SyncResponse response;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Sync, v1::SyncRequest(), &response).ok());
  EXPECT_EQ(response.runs_size(), 0);
  ASSERT_EQ(response.notes_size(), 2);
  EXPECT_THAT(response.notes(0), HasSubstr("tikhaul backfill"));
}

TEST_F(AdminTest, APlanDoesWithoutTheApi) {
  v1::PlanRequest request;
  request.add_extracts("ads_daily");
  request.mutable_range()->set_first_day("2025-12-01");
  request.mutable_range()->set_last_day("2026-02-28");
  for (const bool without_calls : {true, false}) {
    request.set_without_calls(without_calls);
    v1::PlanResponse response;
    ASSERT_TRUE(Ask(&v1::Admin::Stub::Plan, request, &response).ok());
    EXPECT_EQ(response.chunks(), 3u);
    EXPECT_EQ(response.calls(), 3u);
    ASSERT_EQ(response.lines_size(), 1);
    EXPECT_FALSE(response.lines(0).rows_known());
    EXPECT_EQ(response.calls_spent(), 0u);
    EXPECT_EQ(response.notes_size(), without_calls ? 0 : 1) << "it says why it does not know";
  }
  EXPECT_EQ(Query("SELECT count(*) FROM tikhaul_chunk")[0][0], "0");
}

TEST_F(AdminTest, TheLedgerIsGivenInPages) {
  Backfill("2025-12-01", "2026-02-28");
  for (int i = 0; i < 3; ++i) {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(PopHint()).has_granted());
    ASSERT_TRUE(worker.Finish().has_committed());
  }
  std::vector<std::string> days;
  v1::ListLedgerRequest request;
  request.set_page_size(2);
  do {
    v1::ListLedgerResponse response;
    ASSERT_TRUE(Ask(&v1::Admin::Stub::ListLedger, request, &response).ok());
    EXPECT_LE(response.entries_size(), 2);
    for (const v1::LedgerEntry& entry : response.entries()) days.push_back(entry.first_day());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(days, testing::ElementsAre("2026-01-30", "2025-12-31", "2025-12-01"));
}

TEST_F(AdminTest, HolesShowInTheCursor) {
  Backfill("2025-12-01", "2026-02-28");
  const ChunkId newest = PopHint();
  PopHint();  // the middle one stays a hole
  const ChunkId oldest = PopHint();
  for (const ChunkId chunk : {newest, oldest}) {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(chunk).has_granted());
    ASSERT_TRUE(worker.Finish().has_committed());
  }
  v1::ListCursorsResponse response;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::ListCursors, v1::ListCursorsRequest(), &response).ok());
  ASSERT_EQ(response.cursors_size(), 1);
  EXPECT_EQ(response.cursors(0).first_day(), "2025-12-01");
  EXPECT_EQ(response.cursors(0).cursor(), "2025-12-30");
  EXPECT_THAT(response.cursors(0).holes(), testing::ElementsAre("2025-12-31..2026-01-29"));
  v1::ListCursorsRequest other;
  other.set_advertiser("7001000000000000999");
  ASSERT_TRUE(Ask(&v1::Admin::Stub::ListCursors, other, &response).ok());
  EXPECT_EQ(response.cursors_size(), 0);
}

TEST_F(AdminTest, WatchingEndsWhenNothingIsLeft) {
  Backfill("2026-02-01", "2026-02-03");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(15));
  v1::WatchStatusRequest request;
  request.set_interval_ms(100);
  request.set_until_idle(true);
  const auto reader = admin().WatchStatus(&context, request);
  v1::Status status;
  ASSERT_TRUE(reader->Read(&status));
  EXPECT_FALSE(status.idle());
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(PopHint()).has_granted());
  ASSERT_TRUE(worker.Finish().has_committed());
  while (reader->Read(&status)) {
  }
  EXPECT_TRUE(status.idle());
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(AdminTest, TheCheckNamesWhatIsMissing) {
  v1::CheckResponse response;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Check, v1::CheckRequest(), &response).ok());
  EXPECT_FALSE(response.ok()) << "there is no API";
  std::map<std::string, v1::CheckLine> lines;
  for (const v1::CheckLine& line : response.lines()) lines[line.subject()] = line;
  EXPECT_EQ(lines["store"].state(), v1::CheckLine::STATE_OK);
  EXPECT_EQ(lines["redis"].state(), v1::CheckLine::STATE_OK);
  EXPECT_EQ(lines["token main"].state(), v1::CheckLine::STATE_FAILED);
  EXPECT_THAT(lines["token main"].detail(), HasSubstr("127.0.0.1 port 1"));
  EXPECT_THAT(lines["token main"].mend(), HasSubstr("way to Redis and to the API"));
  for (const v1::CheckLine& line : response.lines()) {
    EXPECT_THAT(line.subject(), Not(HasSubstr("advertiser"))) << "nothing is known of them without the API";
  }
}

TEST_F(AdminTest, ASecondCoordinatorOnTheStoreIsRefused) {
  v1::Config config = MakeConfig();
  config.mutable_coordinator()->set_listen("unix:" + folder_.Path("other.sock"));
  const auto second = Coordinator::Start(config);
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another coordinator"));
}

TEST_F(AdminTest, AChangedShapeIsRefusedAtStart) {
  StopCoordinator();
  v1::Config config = MakeConfig();
  config.mutable_extracts(0)->set_level("campaign");
  const auto changed = Coordinator::Start(config);
  EXPECT_TRUE(absl::IsFailedPrecondition(changed.status()));
  EXPECT_THAT(std::string(changed.status().message()), HasSubstr("another `table`"));
}

}  // namespace
}  // namespace tikhaul
