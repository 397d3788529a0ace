// Lists beside campaigns and ads (tiktok-api.md 7.2, 8), GMV Max reports, and what the sandbox leaves (2.4).
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "simulator/asset_kinds.h"
#include "simulator/gmv_max_report.h"
#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

constexpr char kGmvMaxFilter[] = R"({"gmv_max_promotion_types":["PRODUCT_GMV_MAX","LIVE_GMV_MAX"]})";

class AssetListsTest : public SimTest {
 protected:
  Params BaseOf(const AssetKind& kind, size_t account = 0) const {
    Params params = {{"advertiser_id", Account(account)}};
    if (kind.stream == "gmv_max_campaigns") params["filtering"] = kGmvMaxFilter;
    return params;
  }
  std::vector<nlohmann::json> Rows(const AssetKind& kind, const Params& params) {
    if (kind.paged) return AllRows(std::string(kind.path), params, std::string(kind.rows_member));
    return Get(std::string(kind.path), params)["data"][std::string(kind.rows_member)];
  }
  static std::string IdOf(const AssetKind& kind, const nlohmann::json& row) {
    const size_t first = kind.fields[0].name == "advertiser_id" ? 1 : 0;
    return row[std::string(kind.fields[first].name)];
  }
};

TEST_F(AssetListsTest, PagesMakeUpTheWholeOnce) {
  for (const AssetKind& kind : AssetKinds()) {
    if (!kind.paged) continue;
    const std::string most = absl::StrCat(kind.most_page_size);
    std::vector<std::string> whole, pieces;
    for (const auto& row : Rows(kind, With(BaseOf(kind), {{"page_size", most}}))) whole.push_back(IdOf(kind, row));
    for (const auto& row : Rows(kind, With(BaseOf(kind), {{"page_size", "7"}}))) pieces.push_back(IdOf(kind, row));
    EXPECT_GT(whole.size(), 3u) << kind.stream;
    EXPECT_EQ(whole, pieces) << kind.stream;
    EXPECT_EQ(std::set<std::string>(whole.begin(), whole.end()).size(), whole.size()) << kind.stream;
  }
}

TEST_F(AssetListsTest, PagesHaveTheSizesOfTheSheet) {
  const std::map<std::string, std::pair<int, int>> sizes = {{"pixel/list/", {10, 20}},
                                                            {"file/video/ad/search/", {20, 100}},
                                                            {"file/image/ad/search/", {20, 100}},
                                                            {"file/music/get/", {1000, 1000}},
                                                            {"creative/portfolio/list/", {20, 100}},
                                                            {"dmp/custom_audience/list/", {10, 100}},
                                                            {"identity/get/", {20, 100}}};
  for (const auto& [path, size] : sizes) {
    const AssetKind& kind = *FindAssetKind(path);
    EXPECT_EQ(Get(path, BaseOf(kind))["data"]["page_info"]["page_size"], size.first) << path;
    EXPECT_EQ(Code(path, With(BaseOf(kind), {{"page_size", absl::StrCat(size.second)}})), 0) << path;
    EXPECT_EQ(Code(path, With(BaseOf(kind), {{"page_size", absl::StrCat(size.second + 1)}})), 40002) << path;
  }
}

TEST_F(AssetListsTest, FiltersNarrow) {
  const AssetKind& videos = *FindAssetKind("file/video/ad/search/");
  const nlohmann::json one = Rows(videos, With(BaseOf(videos), {{"page_size", "100"}}))[5];
  const auto found = [&](const nlohmann::json& filter) {
    return Rows(videos, With(BaseOf(videos), {{"filtering", filter.dump()}}));
  };
  EXPECT_EQ(found({{"video_ids", {one["video_id"]}}}).size(), 1u);
  EXPECT_EQ(found({{"material_ids", {one["material_id"]}}})[0]["video_id"], one["video_id"]);
  for (const auto& row : found({{"video_name", "(new)"}})) {
    EXPECT_TRUE(absl::StrContains(row["file_name"].get<std::string>(), "(new)"));
  }
  nlohmann::json many = nlohmann::json::array();
  for (int i = 0; i < 101; ++i) many.push_back(absl::StrCat(i));
  EXPECT_EQ(
      Code("file/video/ad/search/", With(BaseOf(videos), {{"filtering", nlohmann::json{{"video_ids", many}}.dump()}})),
      40011);
  EXPECT_EQ(Code("dmp/custom_audience/list/", {{"advertiser_id", Account(0)}, {"custom_audience_ids", many.dump()}}),
            40011);
  EXPECT_EQ(Code("pixel/list/", {{"advertiser_id", Account(0)}, {"order_by", "NEWEST"}}), 40002);
  EXPECT_EQ(Code("identity/get/", {{"advertiser_id", Account(0)}, {"identity_type", "FRIEND"}}), 40002);
  for (const auto& row :
       AllRows("identity/get/", {{"advertiser_id", Account(0)}, {"identity_type", "TT_USER"}}, "identity_list")) {
    EXPECT_EQ(row["identity_type"], "TT_USER");
  }
}

TEST_F(AssetListsTest, GmvMaxCampaignsNeedTheirFilterAndAreNoOthers) {
  const AssetKind& kind = *FindAssetKind("gmv_max/campaign/get/");
  const auto code = [&](const char* filter) {
    return Code("gmv_max/campaign/get/", {{"advertiser_id", Account(0)}, {"filtering", filter}});
  };
  EXPECT_EQ(code(""), 40002);
  EXPECT_EQ(code("{}"), 40002);
  EXPECT_EQ(code(R"({"gmv_max_promotion_types":[]})"), 40002);
  EXPECT_EQ(code(R"({"gmv_max_promotion_types":["ALL"]})"), 40002);
  EXPECT_EQ(code(R"({"gmv_max_promotion_types":"LIVE_GMV_MAX"})"), 40002);
  const auto all = Rows(kind, With(BaseOf(kind), {{"page_size", "100"}}));
  const auto live =
      Rows(kind, {{"advertiser_id", Account(0)}, {"filtering", R"({"gmv_max_promotion_types":["LIVE_GMV_MAX"]})"}});
  EXPECT_LT(live.size(), all.size());
  EXPECT_FALSE(live.empty());
  std::set<std::string> others;
  for (const auto& row : AllRows("campaign/get/", {{"advertiser_id", Account(0)}})) others.insert(row["campaign_id"]);
  for (const auto& row : all) EXPECT_FALSE(others.contains(row["campaign_id"]));
}

TEST_F(AssetListsTest, SignedAddressesChangeAtEveryReadAndNothingElseDoes) {
  const AssetKind& images = *FindAssetKind("file/image/ad/search/");
  auto first = Rows(images, BaseOf(images)), second = Rows(images, BaseOf(images));
  EXPECT_NE(first[0]["image_url"], second[0]["image_url"]);
  for (auto* rows : {&first, &second}) {
    for (auto& row : *rows) row.erase("image_url");
  }
  EXPECT_EQ(first, second);
  EXPECT_TRUE(absl::EndsWith(first[0]["create_time"].get<std::string>(), "Z"));
}

TEST_F(AssetListsTest, ThingsComeChangeAndGo) {
  const AssetKind& images = *FindAssetKind("file/image/ad/search/");
  const Params params = With(BaseOf(images), {{"page_size", "100"}});
  std::map<std::string, nlohmann::json> before, after;
  for (const auto& row : Rows(images, params)) before[row["image_id"]] = row["file_name"];
  sim_->clock().Advance(absl::Hours(24 * 120));
  for (const auto& row : Rows(images, params)) after[row["image_id"]] = row["file_name"];
  size_t came = 0, changed = 0, went = 0;
  for (const auto& [id, name] : after) {
    came += before.contains(id) ? 0 : 1;
    changed += before.contains(id) && before[id] != name ? 1 : 0;
  }
  for (const auto& [id, name] : before) went += after.contains(id) ? 0 : 1;
  EXPECT_GT(came, 0u);
  EXPECT_GT(changed, 0u);
  EXPECT_GT(went, 0u);
}

TEST_F(AssetListsTest, OnlyTheNewestTenThousandVideosCanBeReached) {
  options_.data_set = "videos:10500";
  Remake();
  const Params params = {{"advertiser_id", Account(0)}, {"page_size", "100"}};
  const nlohmann::json first = Get("file/video/ad/search/", params)["data"];
  EXPECT_GT(first["page_info"]["total_number"], 10'000 * 0.6);
  std::string last = "9999";
  for (const auto& row : first["list"]) {
    EXPECT_LE(row["modify_time"].get<std::string>(), last);
    last = row["modify_time"];
  }
  EXPECT_EQ(Code("file/video/ad/search/", With(params, {{"page", "100"}})), 0);
  EXPECT_EQ(Code("file/video/ad/search/", With(params, {{"page", "101"}})), 40002);
  EXPECT_EQ(Code("file/music/get/", With(params, {{"page", "101"}, {"page_size", "1000"}})), 40002);
}

class GmvMaxReportTest : public SimTest {
 protected:
  Params Report(const char* id) const {
    const std::string account = Account(0);
    return {{"advertiser_id", account},
            {"store_ids", absl::StrCat("[\"749", account.substr(account.size() - 16), "\"]")},
            {"dimensions", absl::StrCat("[\"", id, "\",\"stat_time_day\"]")},
            {"metrics", R"(["cost","orders","roi"])"},
            {"start_date", "2026-05-01"},
            {"end_date", "2026-05-30"},
            {"page_size", "1000"}};
  }
  static constexpr char kPath[] = "gmv_max/report/get/";
};

TEST_F(GmvMaxReportTest, CampaignsAddUpToTheShop) {
  std::map<std::string, int64_t> by_campaign, whole;
  for (const auto& row : AllRows(kPath, Report("campaign_id"))) {
    by_campaign[row["dimensions"]["stat_time_day"]] += WholeNumber(row["metrics"]["orders"]);
  }
  for (const auto& row : AllRows(kPath, Report("advertiser_id"))) {
    whole[row["dimensions"]["stat_time_day"]] += WholeNumber(row["metrics"]["orders"]);
    EXPECT_TRUE(row["metrics"]["cost"].is_string());
  }
  EXPECT_EQ(whole.size(), 30u);
  EXPECT_EQ(by_campaign, whole);
}

class ViewsTest : public SimTest {};

TEST_F(ViewsTest, SmartPlusListsShowSmartPlusObjectsAlone) {
  std::set<std::string> smart, marked;
  for (const auto& row : AllRows("smart_plus/campaign/get/", {{"advertiser_id", Account(0)}}))
    smart.insert(row["campaign_id"]);
  for (const auto& row : AllRows("campaign/get/", {{"advertiser_id", Account(0)}, {"page_size", "1000"}})) {
    if (row["campaign_automation_type"] == "UPGRADED_SMART_PLUS") marked.insert(row["campaign_id"]);
  }
  EXPECT_FALSE(smart.empty());
  EXPECT_EQ(smart, marked);
  EXPECT_EQ(Code("smart_plus/ad/get/", {{"advertiser_id", Account(0)}, {"page_size", "101"}}), 40002);
  EXPECT_EQ(Code("smart_plus/campaign/get/", {{"advertiser_id", Account(0)}, {"page_size", "1000"}}), 0);
  EXPECT_EQ(Code("smart_plus/campaign/get/", {{"advertiser_id", Account(0)}, {"page_size", "1001"}}), 40002);
  for (const auto& row : AllRows("smart_plus/ad/get/", {{"advertiser_id", Account(0)}})) {
    EXPECT_TRUE(row["smart_plus_ad_id"].is_string());
    EXPECT_TRUE(row["creative_list"].is_array());
  }
}

TEST_F(ViewsTest, SomeSmartPlusAdsLackTheTimeOfTheirChange) {
  size_t with = 0, without = 0;
  for (const auto& row : AllRows("ad/get/", {{"advertiser_id", Account(0)}, {"page_size", "1000"}})) {
    ++(row.contains("modify_time") ? with : without);
    EXPECT_TRUE(row.contains("modify_time") || row["campaign_automation_type"] == "UPGRADED_SMART_PLUS");
  }
  EXPECT_GT(with, 0u);
  EXPECT_GT(without, 0u);
}

TEST_F(ViewsTest, WhatIsTakenAwayIsInNoList) {
  const Params all = {
      {"advertiser_id", Account(0)}, {"page_size", "1000"}, {"filtering", R"({"primary_status":"STATUS_ALL"})"}};
  const std::string campaign = AllRows("campaign/get/", all)[0]["campaign_id"];
  const auto count = [&](const char* path) {
    size_t rows = 0;
    for (const auto& row : AllRows(path, all)) rows += row["campaign_id"] == campaign ? 1 : 0;
    return rows;
  };
  EXPECT_GT(count("ad/get/"), 0u);
  Call call;
  call.method = "POST";
  call.path = "/sim/remove-object";
  call.params = {{"id", campaign}};
  EXPECT_EQ(sim_->Control(call).status, 200);
  for (const char* path : {"ad/get/", "adgroup/get/", "campaign/get/"}) EXPECT_EQ(count(path), 0u) << path;
  call.params = {{"id", "x"}};
  EXPECT_EQ(sim_->Control(call).status, 400);
}

TEST_F(ViewsTest, TheSandboxHasFewEndpoints) {
  options_.sandbox = true;
  Remake();
  const Params own = {{"advertiser_id", Account(0)}};
  for (const char* path : {"campaign/get/", "adgroup/get/", "ad/get/", "identity/get/", "user/info/"}) {
    EXPECT_EQ(Code(path, own), 0) << path;
  }
  EXPECT_FALSE(Get("ad/get/", own)["data"]["list"][0].contains("secondary_status"));
  for (const char* path : {"advertiser/info/", "oauth2/advertiser/get/", "pixel/list/", "dmp/custom_audience/list/",
                           "tool/interest_category/", "smart_plus/ad/get/", "gmv_max/report/get/"}) {
    EXPECT_EQ(Code(path, own), 40009) << path;
  }
  EXPECT_EQ(Code("report/integrated/get/", AdDays()), 0);
  EXPECT_EQ(Code("report/integrated/get/", With(AdDays(), {{"enable_total_metrics", "true"}})), 40014);
  EXPECT_EQ(Code("report/integrated/get/", With(AdDays(), {{"data_level", "AUCTION_ADVERTISER"},
                                                           {"filtering", ""},
                                                           {"dimensions", R"(["advertiser_id","stat_time_day"])"}})),
            40014);
}

}  // namespace
}  // namespace tikhaul::simulator
