#include "worker/page_plan.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/worker/plans.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

DecodedPage PageOf(int64_t page, int64_t page_size, int64_t total, int64_t total_pages, uint64_t rows) {
  DecodedPage decoded;
  decoded.rows = rows;
  decoded.page_info = PageInfo{page, page_size, total, total_pages};
  return decoded;
}

v1::ReadPlan TwoRequests() {
  v1::ReadPlan plan = ReportPlan();
  *plan.add_requests() = plan.requests(0);
  return plan;
}

TEST(PagePlanTest, FirstPagesComeBeforeOthers) {
  PagePlan pages(TwoRequests());
  EXPECT_EQ(pages.Next(), (PageRef{0, 1}));
  EXPECT_EQ(pages.Next(), (PageRef{1, 1}));
  EXPECT_EQ(pages.Next(), std::nullopt);
  ASSERT_TRUE(pages.Arrived({1, 1}, "b1", PageOf(1, 2, 5, 3, 2)).ok());
  EXPECT_EQ(pages.Next(), (PageRef{1, 2}));
  EXPECT_EQ(pages.Next(), (PageRef{1, 3}));
  EXPECT_EQ(pages.Next(), std::nullopt);
  ASSERT_TRUE(pages.Arrived({1, 3}, "b3", PageOf(3, 2, 5, 3, 1)).ok());
  ASSERT_TRUE(pages.Arrived({1, 2}, "b2", PageOf(2, 2, 5, 3, 2)).ok());
  EXPECT_FALSE(pages.Done());
  ASSERT_TRUE(pages.Arrived({0, 1}, "a1", PageOf(1, 2, 0, 0, 0)).ok());
  EXPECT_TRUE(pages.Done());
  EXPECT_EQ(pages.pages(), 4u);
  EXPECT_EQ(pages.rows(), 5u);
  EXPECT_EQ(pages.promised_rows(), 5u);
  EXPECT_THAT(pages.RequestIds(), ElementsAre("a1", "b1", "b2", "b3"));
}

TEST(PagePlanTest, ParametersOfAPage) {
  PagePlan pages(ReportPlan());
  EXPECT_EQ(pages.PathOf({0, 3}), "report/integrated/get/");
  EXPECT_THAT(pages.ParamsOf({0, 3}),
              ElementsAre(Pair("report_type", "BASIC"), Pair("page", "3"), Pair("page_size", "2")));
  v1::ReadPlan tree = ReportPlan();
  tree.set_paged(false);
  EXPECT_THAT(PagePlan(tree).ParamsOf({0, 1}), ElementsAre(Pair("report_type", "BASIC")));
}

TEST(PagePlanTest, UnpagedAnswersAreWholeByThemselves) {
  v1::ReadPlan plan = ReportPlan();
  plan.set_paged(false);
  PagePlan pages(plan);
  ASSERT_EQ(pages.Next(), (PageRef{0, 1}));
  DecodedPage page;
  page.rows = 17;
  ASSERT_TRUE(pages.Arrived({0, 1}, "r", page).ok());
  EXPECT_TRUE(pages.Done());
  EXPECT_EQ(pages.promised_rows(), 17u);
}

// Page 1 of a request of five rows on three pages has come; what page 2 does to it.
absl::Status AfterSecondPage(const DecodedPage& second) {
  PagePlan pages(ReportPlan());
  while (pages.Next().has_value()) {
  }
  EXPECT_TRUE(pages.Arrived({0, 1}, "1", PageOf(1, 2, 5, 3, 2)).ok());
  while (pages.Next().has_value()) {
  }
  return pages.Arrived({0, 2}, "2", second);
}

TEST(PagePlanTest, RowsThatMoveAreNoticed) {
  EXPECT_TRUE(AfterSecondPage(PageOf(2, 2, 5, 3, 2)).ok());
  EXPECT_EQ(AfterSecondPage(PageOf(2, 2, 6, 3, 2)).code(), absl::StatusCode::kAborted);  // another total
  EXPECT_EQ(AfterSecondPage(PageOf(2, 2, 5, 3, 1)).code(), absl::StatusCode::kAborted);  // not full
  EXPECT_EQ(AfterSecondPage(PageOf(2, 2, 5, 3, 0)).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(AfterSecondPage(PageOf(3, 2, 5, 3, 2)).code(), absl::StatusCode::kDataLoss);  // another page
  EXPECT_EQ(AfterSecondPage(DecodedPage{}).code(), absl::StatusCode::kDataLoss);          // no page_info
}

TEST(PagePlanTest, RowsThatDoNotAddUpAreNoticed) {
  PagePlan pages(ReportPlan());
  pages.Next();
  EXPECT_EQ(pages.Arrived({0, 1}, "", PageOf(1, 2, 2, 1, 1)).code(), absl::StatusCode::kAborted);
  PagePlan more(ReportPlan());
  more.Next();
  EXPECT_EQ(more.Arrived({0, 1}, "", PageOf(1, 2, 0, 0, 1)).code(), absl::StatusCode::kAborted);
}

TEST(PagePlanTest, TotalsWithoutSenseAreRefused) {
  for (const DecodedPage& page :
       {PageOf(1, 2, 5, 2, 2), PageOf(1, 2, 5, 0, 2), PageOf(1, 2, INT64_MAX, INT64_MAX / 2, 2)}) {
    PagePlan pages(ReportPlan());
    pages.Next();
    EXPECT_EQ(pages.Arrived({0, 1}, "", page).code(), absl::StatusCode::kDataLoss);
  }
}

TEST(PagePlanTest, SmallerPagesThanAskedForAreFollowed) {
  v1::ReadPlan plan = ReportPlan();
  plan.mutable_requests(0)->set_page_size(1000);
  PagePlan pages(plan);
  pages.Next();
  ASSERT_TRUE(pages.Arrived({0, 1}, "", PageOf(1, 100, 150, 2, 100)).ok());
  EXPECT_EQ(pages.Next(), (PageRef{0, 2}));
  ASSERT_TRUE(pages.Arrived({0, 2}, "", PageOf(2, 100, 150, 2, 50)).ok());
  EXPECT_TRUE(pages.Done());
}

TEST(PagePlanTest, KeepsTheRequestIdsOfTheFirstHundredPages) {
  PagePlan pages(ReportPlan());
  pages.Next();
  ASSERT_TRUE(pages.Arrived({0, 1}, "1", PageOf(1, 2, 300, 150, 2)).ok());
  for (int page = 150; page >= 2; --page) {
    ASSERT_TRUE(pages.Arrived({0, page}, std::to_string(page), PageOf(page, 2, 300, 150, 2)).ok());
  }
  EXPECT_TRUE(pages.Done());
  const std::vector<std::string> ids = pages.RequestIds();
  ASSERT_EQ(ids.size(), 100u);
  EXPECT_EQ(ids.front(), "1");
  EXPECT_EQ(ids.back(), "100");
}

}  // namespace
}  // namespace tikhaul
