// A window that is read a second time: what changed is recorded in the transaction that publishes it.
#include "tests/integration/coordinator/coordinator_fixture.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RestatementTest : public CoordinatorTest {
 protected:
  // Another range is another run, so that days are read again.
  void Read(const std::string& first, const std::string& last, const std::vector<std::string>& days,
            const std::vector<std::string>& days_of_other_ad = {}) {
    Backfill(first, last);
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(PopHint()).has_granted());
    if (!days.empty()) worker.SendDays(days);
    if (!days_of_other_ad.empty()) worker.SendDays(days_of_other_ad, "1234567890123456790");
    ASSERT_TRUE(worker.Finish().has_committed());
  }
  v1::ListRestatementsResponse List(const v1::ListRestatementsRequest& request = {}) {
    v1::ListRestatementsResponse response;
    EXPECT_TRUE(Ask(&v1::Admin::Stub::ListRestatements, request, &response).ok());
    return response;
  }
  SqlRows Finalities() { return Query("SELECT stat_time_day, ad_id, _finality FROM ads_daily ORDER BY 1, 2"); }
};

TEST_F(RestatementTest, AFirstReadRestatesNothing) {
  Read("2026-02-01", "2026-02-03", {"2026-02-01", "2026-02-02"});
  Read("2026-01-30", "2026-01-31", {"2026-01-30"});
  EXPECT_THAT(List().restatements(), IsEmpty());
}

TEST_F(RestatementTest, WhatASecondReadChangesIsRecordedByDay) {
  Read("2026-02-01", "2026-02-03", {"2026-02-01", "2026-02-02"});
  Read("2026-02-01", "2026-02-04", {"2026-02-02", "2026-02-04"}, {"2026-02-03"});
  const v1::ListRestatementsResponse list = List();
  ASSERT_EQ(list.restatements_size(), 2) << list.DebugString();
  const v1::Restatement& came = list.restatements(0);
  EXPECT_EQ(came.day(), "2026-02-03") << "4 February was not read before";
  EXPECT_EQ(came.inserted(), 1u);
  EXPECT_EQ(came.finality_before(), "final");
  const v1::Restatement& went = list.restatements(1);
  EXPECT_EQ(went.extract(), "ads_daily");
  EXPECT_EQ(went.advertiser(), kAdvertiser);
  EXPECT_EQ(went.day(), "2026-02-01");
  EXPECT_EQ(went.age_days(), came.age_days() + 2);
  EXPECT_EQ(went.removed(), 1u);
  EXPECT_EQ(went.epoch(), 1u);
  EXPECT_EQ(went.run_id(), came.run_id());
  ASSERT_EQ(went.metrics_size(), 2);
  EXPECT_EQ(went.metrics(0).metric(), "clicks");
  EXPECT_EQ(went.metrics(1).metric(), "spend");
  EXPECT_EQ(went.metrics(1).before(), "1.25");
  EXPECT_EQ(went.metrics(1).after(), "0");
  EXPECT_EQ(went.metrics(1).difference(), "-1.25");
  EXPECT_THAT(
      Query("SELECT day, metric, rows, difference FROM tikhaul_restatements WHERE metric = 'spend' ORDER BY 1"),
      ElementsAre(ElementsAre("2026-02-01", "spend", "1", "-1.25"), ElementsAre("2026-02-03", "spend", "1", "1.25")));
}

TEST_F(RestatementTest, ADayThatStillMovesIsNotFinalUntilAReadFindsItAtRest) {
  Read("2026-02-01", "2026-02-02", {"2026-02-01", "2026-02-02"});
  EXPECT_THAT(Finalities(), ElementsAre(ElementsAre("2026-02-01", "1234567890123456789", "final"),
                                        ElementsAre("2026-02-02", "1234567890123456789", "final")));
  Read("2026-01-31", "2026-02-02", {"2026-02-01", "2026-02-02"}, {"2026-02-02"});
  EXPECT_THAT(Finalities(), ElementsAre(ElementsAre("2026-02-01", "1234567890123456789", "final"),
                                        ElementsAre("2026-02-02", "1234567890123456789", "settling"),
                                        ElementsAre("2026-02-02", "1234567890123456790", "settling")));
  EXPECT_THAT(Query("SELECT finality FROM tikhaul_ledger ORDER BY id DESC LIMIT 1"),
              ElementsAre(ElementsAre("settling")));
  Read("2026-01-30", "2026-02-02", {"2026-02-01", "2026-02-02"}, {"2026-02-02"});
  EXPECT_THAT(Query("SELECT DISTINCT _finality FROM ads_daily"), ElementsAre(ElementsAre("final")));
  EXPECT_EQ(List().restatements_size(), 1) << "another finality is no restatement";
}

TEST_F(RestatementTest, TheyAreGivenInPagesAndByDay) {
  Read("2026-02-01", "2026-02-03", {"2026-02-01", "2026-02-02", "2026-02-03"});
  Read("2026-01-31", "2026-02-03", {});
  std::vector<std::string> days;
  v1::ListRestatementsRequest request;
  request.set_extract("ads_daily");
  request.set_page_size(2);
  do {
    const v1::ListRestatementsResponse page = List(request);
    EXPECT_LE(page.restatements_size(), 2);
    for (const v1::Restatement& one : page.restatements()) days.push_back(one.day());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(days, ElementsAre("2026-02-03", "2026-02-02", "2026-02-01"));
  request.mutable_range()->set_last_day("2026-02-01");
  EXPECT_EQ(List(request).restatements_size(), 1);
  request.set_extract("ads_dialy");
  v1::ListRestatementsResponse response;
  EXPECT_EQ(Ask(&v1::Admin::Stub::ListRestatements, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace tikhaul
