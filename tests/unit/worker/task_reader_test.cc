#include "worker/task_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/worker/plans.h"
#include "worker/text_pipe.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kText[] =
    "ad_id,stat_time_day,spend,clicks,ad_name\n17,2026-01-05 00:00:00,1.50,3,x\n18,2026-01-05 00:00:00,2.50,4,y\n";

// One call at a time, answered by the test.
class OneCallSource : public PageSource {
 public:
  uint64_t Send(ApiCall call, std::function<void(ApiTransport::Result)> done) override {
    EXPECT_FALSE(done_) << "two calls at once";
    paths.push_back(call.path);
    last = std::move(call);
    done_ = std::move(done);
    return ++id_;
  }
  void Cancel(uint64_t id) override {
    if (id != id_ || !done_) return;
    ApiTransport::Result result;
    result.calls = 1;
    result.fault.failure_class = FailureClass::kReleased;
    End(std::move(result));
  }
  void Resume(uint64_t id) override { resumed.push_back(id); }
  bool IsUnderWay(uint64_t) const override { return under_way; }

  void Answer(const std::string& data) {
    ApiTransport::Result result;
    result.ok = true;
    result.calls = 1;
    result.answer.body = AnswerOf(data);
    result.answer.request_id = absl::StrCat("r", id_);
    End(std::move(result));
  }
  void AnswerText() {
    ApiTransport::Result result;
    result.ok = true;
    result.calls = 1;
    result.answer.is_text = true;
    result.answer.request_id = absl::StrCat("r", id_);
    End(std::move(result));
  }
  void AnswerFault(int code, FailureClass failure_class) {
    ApiTransport::Result result;
    result.calls = 1;
    result.fault.code = code;
    result.fault.failure_class = failure_class;
    End(std::move(result));
  }
  bool asked() const { return done_ != nullptr; }

  std::vector<std::string> paths;
  ApiCall last;
  std::vector<uint64_t> resumed;
  bool under_way = false;

 private:
  void End(ApiTransport::Result result) { std::exchange(done_, nullptr)(std::move(result)); }

  uint64_t id_ = 0;
  std::function<void(ApiTransport::Result)> done_;
};

class TaskReaderTest : public ::testing::Test {
 protected:
  TaskReaderTest() {
    plan_ = ReportPlan();
    plan_.set_advertiser_id("7001");
    plan_.mutable_task()->set_create_path("report/task/create/");
    plan_.mutable_task()->set_check_path("report/task/check/");
    plan_.mutable_task()->set_download_path("report/task/download/");
    plan_.mutable_task()->set_create_body(R"({"report_type":"BASIC"})");
    reader_ = std::make_unique<TaskReader>(plan_, Secret("the-token"), *CsvDecoder::Make(plan_), source_, budget_,
                                           inbox_, clock_, TaskPolicy{});
  }

  std::optional<ApiFault> Accept() {
    std::optional<ApiFault> fault;
    for (ArrivedPage& page : inbox_.Wait(absl::ZeroDuration()).pages)
      fault = reader_->Accept(std::move(page), &batches_);
    return fault;
  }
  std::optional<ApiFault> Advance() { return reader_->Advance(&batches_); }
  void Create() {
    ASSERT_FALSE(Advance().has_value());
    source_.Answer(R"({"task_id":"t1"})");
    ASSERT_FALSE(Accept().has_value());
  }
  // Lets the next look happen and answers it.
  std::optional<ApiFault> Look(const std::string& data) {
    clock_.Advance(reader_->NextAdvance());
    EXPECT_FALSE(Advance().has_value());
    EXPECT_EQ(source_.paths.back(), "report/task/check/");
    source_.Answer(data);
    return Accept();
  }
  void Succeed() {
    ASSERT_FALSE(Look(R"({"status":"SUCCESS"})").has_value());
    ASSERT_FALSE(Advance().has_value());
    ASSERT_EQ(source_.paths.back(), "report/task/download/");
  }
  bool Give(absl::string_view piece) { return source_.last.text_sink->Take(piece); }
  uint64_t Rows() const {
    uint64_t rows = 0;
    for (const ReadyBatch& batch : batches_) rows += batch.rows.rows;
    return rows;
  }

  v1::ReadPlan plan_;
  OneCallSource source_;
  MemoryBudget budget_{100 << 20};
  ChunkInbox inbox_;
  ManualClock clock_;
  std::deque<ReadyBatch> batches_;
  std::unique_ptr<TaskReader> reader_;
};

TEST_F(TaskReaderTest, MakesATaskLooksAtItAndReadsItsText) {
  ASSERT_FALSE(Advance().has_value());
  EXPECT_EQ(source_.last.path, "report/task/create/");
  EXPECT_EQ(source_.last.json_body.Reveal(), R"({"report_type":"BASIC"})");
  EXPECT_EQ(source_.last.token.Reveal(), "the-token");
  source_.Answer(R"({"task_id":"t1"})");
  ASSERT_FALSE(Accept().has_value());
  ASSERT_FALSE(Look(R"({"status":"QUEUING"})").has_value());
  EXPECT_THAT(source_.last.params, ElementsAre(Pair("advertiser_id", "7001"), Pair("task_id", "t1")));
  Succeed();
  EXPECT_TRUE(Give(absl::string_view(kText).substr(0, 60)));
  ASSERT_FALSE(Advance().has_value());
  EXPECT_TRUE(Give(absl::string_view(kText).substr(60)));
  source_.AnswerText();
  ASSERT_FALSE(Accept().has_value());
  EXPECT_FALSE(reader_->Done()) << "the rest is still in the pipe";
  ASSERT_FALSE(Advance().has_value());
  EXPECT_TRUE(reader_->Done());
  EXPECT_EQ(Rows(), 2u);
  v1::Finish finish;
  reader_->Describe(&finish);
  EXPECT_EQ(finish.rows(), 2u);
  EXPECT_EQ(finish.promised_rows(), 2u);
  EXPECT_EQ(finish.pages(), 1u);
  EXPECT_EQ(finish.calls(), 4u);
  EXPECT_THAT(finish.request_ids(), ElementsAre("r1", "r4"));
}

TEST_F(TaskReaderTest, LooksGrowRarerUntilAMinute) {
  Create();
  std::vector<int64_t> pauses;
  for (int i = 0; i < 7; ++i) {
    pauses.push_back(absl::ToInt64Seconds(reader_->NextAdvance()));
    EXPECT_TRUE(reader_->WaitsForTask());
    ASSERT_FALSE(Look(R"({"status":"PROCESSING"})").has_value());
  }
  EXPECT_THAT(pauses, ElementsAre(3, 6, 12, 24, 48, 60, 60));
  EXPECT_EQ(reader_->calls(), 8u);
}

TEST_F(TaskReaderTest, DoesNotLookBeforeTheTime) {
  Create();
  clock_.Advance(absl::Seconds(2));
  ASSERT_FALSE(Advance().has_value());
  EXPECT_FALSE(source_.asked());
}

TEST_F(TaskReaderTest, ATaskThatIsNeverDoneIsGivenUp) {
  Create();
  clock_.Advance(absl::Minutes(61));
  const std::optional<ApiFault> fault = Advance();
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kTransient);
  EXPECT_THAT(fault->message, HasSubstr("t1 is not done"));
}

TEST_F(TaskReaderTest, FailedCancelledAndForgottenTasksAreTransientFaults) {
  Create();
  std::optional<ApiFault> fault = Look(R"({"status":"FAILED","message":"no room"})");
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kTransient);
  EXPECT_THAT(fault->message, HasSubstr("t1 is FAILED: no room"));
  fault = Look(R"({"status":"CANCELED"})");
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kTransient);
  clock_.Advance(absl::Minutes(1));
  ASSERT_FALSE(Advance().has_value());
  source_.AnswerFault(40007, FailureClass::kPermanent);
  fault = Accept();
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kTransient);
  EXPECT_THAT(fault->message, HasSubstr("t1 is gone"));
}

TEST_F(TaskReaderTest, ARefusedTaskIsWhatTheApiSaysItIs) {
  ASSERT_FALSE(Advance().has_value());
  source_.AnswerFault(40002, FailureClass::kPermanent);
  const std::optional<ApiFault> fault = Accept();
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kPermanent);
}

TEST_F(TaskReaderTest, ADownloadThatComesTooEarlyIsWaitedFor) {
  Create();
  Succeed();
  source_.AnswerFault(40201, FailureClass::kTransient);
  ASSERT_FALSE(Accept().has_value());
  EXPECT_TRUE(reader_->WaitsForTask());
  EXPECT_GT(reader_->NextAdvance(), absl::ZeroDuration());
}

TEST_F(TaskReaderTest, AnAnswerWithoutTextOrTaskIsAFault) {
  ASSERT_FALSE(Advance().has_value());
  source_.Answer("{}");
  ASSERT_TRUE(Accept().has_value());
  Create();
  Succeed();
  source_.Answer(R"({"download_url":"https://x/"})");
  const std::optional<ApiFault> fault = Accept();
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kTransient);
}

TEST_F(TaskReaderTest, ATornTextIsATransientFault) {
  Create();
  Succeed();
  EXPECT_TRUE(Give("ad_id,stat_time_day,spend,clicks,ad_name\n17,2026-01-05,\"1"));
  source_.AnswerText();
  ASSERT_FALSE(Accept().has_value());
  const std::optional<ApiFault> fault = Advance();
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kTransient);
  EXPECT_FALSE(reader_->Done());
}

TEST_F(TaskReaderTest, TakesNoMoreThanIsSent) {
  Create();
  Succeed();
  ASSERT_TRUE(Give("ad_id,stat_time_day,spend,clicks,ad_name\n"));
  std::string rows;
  for (int i = 0; rows.size() < (300 << 10); ++i) absl::StrAppend(&rows, i, ",2026-01-05,1.25,3,name\n");
  size_t taken = 0, rounds = 0;
  // Nobody sends: the reader stops at a few batches, the pipe fills up, and the sender is turned away.
  for (; rounds < 200 && Give(rows); ++rounds, taken += rows.size()) ASSERT_FALSE(Advance().has_value());
  EXPECT_LT(rounds, 60u);
  EXPECT_FALSE(Give(rows));
  EXPECT_TRUE(source_.resumed.empty());
  batches_.clear();
  ASSERT_FALSE(Advance().has_value());
  EXPECT_EQ(source_.resumed.size(), 1u);
  EXPECT_TRUE(Give(rows));
}

TEST_F(TaskReaderTest, WaitsForMemoryBeforeItDownloads) {
  MemoryBudget small(1 << 20);
  MemoryBudget::Lease all;
  ASSERT_TRUE(small.TryTake(1 << 20, &all, this, [] {}));
  reader_ = std::make_unique<TaskReader>(plan_, Secret("t"), *CsvDecoder::Make(plan_), source_, small, inbox_, clock_,
                                         TaskPolicy{});
  Create();
  ASSERT_FALSE(Look(R"({"status":"SUCCESS"})").has_value());
  ASSERT_FALSE(Advance().has_value());
  EXPECT_FALSE(source_.asked());
  all.Resize(0);
  ASSERT_FALSE(Advance().has_value());
  EXPECT_TRUE(source_.asked());
  reader_.reset();  // before its budget
}

TEST_F(TaskReaderTest, AbandonEndsTheCallUnderWay) {
  ASSERT_FALSE(Advance().has_value());
  EXPECT_TRUE(reader_->WaitsForQuota());
  reader_->Abandon();
  EXPECT_FALSE(source_.asked());
  EXPECT_EQ(reader_->calls(), 1u);
}

TEST(TextPipeTest, HoldsItsRoomAndTellsWhoWasTurnedAway) {
  int woken = 0;
  TextPipe pipe(10, [&] { ++woken; });
  EXPECT_TRUE(pipe.Take("a piece that is larger than the room"));
  EXPECT_FALSE(pipe.Take("x"));
  bool turned_away = false;
  EXPECT_EQ(pipe.Drain(&turned_away), "a piece that is larger than the room");
  EXPECT_TRUE(turned_away);
  EXPECT_TRUE(pipe.Take("12345"));
  EXPECT_TRUE(pipe.Take("67890"));
  EXPECT_EQ(pipe.Drain(&turned_away), "1234567890");
  EXPECT_FALSE(turned_away);
  EXPECT_EQ(woken, 2);
}

}  // namespace
}  // namespace tikhaul
