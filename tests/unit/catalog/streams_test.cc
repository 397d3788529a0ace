// The streams beside the six (tiktok-api.md 2.3, 2.4, 7.2, 8): what is asked, what is refused, how sure it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kAdvertiser[] = "7002238017842757633";
constexpr char kOwn[] = "advertiser_id=7002238017842757633";

v1::ReadPlan Plan(const v1::Extract& extract, const Window& window = {}) {
  EXPECT_TRUE(CheckExtract(extract).empty()) << extract.ShortDebugString();
  return CompileReadPlan(extract, "main", kAdvertiser, window);
}

std::vector<std::string> Params(const v1::ReadPlan& plan) {
  std::vector<std::string> lines;
  for (const v1::ApiParam& param : plan.requests(0).params()) lines.push_back(param.name() + "=" + param.value());
  return lines;
}

v1::Extract GmvMaxReport(const std::string& level = "campaign") {
  v1::Extract extract = Report("gmv_max_report", level, {"stat_time_day"}, {"cost", "orders"});
  (*extract.mutable_options())["store_ids"] = R"(["7490000000000000001"])";
  return extract;
}

TEST(StreamsTest, ListsAreAskedAsTheSheetSays) {
  struct Expected {
    const char *path, *rows_member;
    uint32_t page_size;
    std::vector<std::string> params;
  };
  const std::string all = R"(filtering={"primary_status":"STATUS_ALL"})";
  const std::map<std::string, Expected> expected = {
      {"advertiser_info", {"advertiser/info/", "list", 0, {R"(advertiser_ids=["7002238017842757633"])"}}},
      {"pixels", {"pixel/list/", "pixels", 20, {kOwn}}},
      {"custom_audiences", {"dmp/custom_audience/list/", "list", 100, {kOwn}}},
      {"identities", {"identity/get/", "identity_list", 100, {kOwn}}},
      {"videos", {"file/video/ad/search/", "list", 100, {kOwn}}},
      {"images", {"file/image/ad/search/", "list", 100, {kOwn}}},
      {"music", {"file/music/get/", "musics", 1000, {kOwn}}},
      {"portfolios", {"creative/portfolio/list/", "creative_portfolios", 100, {kOwn}}},
      {"action_categories", {"tool/action_category/", "action_categories", 0, {kOwn}}},
      {"regions", {"search/region/", "region_list", 0, {kOwn}}},
      {"smart_plus_campaigns", {"smart_plus/campaign/get/", "list", 1000, {kOwn, all}}},
      {"smart_plus_ad_groups", {"smart_plus/adgroup/get/", "list", 1000, {kOwn, all}}},
      {"smart_plus_ads", {"smart_plus/ad/get/", "list", 100, {kOwn, all}}},
      {"gmv_max_campaigns",
       {"gmv_max/campaign/get/",
        "list",
        100,
        {kOwn,
         R"(filtering={"gmv_max_promotion_types":["PRODUCT_GMV_MAX","LIVE_GMV_MAX"],"primary_status":"STATUS_ALL"})"}}},
  };
  size_t seen = 6 + 1;  // and gmv_max_report
  for (const auto& [name, wanted] : expected) {
    const v1::ReadPlan plan = Plan(Objects(name));
    ASSERT_EQ(plan.requests_size(), 1) << name;
    EXPECT_EQ(plan.requests(0).path(), wanted.path);
    EXPECT_EQ(plan.requests(0).page_size(), wanted.page_size) << name;
    EXPECT_EQ(plan.rows_member(), wanted.rows_member) << name;
    EXPECT_EQ(plan.paged(), wanted.page_size > 0) << name;
    EXPECT_EQ(Params(plan), wanted.params) << name;
    EXPECT_EQ(LongestWindowDays(Objects(name)), 0) << name;
    ++seen;
  }
  EXPECT_EQ(seen, Streams().size()) << "a stream has no expectation";
}

TEST(StreamsTest, WhatIsKnownAndNotKeptIsNamed) {
  EXPECT_THAT(Plan(Objects("pixels")).left_out(), ElementsAre("pixel_script"));
  EXPECT_THAT(Plan(Objects("videos")).left_out(), IsEmpty());
  EXPECT_EQ(Plan(Objects("videos")).reach(), 10'000u);
  EXPECT_EQ(Plan(Objects("images")).reach(), 0u);
}

TEST(StreamsTest, SignedAddressesAreVolatile) {
  const std::map<std::string, std::vector<std::string>> expected = {
      {"advertiser_info", {"license_url"}},
      {"videos", {"preview_url", "preview_url_expire_time", "video_cover_url"}},
      {"images", {"image_url"}},
      {"music", {"url", "cover_url"}},
      {"portfolios", {"creative_portfolio_preview_url"}},
      {"identities", {"profile_image"}},
      {"pixels", {}}};
  for (const auto& [name, columns] : expected) {
    std::vector<std::string> found;
    for (const TableColumn& column : SchemaOf(Objects(name)).columns) {
      if (column.is_volatile) found.push_back(column.name);
    }
    EXPECT_EQ(found, columns) << name;
  }
}

TEST(StreamsTest, ObjectsCanHaveAHistoryAndTreesCannot) {
  for (const StreamSpec& stream : Streams()) {
    if (stream.kind == StreamKind::kReport) continue;
    v1::Extract extract = Objects(std::string(stream.name));
    extract.set_history(true);
    EXPECT_EQ(CheckExtract(extract).empty(), stream.kind == StreamKind::kEntity) << stream.name;
  }
}

TEST(StreamsTest, GmvMaxReportHasItsOwnParameters) {
  const Window window{WindowKind::kDays, absl::CivilDay(2026, 1, 1), absl::CivilDay(2026, 1, 30)};
  EXPECT_THAT(Params(Plan(GmvMaxReport(), window)),
              ElementsAre(kOwn, R"(store_ids=["7490000000000000001"])", R"(dimensions=["campaign_id","stat_time_day"])",
                          R"(metrics=["cost","orders"])", "start_date=2026-01-01", "end_date=2026-01-30"));
  EXPECT_THAT(Params(Plan(GmvMaxReport("advertiser"), window))[2], R"(dimensions=["advertiser_id","stat_time_day"])");
  EXPECT_EQ(LongestWindowDays(GmvMaxReport()), 30);
  EXPECT_EQ(Plan(GmvMaxReport(), window).listings_size(), 0);
}

TEST(StreamsTest, GmvMaxReportRefusesWhatIsNotItsOwn) {
  v1::Extract extract = GmvMaxReport("ad");
  extract.clear_options();
  extract.clear_metrics();
  extract.add_metrics("spend");
  extract.clear_dimensions();
  extract.set_exclude_deleted(true);
  extract.add_filters()->set_field_name("campaign_ids");
  EXPECT_THAT(ProblemsOf(extract),
              ElementsAre("level[-1] gmv_max_report has no level ad: it is advertiser or campaign (tiktok-api.md 8)",
                          HasSubstr("dimensions[-1] gmv_max_report needs stat_time_day"),
                          HasSubstr("metric \"spend\" is not offered in gmv_max_report"),
                          "filters[-1] gmv_max_report has no filters: leave it out (tiktok-api.md 8)",
                          "include_deleted[-1] gmv_max_report has no include_deleted: leave it out (tiktok-api.md 8)",
                          HasSubstr("options[-1] gmv_max_report needs option store_ids: the shop")));
  for (const char* value : {"7490000000000000001", "[]", R"(["a"])", R"(["1","2"])", "[1]"}) {
    v1::Extract wrong = GmvMaxReport();
    (*wrong.mutable_options())["store_ids"] = value;
    EXPECT_THAT(ProblemsOf(wrong), ElementsAre(HasSubstr("it is a list of one id"))) << value;
  }
}

TEST(StreamsTest, ListsWithoutAFilterRefuseWhatNeedsOne) {
  v1::Extract pixels = Objects("pixels");
  pixels.set_exclude_deleted(true);
  pixels.set_backfill_days(30);
  EXPECT_THAT(ProblemsOf(pixels), ElementsAre(HasSubstr("include_deleted[-1] pixels knows no deleted objects"),
                                              HasSubstr("backfill[-1] pixels is always read whole")));
  v1::Extract gmv_max = Objects("gmv_max_campaigns");
  gmv_max.set_exclude_deleted(true);
  gmv_max.set_backfill_days(30);
  EXPECT_THAT(ProblemsOf(gmv_max), IsEmpty());
  EXPECT_EQ(LongestWindowDays(gmv_max), 180);
  v1::Extract smart = Objects("smart_plus_campaigns");
  smart.set_backfill_days(30);
  EXPECT_THAT(ProblemsOf(smart), ElementsAre(HasSubstr("always read whole")));
}

TEST(StreamsTest, IdentitiesCanBeNarrowed) {
  v1::Extract extract = Objects("identities");
  (*extract.mutable_options())["identity_type"] = "BC_AUTH_TT";
  (*extract.mutable_options())["identity_authorized_bc_id"] = "7010000000000000001";
  EXPECT_THAT(Params(Plan(extract)),
              ElementsAre(kOwn, "identity_type=BC_AUTH_TT", "identity_authorized_bc_id=7010000000000000001"));
  (*extract.mutable_options())["identity_authorized_bc_id"] = "x";
  EXPECT_THAT(ProblemsOf(extract), ElementsAre(HasSubstr("it is an id, digits alone")));
}

TEST(StreamsTest, TheSandboxHasWhatTheSheetSays) {
  std::vector<std::string> names;
  for (const StreamSpec& stream : Streams()) {
    if (stream.in_sandbox) names.emplace_back(stream.name);
  }
  EXPECT_THAT(names, ElementsAre("basic_report", "adverts", "ad_groups", "campaigns", "identities"));
}

TEST(StreamsTest, WhatIsLessSureSaysSo) {
  for (const StreamSpec& stream : Streams()) {
    EXPECT_FALSE(stream.section.empty()) << stream.name;
  }
  for (const char* name : {"pixels", "videos", "music", "identities", "gmv_max_campaigns", "gmv_max_report"}) {
    EXPECT_FALSE(FindStream(name)->evidence_note.empty()) << name;
  }
  for (const char* name : {"smart_plus_campaigns", "smart_plus_ad_groups", "smart_plus_ads", "regions"}) {
    EXPECT_EQ(FindStream(name)->evidence, Evidence::kOneSource) << name;
  }
  for (const char* name : {"images", "custom_audiences", "advertiser_info"}) {
    EXPECT_EQ(FindStream(name)->evidence, Evidence::kConfirmed) << name;
    EXPECT_TRUE(FindStream(name)->evidence_note.empty()) << name;
  }
}

}  // namespace
}  // namespace tikhaul
