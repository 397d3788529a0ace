#include "worker/page_plan.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/worker/plans.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
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

TEST(PagePlanTest, WhatPagingCannotReachIsNotWanted) {
  v1::ReadPlan plan = ReportPlan();
  plan.set_reach(4);
  PagePlan pages(plan);
  ASSERT_TRUE(pages.Next().has_value());
  ASSERT_TRUE(pages.Arrived({0, 1}, "a1", PageOf(1, 2, 9, 5, 2)).ok());
  EXPECT_EQ(pages.Next(), (PageRef{0, 2}));
  EXPECT_EQ(pages.Next(), std::nullopt);
  ASSERT_TRUE(pages.Arrived({0, 2}, "a2", PageOf(2, 2, 9, 5, 2)).ok());
  EXPECT_TRUE(pages.Done());
  EXPECT_EQ(pages.promised_rows(), 4u);
  EXPECT_EQ(pages.rows(), 4u);
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

// Campaigns, then ad groups; one listing request each.
v1::ReadPlan SliceablePlan() {
  v1::ReadPlan plan = ReportPlan();
  for (const char* kind : {"campaign", "adgroup"}) {
    v1::IdListing& listing = *plan.add_listings();
    listing.set_filter_field(absl::StrCat(kind, "_ids"));
    listing.set_id_member(absl::StrCat(kind, "_id"));
    v1::ApiRequest& request = *listing.add_requests();
    request.set_path(absl::StrCat(kind, "/get/"));
    request.set_page_size(1000);
  }
  return plan;
}

std::string FilteringOf(const PagePlan& pages, const PageRef& ref) {
  for (const auto& [name, value] : pages.ParamsOf(ref)) {
    if (name == "filtering") return value;
  }
  return "";
}

std::vector<std::string> Ids(int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) ids.push_back(absl::StrCat(1000 + i));
  return ids;
}

// Lists `ids` at `ref`, on one page.
absl::Status List(PagePlan& pages, const PageRef& ref, const std::vector<std::string>& ids) {
  const int64_t count = static_cast<int64_t>(ids.size());
  return pages.ArrivedIds(ref, PageOf(1, 1000, count, count > 0 ? 1 : 0, ids.size()), ids);
}

absl::Status OnePage(PagePlan& pages, const PageRef& ref, int64_t rows) {
  return pages.Arrived(ref, "r", PageOf(1, 2, rows, rows > 0 ? 1 : 0, static_cast<uint64_t>(rows)));
}

TEST(NarrowingTest, ARequestThatIsNotWholeGivesWayToOnesByIds) {
  PagePlan pages(SliceablePlan());
  ASSERT_EQ(pages.Next(), (PageRef{0, 1}));
  ASSERT_TRUE(pages.Narrow({0, 1}, 0));
  EXPECT_FALSE(pages.Done());
  ASSERT_EQ(pages.Next(), (PageRef{1, 1}));
  EXPECT_EQ(pages.ListingOf({1, 1}), 0);
  EXPECT_EQ(pages.PathOf({1, 1}), "campaign/get/");
  EXPECT_THAT(pages.ParamsOf({1, 1}), ElementsAre(Pair("page", "1"), Pair("page_size", "1000")));
  ASSERT_TRUE(List(pages, {1, 1}, Ids(150)).ok());
  ASSERT_EQ(pages.Next(), (PageRef{2, 1}));
  ASSERT_EQ(pages.Next(), (PageRef{3, 1}));
  EXPECT_EQ(pages.Next(), std::nullopt);
  EXPECT_EQ(pages.ListingOf({2, 1}), -1);
  EXPECT_EQ(pages.PathOf({2, 1}), "report/integrated/get/");
  EXPECT_THAT(FilteringOf(pages, {2, 1}), HasSubstr(R"("field_name":"campaign_ids")"));
  EXPECT_THAT(FilteringOf(pages, {2, 1}), AllOf(HasSubstr("1000"), HasSubstr("1099"), Not(HasSubstr("1100"))));
  EXPECT_THAT(FilteringOf(pages, {3, 1}), AllOf(HasSubstr("1100"), HasSubstr("1149"), Not(HasSubstr("1099"))));
  ASSERT_TRUE(OnePage(pages, {2, 1}, 2).ok());
  ASSERT_TRUE(OnePage(pages, {3, 1}, 1).ok());
  EXPECT_TRUE(pages.Done());
  EXPECT_EQ(pages.rows(), 3u);
  EXPECT_EQ(pages.promised_rows(), 3u);
  EXPECT_EQ(pages.pages(), 2u) << "of rows";
  EXPECT_EQ(pages.slice_ids(), 100u);
}

TEST(NarrowingTest, SlicesAreHalvedAndASingleObjectIsCutByItsChildren) {
  PagePlan pages(SliceablePlan());
  pages.Next();
  ASSERT_TRUE(pages.Narrow({0, 1}, 0));
  ASSERT_EQ(pages.Next(), (PageRef{1, 1}));
  ASSERT_TRUE(List(pages, {1, 1}, {"7", "8"}).ok());
  ASSERT_EQ(pages.Next(), (PageRef{2, 1}));
  ASSERT_TRUE(pages.Narrow({2, 1}, 0));  // both: halves
  ASSERT_EQ(pages.Next(), (PageRef{3, 1}));
  ASSERT_EQ(pages.Next(), (PageRef{4, 1}));
  EXPECT_THAT(FilteringOf(pages, {3, 1}), AllOf(HasSubstr("7"), Not(HasSubstr("8"))));
  ASSERT_TRUE(OnePage(pages, {4, 1}, 1).ok());
  ASSERT_TRUE(pages.Narrow({3, 1}, 0));  // one campaign: its ad groups
  ASSERT_EQ(pages.Next(), (PageRef{5, 1}));
  EXPECT_EQ(pages.ListingOf({5, 1}), 1);
  EXPECT_EQ(FilteringOf(pages, {5, 1}), R"({"campaign_ids":["7"]})");
  ASSERT_TRUE(List(pages, {5, 1}, {"70"}).ok());
  ASSERT_EQ(pages.Next(), (PageRef{6, 1}));
  EXPECT_THAT(FilteringOf(pages, {6, 1}), AllOf(HasSubstr("campaign_ids"), HasSubstr("adgroup_ids"), HasSubstr("70")));
  EXPECT_FALSE(pages.Narrow({6, 1}, 0)) << "nothing finer is left";
  ASSERT_TRUE(OnePage(pages, {6, 1}, 2).ok());
  EXPECT_TRUE(pages.Done());
  EXPECT_EQ(pages.promised_rows(), 3u);
}

TEST(NarrowingTest, WhatIsKnownToBeNeededIsDoneFromTheStart) {
  v1::ReadPlan plan = SliceablePlan();
  plan.set_slice_ids(2);
  PagePlan pages(plan);
  ASSERT_EQ(pages.Next(), (PageRef{0, 1}));
  EXPECT_EQ(pages.ListingOf({0, 1}), 0);
  ASSERT_TRUE(List(pages, {0, 1}, {"7", "8", "9"}).ok());
  ASSERT_TRUE(OnePage(pages, {1, 1}, 0).ok());
  ASSERT_TRUE(OnePage(pages, {2, 1}, 0).ok());
  EXPECT_TRUE(pages.Done());
  EXPECT_EQ(pages.slice_ids(), 2u);
}

TEST(NarrowingTest, AnAccountWithoutObjectsHasNoRows) {
  v1::ReadPlan plan = SliceablePlan();
  plan.set_slice_ids(50);
  PagePlan pages(plan);
  pages.Next();
  ASSERT_TRUE(List(pages, {0, 1}, {}).ok());
  EXPECT_TRUE(pages.Done());
  EXPECT_EQ(pages.slice_ids(), 50u);
}

TEST(NarrowingTest, ObjectsThatNoListingNamesAreMissed) {
  PagePlan pages(SliceablePlan());
  pages.Next();
  ASSERT_TRUE(pages.Narrow({0, 1}, 5));
  ASSERT_TRUE(List(pages, {1, 1}, {"7"}).ok());
  const absl::Status status = OnePage(pages, {2, 1}, 2);
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("promised 5 rows"));
}

TEST(NarrowingTest, RowsThatWereTakenCannotBeTakenBack) {
  PagePlan pages(SliceablePlan());
  pages.Next();
  ASSERT_TRUE(pages.Arrived({0, 1}, "r", PageOf(1, 2, 3, 2, 2)).ok());
  EXPECT_FALSE(pages.Narrow({0, 2}, 0));
  EXPECT_EQ(PagePlan(ReportPlan()).slice_ids(), 0u);
  EXPECT_FALSE(PagePlan(ReportPlan()).Narrow({0, 1}, 0)) << "the plan has no listings";
}

v1::ReadPlan SliceableGroups() {
  v1::ReadPlan plan = SliceablePlan();
  plan.set_groups(2);
  v1::ApiRequest& second = *plan.add_requests();
  second = plan.requests(0);
  second.set_group(1);
  return plan;
}

TEST(ColumnGroupsTest, RowsCountOnceAndPagesAll) {
  PagePlan pages(PlanOfTwoGroups());
  ASSERT_EQ(pages.Next(), (PageRef{0, 1}));
  ASSERT_EQ(pages.Next(), (PageRef{1, 1}));
  EXPECT_EQ(pages.GroupOf({0, 1}), 0u);
  EXPECT_EQ(pages.GroupOf({1, 1}), 1u);
  ASSERT_TRUE(pages.Arrived({1, 1}, "b", PageOf(1, 2, 3, 2, 2)).ok());
  ASSERT_TRUE(pages.Arrived({0, 1}, "a", PageOf(1, 2, 3, 2, 2)).ok());
  ASSERT_TRUE(pages.Arrived({0, 2}, "a", PageOf(2, 2, 3, 2, 1)).ok());
  EXPECT_FALSE(pages.Done());
  ASSERT_TRUE(pages.Arrived({1, 2}, "b", PageOf(2, 2, 3, 2, 1)).ok());
  EXPECT_TRUE(pages.Done());
  EXPECT_EQ(pages.rows(), 3u);
  EXPECT_EQ(pages.promised_rows(), 3u);
  EXPECT_EQ(pages.pages(), 4u);
}

TEST(ColumnGroupsTest, AnotherTotalIsSeenOnTheFirstPage) {
  PagePlan pages(PlanOfTwoGroups());
  ASSERT_TRUE(pages.Arrived({0, 1}, "a", PageOf(1, 2, 5, 3, 2)).ok());
  const absl::Status status = pages.Arrived({1, 1}, "b", PageOf(1, 2, 4, 2, 2));
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("promised 5 rows, then 4"));
}

TEST(ColumnGroupsTest, ANarrowedGroupMustBringAsMuchAsTheOther) {
  for (const int64_t rows : {2, 1}) {
    PagePlan pages(SliceableGroups());
    pages.Next();
    pages.Next();
    ASSERT_TRUE(OnePage(pages, {0, 1}, 2).ok());
    ASSERT_TRUE(pages.Narrow({1, 1}, 0));
    ASSERT_TRUE(List(pages, {2, 1}, {"7"}).ok());
    const absl::Status status = OnePage(pages, {3, 1}, rows);
    EXPECT_TRUE(pages.Done());
    EXPECT_EQ(status.ok(), rows == 2) << status;
    EXPECT_EQ(pages.GroupOf({3, 1}), 1u);
  }
}

TEST(ColumnGroupsTest, IdsAreListedOnceForAllGroups) {
  PagePlan pages(SliceableGroups());
  ASSERT_EQ(pages.Next(), (PageRef{0, 1}));
  ASSERT_EQ(pages.Next(), (PageRef{1, 1}));
  ASSERT_TRUE(pages.Narrow({0, 1}, 0));
  ASSERT_EQ(pages.Next(), (PageRef{2, 1}));
  EXPECT_EQ(pages.ListingOf({2, 1}), 0);
  ASSERT_TRUE(List(pages, {2, 1}, {"7", "8"}).ok());
  ASSERT_EQ(pages.Next(), (PageRef{3, 1}));
  ASSERT_TRUE(pages.Narrow({1, 1}, 0));  // the other group is cut, too: its slice is known
  ASSERT_EQ(pages.Next(), (PageRef{4, 1}));
  EXPECT_EQ(pages.ListingOf({4, 1}), -1);
  EXPECT_EQ(pages.GroupOf({4, 1}), 1u);
  EXPECT_EQ(FilteringOf(pages, {4, 1}), FilteringOf(pages, {3, 1}));
  ASSERT_TRUE(OnePage(pages, {3, 1}, 1).ok());
  ASSERT_TRUE(OnePage(pages, {4, 1}, 1).ok());
  EXPECT_TRUE(pages.Done());
}

TEST(ColumnGroupsTest, NoObjectsAreNotBelievedASecondTime) {
  PagePlan pages(SliceableGroups());
  pages.Next();
  pages.Next();
  ASSERT_TRUE(pages.Narrow({0, 1}, 0));
  ASSERT_TRUE(List(pages, {2, 1}, {}).ok());
  ASSERT_TRUE(pages.Narrow({1, 1}, 3));
  EXPECT_FALSE(pages.Done()) << "its answer promised rows: they are looked for";
  const absl::Status status = List(pages, {3, 1}, {});
  EXPECT_TRUE(absl::IsAborted(status));
}

TEST(ColumnGroupsTest, WhatIsKnownToBeNeededIsDoneForAllGroups) {
  v1::ReadPlan plan = SliceableGroups();
  plan.set_slice_ids(50);
  PagePlan pages(plan);
  ASSERT_EQ(pages.Next(), (PageRef{0, 1}));
  EXPECT_EQ(pages.Next(), std::nullopt) << "one listing for both";
  ASSERT_TRUE(List(pages, {0, 1}, {"7"}).ok());
  ASSERT_TRUE(OnePage(pages, {1, 1}, 2).ok());
  ASSERT_TRUE(OnePage(pages, {2, 1}, 2).ok());
  EXPECT_TRUE(pages.Done());
  EXPECT_EQ(pages.GroupOf({1, 1}), 0u);
  EXPECT_EQ(pages.GroupOf({2, 1}), 1u);
  EXPECT_EQ(pages.rows(), 2u);
}

}  // namespace
}  // namespace tikhaul
