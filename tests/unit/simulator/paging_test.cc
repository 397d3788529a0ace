#include <algorithm>
#include <set>

#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

constexpr char kReport[] = "report/integrated/get/";

std::string KeyOf(const nlohmann::json& row) { return row["dimensions"].dump(); }

class PagingTest : public SimTest {};

TEST_F(PagingTest, PagesOfAReportMakeUpTheWholeOnce) {
  const auto whole = AllRows(kReport, AdDays());
  const auto pieces = AllRows(kReport, With(AdDays(), {{"page_size", "7"}}));
  ASSERT_GT(whole.size(), 50u);
  EXPECT_EQ(whole, pieces);
  std::set<std::string> keys;
  for (const auto& row : whole) keys.insert(KeyOf(row));
  EXPECT_EQ(keys.size(), whole.size());
}

TEST_F(PagingTest, ReportsAreUnsortedUnlessAsked) {
  std::vector<std::string> days;
  for (const auto& row : AllRows(kReport, AdDays())) days.push_back(row["dimensions"]["stat_time_day"]);
  EXPECT_FALSE(std::is_sorted(days.begin(), days.end()));
  std::vector<double> spend;
  for (const auto& row : AllRows(kReport, With(AdDays(), {{"order_field", "spend"}})))
    spend.push_back(Number(row["metrics"]["spend"]));
  EXPECT_TRUE(std::is_sorted(spend.rbegin(), spend.rend()));
  spend.clear();
  for (const auto& row : AllRows(kReport, With(AdDays(), {{"order_field", "spend"}, {"order_type", "ASC"}})))
    spend.push_back(Number(row["metrics"]["spend"]));
  EXPECT_TRUE(std::is_sorted(spend.begin(), spend.end()));
}

TEST_F(PagingTest, DefaultPageHasTenRows) {
  Params params = AdDays();
  params.erase("page_size");
  const nlohmann::json data = Get(kReport, params)["data"];
  EXPECT_EQ(data["list"].size(), 10u);
  EXPECT_EQ(data["page_info"]["page"], 1);
  EXPECT_EQ(data["page_info"]["page_size"], 10);
  const int total = data["page_info"]["total_number"];
  EXPECT_EQ(data["page_info"]["total_page"], (total + 9) / 10);
}

TEST_F(PagingTest, PageAfterTheLastIsEmpty) {
  const nlohmann::json data = Get(kReport, With(AdDays(), {{"page", "999"}}))["data"];
  EXPECT_TRUE(data["list"].empty());
  EXPECT_EQ(data["page_info"]["page"], 999);
  EXPECT_GT(data["page_info"]["total_number"].get<int>(), 0);
}

TEST_F(PagingTest, NothingDeliveredGivesAnEmptyListOrZeros) {
  const Params before = {{"start_date", "2010-01-01"}, {"end_date", "2010-01-05"}};
  const nlohmann::json by_day = Get(kReport, With(AdDays(), before));
  EXPECT_EQ(by_day["code"], 0);
  EXPECT_TRUE(by_day["data"]["list"].empty());
  EXPECT_EQ(by_day["data"]["page_info"]["total_page"], 0);
  const auto bare = AllRows(kReport, With(With(AdDays(), before), {{"dimensions", R"(["ad_id"])"}}));
  ASSERT_FALSE(bare.empty());
  for (const auto& row : bare) EXPECT_EQ(Number(row["metrics"]["spend"]), 0);
}

TEST_F(PagingTest, EntitiesComeNewestFirstAndOnce) {
  const Params params = {
      {"advertiser_id", Account(0)}, {"page_size", "9"}, {"filtering", R"({"primary_status":"STATUS_ALL"})"}};
  std::vector<uint64_t> ids;
  for (const auto& row : AllRows("ad/get/", params)) ids.push_back(std::stoull(row["ad_id"].get<std::string>()));
  ASSERT_GT(ids.size(), 30u);
  EXPECT_TRUE(std::is_sorted(ids.rbegin(), ids.rend()));
  EXPECT_EQ(std::set<uint64_t>(ids.begin(), ids.end()).size(), ids.size());
  EXPECT_GT(ids.back(), uint64_t{1} << 53);
}

TEST_F(PagingTest, DeletedObjectsAreHiddenUnlessAsked) {
  const auto count = [&](const char* filter) {
    return AllRows("ad/get/", {{"advertiser_id", Account(0)}, {"page_size", "1000"}, {"filtering", filter}}).size();
  };
  const size_t by_default = count("{}"), all = count(R"({"primary_status":"STATUS_ALL"})");
  const size_t deleted = count(R"({"primary_status":"STATUS_DELETE"})");
  EXPECT_GT(deleted, 0u);
  EXPECT_EQ(by_default + deleted, all);
  EXPECT_EQ(count(R"({"secondary_status":"AD_STATUS_ALL"})"), all);
  const auto rows = AllRows(kReport, AdDays());
  const auto kept = AllRows(kReport, With(AdDays(), {{"filtering", ""}}));
  EXPECT_LE(kept.size(), rows.size());
}

TEST_F(PagingTest, CreationWindowsCutTheListWithoutGapOrOverlap) {
  const auto ids = [&](const std::string& from, const std::string& to) {
    const std::string filter = nlohmann::json{
        {"primary_status", "STATUS_ALL"},
        {"creation_filter_start_time", from},
        {"creation_filter_end_time",
         to}}.dump();
    std::set<std::string> found;
    for (const auto& row :
         AllRows("ad/get/", {{"advertiser_id", Account(0)}, {"page_size", "1000"}, {"filtering", filter}}))
      found.insert(row["ad_id"]);
    return found;
  };
  const auto all = ids("2020-01-01 00:00:00", "2026-12-31 23:59:59");
  const auto early = ids("2020-01-01 00:00:00", "2025-06-30 23:59:59"),
             late = ids("2025-07-01 00:00:00", "2026-12-31 23:59:59");
  EXPECT_GT(early.size(), 0u);
  EXPECT_GT(late.size(), 0u);
  EXPECT_EQ(early.size() + late.size(), all.size());
}

TEST_F(PagingTest, NewestObjectsOnlyAreSeenAboveTheLimit) {
  options_.object_limit = 5;
  Remake();
  const WireAnswer answer = sim_->Handle(CallFor(kReport, With(AdDays(), {{"dimensions", R"(["ad_id"])"}})));
  ASSERT_FALSE(answer.headers.empty());
  const bool throttled = std::any_of(answer.headers.begin(), answer.headers.end(),
                                     [](const auto& h) { return h.first == "X-Tt-Ads-Throttle"; });
  EXPECT_TRUE(throttled);
  EXPECT_EQ(nlohmann::json::parse(answer.body)["data"]["list"].size(), 5u);
}

class TopViewTest : public SimTest {
 protected:
  TopViewTest() : SimTest("quickstart") {}
};

TEST_F(TopViewTest, TopViewObjectsAppearOnlyWhenAskedAlone) {
  const auto count = [&](const char* types) {
    return AllRows("campaign/get/", {{"advertiser_id", Account(0)},
                                     {"page_size", "1000"},
                                     {"filtering", std::string(R"({"primary_status":"STATUS_ALL")") + types + "}"}})
        .size();
  };
  const size_t by_default = count("");
  EXPECT_EQ(by_default, count(R"(,"buying_types":["AUCTION"])") + count(R"(,"buying_types":["RESERVATION_RF"])"));
  EXPECT_GT(count(R"(,"buying_types":["RESERVATION_TOP_VIEW"])"), 0u);
}

}  // namespace
}  // namespace tikhaul::simulator
