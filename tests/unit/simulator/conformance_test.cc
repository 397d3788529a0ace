// Requests and answers have the shapes of tiktok-api.md and of the recorded samples.
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "simulator/entity_fields.h"
#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

constexpr char kReport[] = "report/integrated/get/";

class ConformanceTest : public SimTest {};

TEST_F(ConformanceTest, EnvelopeHasItsFourMembersAndATraceHeader) {
  const WireAnswer answer = sim_->Handle(CallFor("user/info/", {}));
  const nlohmann::json envelope = nlohmann::json::parse(answer.body);
  EXPECT_EQ(envelope["code"], 0);
  EXPECT_EQ(envelope["message"], "OK");
  EXPECT_FALSE(envelope["request_id"].get<std::string>().empty());
  EXPECT_TRUE(envelope["data"].is_object());
  EXPECT_EQ(envelope.size(), 4u);
  EXPECT_EQ(answer.content_type, "application/json; charset=utf-8");
  ASSERT_EQ(answer.headers.size(), 1u);
  EXPECT_EQ(answer.headers[0].first, "X-Tt-Logid");
}

TEST_F(ConformanceTest, ExampleCallOfSectionOnePasses) {
  const nlohmann::json answer = Get("campaign/get/", {{"advertiser_id", Account(0)},
                                                      {"page", "1"},
                                                      {"page_size", "1000"},
                                                      {"filtering", R"({"primary_status":"STATUS_ALL"})"}});
  EXPECT_EQ(answer["code"], 0);
  EXPECT_FALSE(answer["data"]["list"].empty());
}

// The combinations that connectors use in production (sections 4.2 and 4.7).
TEST_F(ConformanceTest, CombinationsProvenInProductionPass) {
  const std::string core =
      R"(["spend","cpc","cpm","impressions","clicks","ctr","conversion","cost_per_conversion","conversion_rate","real_time_conversion","result","cost_per_result","result_rate"])";
  const struct {
    const char *level, *id;
  } levels[] = {{"AUCTION_AD", "ad_id"},
                {"AUCTION_ADGROUP", "adgroup_id"},
                {"AUCTION_CAMPAIGN", "campaign_id"},
                {"AUCTION_ADVERTISER", "advertiser_id"}};
  for (const auto& level : levels) {
    for (const char* rest :
         {R"("stat_time_day","gender","age")", R"("stat_time_day","country_code")", R"("stat_time_day","platform")",
          R"("stat_time_day","province_id")", R"("gender","age")"}) {
      const Params params = With(AdDays(), {{"report_type", "AUDIENCE"},
                                            {"data_level", level.level},
                                            {"filtering", ""},
                                            {"metrics", core},
                                            {"dimensions", absl::StrCat("[\"", level.id, "\",", rest, "]")}});
      const nlohmann::json answer = Get(kReport, params);
      EXPECT_EQ(answer["code"], 0) << answer.dump().substr(0, 300);
      EXPECT_FALSE(answer["data"]["list"].empty()) << level.level << rest;
    }
    for (const char* rest : {"", R"(,"stat_time_day")", R"(,"country_code")", R"(,"stat_time_day","country_code")"}) {
      const Params params = With(AdDays(), {{"data_level", level.level},
                                            {"filtering", ""},
                                            {"metrics", core},
                                            {"dimensions", absl::StrCat("[\"", level.id, "\"", rest, "]")}});
      EXPECT_EQ(Code(kReport, params), 0) << level.level << rest;
    }
  }
}

TEST_F(ConformanceTest, MetricsOfTheRecordedAdReportsPass) {
  const char* const names[] = {"spend",
                               "cpc",
                               "cpm",
                               "impressions",
                               "clicks",
                               "ctr",
                               "reach",
                               "cost_per_1000_reached",
                               "frequency",
                               "video_play_actions",
                               "video_watched_2s",
                               "video_watched_6s",
                               "average_video_play",
                               "average_video_play_per_user",
                               "video_views_p25",
                               "video_views_p50",
                               "video_views_p75",
                               "video_views_p100",
                               "profile_visits",
                               "likes",
                               "comments",
                               "shares",
                               "follows",
                               "clicks_on_music_disc",
                               "real_time_app_install",
                               "real_time_app_install_cost",
                               "app_install",
                               "campaign_name",
                               "campaign_id",
                               "adgroup_name",
                               "adgroup_id",
                               "placement_type",
                               "tt_app_id",
                               "tt_app_name",
                               "conversion",
                               "cost_per_conversion",
                               "conversion_rate",
                               "real_time_conversion",
                               "real_time_cost_per_conversion",
                               "real_time_conversion_rate",
                               "result",
                               "cost_per_result",
                               "result_rate",
                               "real_time_result",
                               "real_time_cost_per_result",
                               "real_time_result_rate",
                               "secondary_goal_result",
                               "cost_per_secondary_goal_result",
                               "secondary_goal_result_rate",
                               "ad_name",
                               "ad_text",
                               "total_purchase_value",
                               "total_onsite_shopping_value",
                               "onsite_shopping",
                               "vta_purchase",
                               "vta_conversion",
                               "cta_purchase",
                               "cta_conversion",
                               "total_pageview",
                               "complete_payment",
                               "value_per_complete_payment",
                               "total_complete_payment_rate",
                               "promotion_type",
                               "dpa_target_audience_type",
                               "mobile_app_id"};
  nlohmann::json list = nlohmann::json::array();
  for (const char* name : names) list.push_back(name);
  ASSERT_FALSE(AllRows(kReport, AdDays()).empty());
  for (const auto& row : AllRows(kReport, With(AdDays(), {{"metrics", list.dump()}}))) {
    EXPECT_EQ(row["metrics"].size(), std::size(names));
    for (const auto& [name, value] : row["metrics"].items()) EXPECT_TRUE(value.is_string() || value.is_null()) << name;
    for (const auto& [name, value] : row["dimensions"].items()) EXPECT_TRUE(value.is_string()) << name;
    EXPECT_TRUE(absl::EndsWith(row["dimensions"]["stat_time_day"].get<std::string>(), " 00:00:00"));
  }
}

TEST_F(ConformanceTest, EveryMetricOfTheSheetCanBeAskedForSomewhere) {
  std::set<std::string> left;
  for (const Metric& metric : MetricTable::Get().all()) {
    if (MetricTable::Get().Find(metric.name) != nullptr) left.insert(metric.name);
  }
  EXPECT_EQ(left.size(), 827u);  // 826 of BASIC and rf_campaign_type
  const Params kinds[] = {
      {},
      {{"data_level", "AUCTION_ADVERTISER"}, {"filtering", ""}, {"dimensions", R"(["advertiser_id","stat_time_day"])"}},
      {{"dimensions", R"(["ad_id","image_id"])"}},
      {{"report_type", "AUDIENCE"}, {"dimensions", R"(["ad_id","country_code"])"}}};
  for (const Params& kind : kinds) {
    const std::set<std::string> before = left;
    for (const std::string& name : before) {
      const nlohmann::json answer = Get(
          kReport, With(With(AdDays(), kind), {{"page_size", "1"}, {"metrics", nlohmann::json::array({name}).dump()}}));
      if (answer["code"] != 0) continue;
      left.erase(name);
      EXPECT_TRUE(answer["data"]["list"][0]["metrics"].contains(name));
    }
  }
  EXPECT_TRUE(left.empty()) << *left.begin();
}

TEST_F(ConformanceTest, EntitiesHaveAllFieldsOfTheirTables) {
  const struct {
    const char* path;
    Level level;
    size_t count;
  } kinds[] = {{"campaign/get/", kCampaign, 38}, {"adgroup/get/", kAdGroup, 145}, {"ad/get/", kAd, 86}};
  for (const auto& kind : kinds) {
    const nlohmann::json object = Get(kind.path, {{"advertiser_id", Account(0)}})["data"]["list"][0];
    size_t of_the_sheet = 0;
    for (const EntityField& field : EntityFields(kind.level)) {
      of_the_sheet += field.extra ? 0 : 1;
      if (field.name != "campaign_system_origin" && field.name != "modify_time") {
        EXPECT_TRUE(object.contains(field.name)) << field.name;
      }
    }
    EXPECT_EQ(of_the_sheet, kind.count);
    EXPECT_TRUE(object["campaign_id"].is_string());
    if (kind.level != kAd) {
      EXPECT_TRUE(object["budget"].is_number());
    }
    EXPECT_EQ(object["create_time"].get<std::string>().size(), 19u);
  }
}

TEST_F(ConformanceTest, FieldsAndNullsCanBeLeftOut) {
  const nlohmann::json few =
      Get("ad/get/", {{"advertiser_id", Account(0)}, {"fields", R"(["ad_id","ad_name"])"}})["data"]["list"][0];
  EXPECT_EQ(few.size(), 2u);
  const nlohmann::json whole = Get("ad/get/", {{"advertiser_id", Account(0)}})["data"]["list"][0];
  EXPECT_TRUE(whole["card_id"].is_null());
  const nlohmann::json object =
      Get("ad/get/",
          {{"advertiser_id", Account(0)}, {"exclude_field_types_in_response", R"(["NULL_FIELD"])"}})["data"]["list"][0];
  EXPECT_FALSE(object.contains("card_id"));
}

TEST_F(ConformanceTest, EntityFieldsAreValidJsonOfTheirType) {
  for (size_t account = 0; account < sim_->data_set().size(); ++account) {
    for (const auto& object : AllRows("adgroup/get/", {{"advertiser_id", Account(account)}, {"page_size", "1000"}})) {
      for (const EntityField& field : EntityFields(kAdGroup)) {
        if (!object.contains(field.name)) continue;
        const nlohmann::json& value = object[std::string(field.name)];
        if (value.is_null() || field.extra) continue;
        const bool text = field.type == FieldType::kText || field.type == FieldType::kTime;
        EXPECT_TRUE(!text || value.is_string()) << field.name;
        EXPECT_TRUE(field.type != FieldType::kNumber || value.is_number()) << field.name;
        EXPECT_TRUE(field.type != FieldType::kJson || value.is_array() || value.is_object()) << field.name;
      }
      EXPECT_EQ(object["dayparting"].get<std::string>().size(), 336u);
    }
  }
}

TEST_F(ConformanceTest, AccountsShowBothZones) {
  const nlohmann::json list = Get(
      "advertiser/info/", {{"advertiser_ids", nlohmann::json::array({Account(0), Account(1)}).dump()}})["data"]["list"];
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]["timezone"], "Etc/GMT+8");
  EXPECT_EQ(list[0]["display_timezone"], "America/Los_Angeles");
  EXPECT_EQ(list[1]["currency"], "JPY");
  EXPECT_TRUE(list[0]["create_time"].is_number_integer());
  const nlohmann::json editable =
      Get("advertiser/info/", {{"advertiser_ids", nlohmann::json::array({Account(0)}).dump()},
                               {"fields", R"(["company_name_editable"])"}})["data"]["list"][0];
  EXPECT_EQ(editable.size(), 2u);
}

TEST_F(ConformanceTest, CategoriesFormATree) {
  const nlohmann::json list =
      Get("tool/interest_category/", {{"advertiser_id", Account(0)}})["data"]["interest_categories"];
  std::map<std::string, int> levels;
  for (const auto& category : list) levels[category["interest_category_id"]] = category["level"];
  std::set<std::string> children;
  std::set<int> seen;
  for (const auto& category : list) {
    seen.insert(category["level"].get<int>());
    for (const auto& child : category["sub_category_ids"]) {
      EXPECT_EQ(levels.at(child), category["level"].get<int>() + 1);
      EXPECT_TRUE(children.insert(child).second);
    }
  }
  EXPECT_EQ(seen, (std::set<int>{1, 2, 3, 4}));
  for (const auto& [id, level] : levels) EXPECT_EQ(children.contains(id), level > 1);
  const nlohmann::json german = Get("tool/interest_category/",
                                    {{"advertiser_id", Account(0)}, {"language", "de"}})["data"]["interest_categories"];
  EXPECT_NE(german[0]["interest_category_name"], list[0]["interest_category_name"]);
}

TEST_F(ConformanceTest, SmallKeepsABackfillOfTwoYearsUnderEightyCalls) {
  // 25 windows of 30 days per account, each one page.
  size_t calls = 0;
  for (size_t account = 0; account < sim_->data_set().size(); ++account) {
    for (int window = 0; window < 25; ++window) {
      const absl::CivilDay first = absl::CivilDay(2026, 6, 15) - 30 * (window + 1) + 1;
      const auto text = [](absl::CivilDay day) { return absl::FormatCivilTime(day); };
      const nlohmann::json info = Get(
          kReport,
          With(AdDays(account), {{"start_date", text(first)}, {"end_date", text(first + 29)}}))["data"]["page_info"];
      calls += std::max<size_t>(1, info["total_page"].get<size_t>());
    }
  }
  EXPECT_LE(calls, 80u);
}

}  // namespace
}  // namespace tikhaul::simulator
