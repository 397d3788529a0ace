// The calendar that the coordinator gives to operators.
#include "absl/strings/str_cat.h"
#include "coordinator/store/store.h"
#include "tests/integration/coordinator/coordinator_fixture.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

class CalendarTest : public CoordinatorTest {
 protected:
  static v1::GetCalendarRequest Request(const std::string& first = "", const std::string& last = "") {
    v1::GetCalendarRequest request;
    request.set_extract("ads_daily");
    request.mutable_range()->set_first_day(first);
    request.mutable_range()->set_last_day(last);
    return request;
  }
  v1::GetCalendarResponse Get(const v1::GetCalendarRequest& request) {
    v1::GetCalendarResponse response;
    const grpc::Status status = Ask(&v1::Admin::Stub::GetCalendar, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  std::string Days(const std::string& first = "", const std::string& last = "") {
    const v1::GetCalendarResponse response = Get(Request(first, last));
    return response.rows_size() == 1 ? response.rows(0).days() : absl::StrCat(response.rows_size(), " rows");
  }
  grpc::Status Refusal(const v1::GetCalendarRequest& request) {
    v1::GetCalendarResponse response;
    return Ask(&v1::Admin::Stub::GetCalendar, request, &response);
  }
  // Advertisers and coverage as an earlier time left them.
  void Fill(const std::function<absl::Status(StoreTransaction&)>& work) {
    StopCoordinator();
    {
      const std::unique_ptr<Store> store = OpenStore("sqlite:" + store_path()).value();
      const absl::Status written = store->Write(work);
      ASSERT_TRUE(written.ok()) << written;
    }
    StartCoordinator();
  }
};

TEST_F(CalendarTest, NothingIsWantedInTheBeginning) {
  const v1::GetCalendarResponse response = Get(Request());
  ASSERT_EQ(response.rows_size(), 1);
  EXPECT_EQ(response.rows(0).advertiser(), kAdvertiser);
  EXPECT_EQ(response.rows(0).advertiser_name(), "Shoes");
  EXPECT_EQ(response.rows(0).timezone(), "UTC");
  EXPECT_EQ(response.rows(0).days(), "");
  EXPECT_EQ(response.first_day(), "");
  EXPECT_EQ(Days("2026-02-01", "2026-02-05"), ".....");
}

TEST_F(CalendarTest, ADayGoesFromWaitingToItsFinality) {
  Backfill("2026-02-01", "2026-02-05");
  EXPECT_EQ(Days(), "qqqqq");
  const ChunkId chunk = PopHint();
  FakeWorker worker(ingest());
  ASSERT_TRUE(worker.Claim(chunk).has_granted());
  EXPECT_EQ(Days("2026-01-31", "2026-02-06"), ".rrrrr.");
  ASSERT_TRUE(worker.SendDays({"2026-02-01", "2026-02-02"}));
  ASSERT_TRUE(worker.Finish().has_committed());
  EXPECT_EQ(Days(), "fffff");  // 28 days before 10 March, 12:00, and more

  Backfill("2026-02-08", "2026-02-10");
  FakeWorker next(ingest());
  ASSERT_TRUE(next.Claim(PopHint()).has_granted());
  ASSERT_TRUE(next.Finish(0).has_committed());
  EXPECT_EQ(Days(), "fffffmmffs");  // a hole that nobody fills; 28 days after 10 February have not ended
}

TEST_F(CalendarTest, ADeadLetterShowsUntilItIsRetried) {
  Backfill("2026-02-01", "2026-02-03");
  {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(PopHint()).has_granted());
    worker.Fail(v1::FAILURE_CLASS_PERMANENT, 40002, "no such metric");
  }
  EXPECT_TRUE(Eventually([&] { return Days() == "ddd"; })) << Days();
  v1::RetryResponse retried;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Retry, v1::RetryRequest(), &retried).ok());
  EXPECT_EQ(Days(), "qqq");
}

TEST_F(CalendarTest, ManyAdvertisersComeInPagesOfTheSameDays) {
  Fill([](StoreTransaction& tx) -> absl::Status {
    for (int i = 2; i <= 5; ++i) {
      const std::string id = absl::StrCat("700100000000000000", i);
      const absl::CivilDay day(2026, 2, i);
      absl::Status put = tx.PutCoverage("ads_daily", id, {{day, day + 1}});
      if (put.ok())
        put =
            tx.PutCursor({.extract = "ads_daily", .advertiser = id, .first_day = day - 1, .through = {}, .cursor = {}});
      if (!put.ok()) return put;
    }
    return absl::OkStatus();
  });
  v1::GetCalendarRequest request = Request();
  request.set_page_size(2);
  std::vector<std::string> rows;
  for (int page = 0; page < 3; ++page) {
    const v1::GetCalendarResponse response = Get(request);
    EXPECT_EQ(response.first_day(), "2026-02-01");
    EXPECT_EQ(response.last_day(), "2026-02-06");
    for (const v1::CalendarRow& row : response.rows()) rows.push_back(row.days());
    EXPECT_EQ(response.next_page_token().empty(), page == 2);
    request.set_page_token(response.next_page_token());
  }
  EXPECT_THAT(rows, testing::ElementsAre("......", "mpp...", ".mpp..", "..mpp.", "...mpp"));

  request = Request("", "2026-02-03");
  request.add_advertisers("7001000000000000003");
  const v1::GetCalendarResponse one = Get(request);
  ASSERT_EQ(one.rows_size(), 1);
  EXPECT_EQ(one.rows(0).days(), "mp");  // the days before are not wanted of this one
}

TEST_F(CalendarTest, WrongRequestsAreRefusedWithTheReason) {
  v1::GetCalendarRequest request;
  EXPECT_EQ(Refusal(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  request.set_extract("ads_dayly");
  EXPECT_EQ(Refusal(request).error_code(), grpc::StatusCode::NOT_FOUND);
  request.set_extract("campaigns");
  EXPECT_EQ(Refusal(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(Refusal(request).error_message(), HasSubstr("no report by day"));
  EXPECT_EQ(Refusal(Request("2026-02-30")).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(Refusal(Request("2026-02-03", "2026-02-01")).error_message(), HasSubstr("before it begins"));
  EXPECT_THAT(Refusal(Request("0001-01-01", "9999-12-31")).error_message(), HasSubstr("at most 4000 days"));
  request = Request();
  request.add_advertisers("42");
  EXPECT_EQ(Refusal(request).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(Refusal(request).error_message(), HasSubstr("42"));
}

}  // namespace
}  // namespace tikhaul
