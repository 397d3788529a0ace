#include "worker/page_reader.h"

#include <deque>
#include <set>

#include "absl/strings/numbers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/worker/plans.h"

namespace tikhaul {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// Keeps what was asked until the test answers it.
class ScriptedSource : public PageSource {
 public:
  uint64_t Send(ApiCall call, std::function<void(ApiTransport::Result)> done) override {
    asked_.push_back({++last_id_, std::move(call), std::move(done)});
    return last_id_;
  }
  void Cancel(uint64_t id) override {
    for (Asked& asked : asked_) {
      if (asked.id != id || !asked.done) continue;
      ApiTransport::Result result;
      result.calls = 1;
      result.fault.failure_class = FailureClass::kReleased;
      std::exchange(asked.done, nullptr)(std::move(result));
    }
  }
  void Resume(uint64_t) override {}
  bool IsUnderWay(uint64_t id) const override { return under_way.contains(id); }

  // Answers question number `index` (from 0).
  void Answer(size_t index, const std::string& body, bool truncated = false) {
    ApiTransport::Result result;
    result.ok = true;
    result.calls = 1;
    result.answer.body = body;
    result.answer.request_id = "r";
    result.answer.truncated = truncated;
    std::exchange(asked_.at(index).done, nullptr)(std::move(result));
  }
  void AnswerWithFault(size_t index, FailureClass failure_class) {
    ApiTransport::Result result;
    result.calls = 3;
    result.fault.failure_class = failure_class;
    std::exchange(asked_.at(index).done, nullptr)(std::move(result));
  }
  // The page number asked for in each question.
  std::vector<int> pages() const {
    std::vector<int> pages;
    for (const Asked& asked : asked_) {
      for (const auto& [name, value] : asked.call.params) {
        int page = 0;
        if (name == "page" && absl::SimpleAtoi(value, &page)) pages.push_back(page);
      }
    }
    return pages;
  }
  const ApiCall& call(size_t index) const { return asked_.at(index).call; }

  std::set<uint64_t> under_way;

 private:
  struct Asked {
    uint64_t id;
    ApiCall call;
    std::function<void(ApiTransport::Result)> done;
  };
  uint64_t last_id_ = 0;
  std::deque<Asked> asked_;
};

class PageReaderTest : public ::testing::Test {
 protected:
  std::unique_ptr<PageReader> MakeReader(uint32_t window = 3) { return ReaderOf(ReportPlan(), window); }
  std::unique_ptr<PageReader> ReaderOf(const v1::ReadPlan& plan, uint32_t window = 3) {
    return std::make_unique<PageReader>(plan, Secret("the-token"), *RowDecoder::MakeAll(plan), source_, budget_, inbox_,
                                        window);
  }
  // Hands over what has arrived; the first fault.
  std::optional<ApiFault> AcceptAll(PageReader& reader) {
    std::optional<ApiFault> fault;
    for (ArrivedPage& page : inbox_.Wait(absl::ZeroDuration()).pages) {
      std::optional<ApiFault> next = reader.Accept(std::move(page), &batches_);
      if (!fault.has_value()) fault = std::move(next);
    }
    return fault;
  }

  ScriptedSource source_;
  MemoryBudget budget_{100 << 20};
  ChunkInbox inbox_;
  std::deque<ReadyBatch> batches_;
};

TEST_F(PageReaderTest, ReadsTheOtherPagesInAWindow) {
  auto reader = MakeReader(3);
  reader->Ask();
  EXPECT_THAT(source_.pages(), ElementsAre(1));
  EXPECT_EQ(source_.call(0).path, "report/integrated/get/");
  EXPECT_EQ(source_.call(0).token.Reveal(), "the-token");
  source_.Answer(0, ReportPage(1, 2, 9, 2));
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  reader->Ask();
  EXPECT_THAT(source_.pages(), ElementsAre(1, 2, 3, 4));
  source_.Answer(2, ReportPage(3, 2, 9, 2));
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  reader->Ask();
  EXPECT_THAT(source_.pages(), ElementsAre(1, 2, 3, 4, 5));
  source_.Answer(1, ReportPage(2, 2, 9, 2));
  source_.Answer(3, ReportPage(4, 2, 9, 2));
  EXPECT_FALSE(reader->Done());
  source_.Answer(4, ReportPage(5, 2, 9, 1));
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  EXPECT_TRUE(reader->Done());
  EXPECT_EQ(reader->calls(), 5u);
  size_t rows = 0;
  for (const ReadyBatch& batch : batches_) rows += batch.rows.rows;
  EXPECT_EQ(rows, 9u);
}

TEST_F(PageReaderTest, AsksForNoPageWithoutMemory) {
  auto reader = MakeReader(10);
  reader->Ask();
  source_.Answer(0, ReportPage(1, 2, 9, 2));
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  MemoryBudget::Lease others;
  ASSERT_TRUE(budget_.TryTake((100 << 20) - budget_.used(), &others, this, [] {}));
  reader->Ask();
  EXPECT_THAT(source_.pages(), ElementsAre(1));
  others = MemoryBudget::Lease();  // wakes the chunk
  inbox_.Wait(absl::Seconds(10));
  reader->Ask();
  EXPECT_THAT(source_.pages(), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(PageReaderTest, MemoryComesBackWithBatchesAndReader) {
  auto reader = MakeReader(10);
  reader->Ask();
  EXPECT_GT(budget_.used(), 0u);
  source_.Answer(0, ReportPage(1, 2, 9, 2));
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  reader->Ask();
  reader.reset();
  EXPECT_GT(budget_.used(), 0u);  // the batch that waits to be sent
  batches_.clear();
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(PageReaderTest, AbandonCancelsAndCounts) {
  auto reader = MakeReader(10);
  reader->Ask();
  source_.Answer(0, ReportPage(1, 2, 9, 2));
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  reader->Ask();
  reader->Abandon();
  EXPECT_EQ(reader->calls(), 5u);
  EXPECT_FALSE(reader->WaitsForQuota());
}

TEST_F(PageReaderTest, WaitsForQuotaWhileNoRequestHasLeft) {
  auto reader = MakeReader();
  EXPECT_FALSE(reader->WaitsForQuota());
  reader->Ask();
  EXPECT_TRUE(reader->WaitsForQuota());
  source_.under_way.insert(1);
  EXPECT_FALSE(reader->WaitsForQuota());
}

TEST_F(PageReaderTest, FaultsOfTheApiComeThrough) {
  auto reader = MakeReader();
  reader->Ask();
  source_.AnswerWithFault(0, FailureClass::kPermission);
  const std::optional<ApiFault> fault = AcceptAll(*reader);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kPermission);
  EXPECT_EQ(reader->calls(), 3u);
}

TEST_F(PageReaderTest, TruncatedAnswersAreNeverTaken) {
  auto reader = MakeReader();
  reader->Ask();
  source_.Answer(0, ReportPage(1, 2, 1, 1), /*truncated=*/true);
  const std::optional<ApiFault> fault = AcceptAll(*reader);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kTruncated);
  EXPECT_TRUE(batches_.empty());
}

v1::ReadPlan PlanByCampaigns() {
  v1::ReadPlan plan = ReportPlan();
  plan.set_slice_too_big(true);
  v1::IdListing& listing = *plan.add_listings();
  listing.set_filter_field("campaign_ids");
  listing.set_id_member("campaign_id");
  listing.add_requests()->set_path("campaign/get/");
  listing.mutable_requests(0)->set_page_size(1000);
  return plan;
}

std::string TwoCampaigns() {
  return AnswerOf(R"({"page_info":{"page":1,"page_size":1000,"total_number":2,"total_page":1},)"
                  R"("list":[{"campaign_id":"71"},{"campaign_id":"72"}]})");
}

TEST_F(PageReaderTest, TruncatedAnswersAreReadByIdsInstead) {
  auto reader = ReaderOf(PlanByCampaigns());
  reader->Ask();
  source_.Answer(0, ReportPage(1, 2, 1, 1), /*truncated=*/true);
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  EXPECT_TRUE(batches_.empty());
  reader->Ask();
  EXPECT_EQ(source_.call(1).path, "campaign/get/");
  source_.Answer(1, TwoCampaigns());
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  EXPECT_TRUE(batches_.empty());
  reader->Ask();
  EXPECT_THAT(source_.call(2).params, Contains(Pair("filtering", HasSubstr("71"))));
  source_.Answer(2, ReportPage(1, 2, 1, 1));
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  EXPECT_TRUE(reader->Done());
  EXPECT_EQ(batches_.size(), 1u);
  EXPECT_EQ(reader->plan().promised_rows(), 1u);
  EXPECT_EQ(reader->calls(), 3u);
}

TEST_F(PageReaderTest, TooLargeAnswersAreReadByIdsWhereThePlanSaysSo) {
  for (const bool by_ids : {true, false}) {
    v1::ReadPlan plan = PlanByCampaigns();
    plan.set_slice_too_big(by_ids);
    ScriptedSource source;
    ChunkInbox inbox;
    PageReader reader(plan, Secret("t"), *RowDecoder::MakeAll(plan), source, budget_, inbox, 3);
    reader.Ask();
    source.AnswerWithFault(0, FailureClass::kTooBig);
    std::vector<ArrivedPage> pages = std::move(inbox.Wait(absl::ZeroDuration()).pages);
    ASSERT_EQ(pages.size(), 1u);
    EXPECT_EQ(reader.Accept(std::move(pages[0]), &batches_).has_value(), !by_ids);
    EXPECT_EQ(reader.Done(), false);
  }
}

TEST_F(PageReaderTest, ALaterPageThatIsTruncatedMeansThatObjectsWereMade) {
  auto reader = ReaderOf(PlanByCampaigns());
  reader->Ask();
  source_.Answer(0, ReportPage(1, 2, 4, 2));
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  reader->Ask();
  source_.Answer(1, ReportPage(2, 2, 4, 2), /*truncated=*/true);
  const std::optional<ApiFault> fault = AcceptAll(*reader);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kDrift);
}

TEST_F(PageReaderTest, RowsThatMoveAreDrift) {
  auto reader = MakeReader();
  reader->Ask();
  source_.Answer(0, ReportPage(1, 2, 2, 1));
  const std::optional<ApiFault> fault = AcceptAll(*reader);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kDrift);
}

TEST_F(PageReaderTest, GroupsOfColumnsComeInBatchesOfTheirOwn) {
  auto reader = ReaderOf(PlanOfTwoGroups());
  reader->Ask();
  source_.Answer(0, ReportPage(1, 2, 1, 1));
  source_.Answer(1, ReportPage(1, 2, 1, 1));
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  EXPECT_TRUE(reader->Done());
  ASSERT_EQ(batches_.size(), 2u);
  EXPECT_EQ(batches_[0].group, 0u);
  EXPECT_EQ(batches_[0].rows.columns.size(), 6u);  // two of the key, spend, clicks, _extra, _raw
  EXPECT_EQ(batches_[1].group, 1u);
  EXPECT_EQ(batches_[1].rows.columns.size(), 5u);
  EXPECT_EQ(batches_[1].rows.columns[2].Text(0), "x");
  EXPECT_EQ(reader->plan().rows(), 1u);
  EXPECT_EQ(reader->calls(), 2u);
}

TEST_F(PageReaderTest, UnknownFieldsOfAllGroupsAreThoseOfOneRow) {
  const auto page = [](const std::string& member) {
    return AnswerOf(absl::StrCat(R"({"page_info":{"page":1,"page_size":2,"total_number":1,"total_page":1},"list":[{)",
                                 R"("dimensions":{"ad_id":"1","stat_time_day":"2026-01-05","new_dimension":"x"},)",
                                 R"("metrics":{)", member, "}}]}"));
  };
  auto reader = ReaderOf(PlanOfTwoGroups());
  reader->Ask();
  source_.Answer(0, page(R"("spend":"1","clicks":"many","new_metric":1)"));
  source_.Answer(1, page(R"("ad_name":"x")"));
  ASSERT_FALSE(AcceptAll(*reader).has_value());
  EXPECT_THAT(reader->unknown_fields(), UnorderedElementsAre(Pair("new_dimension", 1), Pair("new_metric", 1)));
  EXPECT_THAT(reader->unparsed_values(), UnorderedElementsAre(Pair("clicks", 1)));
}

TEST_F(PageReaderTest, AnswersThatDoNotParseAreTransientAndShown) {
  auto reader = MakeReader();
  reader->Ask();
  source_.Answer(0, AnswerOf("{\"list\":[{\"access_token\":\"the-token\xff\"}]}"));
  const std::optional<ApiFault> fault = AcceptAll(*reader);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->failure_class, FailureClass::kTransient);
  EXPECT_THAT(fault->exchange,
              HasSubstr("GET report/integrated/get/?report_type=BASIC&page=1&page_size=2\nHTTP 200\n"));
  EXPECT_THAT(fault->exchange, Not(HasSubstr("the-token")));
}

}  // namespace
}  // namespace tikhaul
