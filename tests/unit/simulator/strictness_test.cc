// Every refusal of tiktok-api.md that a connector can run into.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

constexpr char kReport[] = "report/integrated/get/";

struct Refused {
  const char* why;
  Params changes;
  int code = 40002;
};

std::string Ids(int count) {
  nlohmann::json list = nlohmann::json::array();
  for (int i = 0; i < count; ++i) list.push_back(std::to_string(7'000'000'000'000'000'000 + i));
  return list.dump();
}

std::string Filter(const std::string& field, const std::string& value, const std::string& type = "IN") {
  return nlohmann::json::array({{{"field_name", field}, {"filter_type", type}, {"filter_value", value}}}).dump();
}

std::string ManyMetrics(size_t count) {
  nlohmann::json list = nlohmann::json::array();
  for (const Metric& metric : MetricTable::Get().all()) {
    if (metric.group == MetricGroup::kAppEvent && list.size() < count) list.push_back(metric.name);
  }
  return list.dump();
}

class StrictnessTest : public SimTest {
 protected:
  void ExpectRefused(const char* path, const Params& base, const std::vector<Refused>& cases) {
    ASSERT_EQ(Code(path, base), 0);
    for (const Refused& refused : cases) {
      const nlohmann::json answer = Get(path, With(base, refused.changes));
      EXPECT_EQ(answer["code"], refused.code) << refused.why << ": " << answer.dump().substr(0, 300);
      EXPECT_TRUE(answer["data"].empty()) << refused.why;
      EXPECT_FALSE(answer["message"].get<std::string>().empty()) << refused.why;
    }
  }
};

TEST_F(StrictnessTest, ReportRefusesMissingAndMalformedParameters) {
  ExpectRefused(kReport, AdDays(),
                {{"no advertiser", {{"advertiser_id", ""}}},
                 {"advertiser is no id", {{"advertiser_id", "abc"}}},
                 {"foreign advertiser", {{"advertiser_id", "7002238017842757633"}}, 40001},
                 {"no report type", {{"report_type", ""}}},
                 {"unknown report type", {{"report_type", "BASICS"}}},
                 {"no data level", {{"data_level", ""}}},
                 {"reservation level", {{"data_level", "RESERVATION_AD"}}},
                 {"no dimensions", {{"dimensions", ""}}},
                 {"dimensions are no JSON", {{"dimensions", "ad_id,stat_time_day"}}},
                 {"empty dimensions", {{"dimensions", "[]"}}},
                 {"metrics are no list", {{"metrics", "\"spend\""}}},
                 {"no start date", {{"start_date", ""}}},
                 {"no end date", {{"end_date", ""}}},
                 {"date form", {{"start_date", "2026-5-1"}}},
                 {"impossible date", {{"start_date", "2026-02-30"}}},
                 {"end before start", {{"end_date", "2026-04-30"}}},
                 {"page zero", {{"page", "0"}}},
                 {"page is no number", {{"page", "one"}}},
                 {"page with fraction", {{"page", "1.0"}}},
                 {"page size zero", {{"page_size", "0"}}},
                 {"page size too large", {{"page_size", "1001"}}},
                 {"flag is no boolean", {{"enable_total_metrics", "True"}}},
                 {"order by attribute", {{"metrics", R"(["spend","ad_name"])"}, {"order_field", "ad_name"}}},
                 {"order by what was not asked", {{"order_field", "cpc"}}},
                 {"order type", {{"order_type", "DOWN"}}},
                 {"six accounts", {{"advertiser_ids", Ids(6)}}}});
}

TEST_F(StrictnessTest, ReportRefusesDimensionsThatDoNotFit) {
  const Params hour = {{"dimensions", R"(["ad_id","stat_time_hour"])"}, {"end_date", "2026-05-01"}};
  ExpectRefused(kReport, AdDays(),
                {{"parent id", {{"dimensions", R"(["campaign_id","stat_time_day"])"}}},
                 {"two ids", {{"dimensions", R"(["ad_id","campaign_id","stat_time_day"])"}}},
                 {"two times", With(hour, {{"dimensions", R"(["ad_id","stat_time_day","stat_time_hour"])"}})},
                 {"no id below advertiser", {{"dimensions", R"(["stat_time_day"])"}}},
                 {"twice the same", {{"dimensions", R"(["ad_id","ad_id","stat_time_day"])"}}},
                 {"audience dimension in BASIC", {{"dimensions", R"(["ad_id","stat_time_day","age"])"}}},
                 {"unknown", {{"dimensions", R"(["ad_id","stat_time_week"])"}}},
                 {"country with hour", With(hour, {{"dimensions", R"(["ad_id","stat_time_hour","country_code"])"}})},
                 {"two breakdowns", {{"dimensions", R"(["ad_id","country_code","ad_type"])"}}},
                 {"ad_id and ad_id_v2", {{"dimensions", R"(["ad_id","ad_id_v2"])"}}},
                 {"search terms at ad level", {{"dimensions", R"(["ad_id","search_terms"])"}}},
                 {"match_type alone", {{"dimensions", R"(["ad_id","match_type"])"}}}});
}

TEST_F(StrictnessTest, AudienceReportRefusesWhatItDoesNotKnow) {
  const Params audience =
      With(AdDays(), {{"report_type", "AUDIENCE"}, {"dimensions", R"(["ad_id","stat_time_day","age","gender"])"}});
  ExpectRefused(
      kReport, audience,
      {{"no audience dimension", {{"dimensions", R"(["ad_id","stat_time_day"])"}}},
       {"age with country", {{"dimensions", R"(["ad_id","age","country_code"])"}}},
       {"three", {{"dimensions", R"(["ad_id","age","gender","platform"])"}}},
       {"hours", {{"dimensions", R"(["ad_id","stat_time_hour","age"])"}, {"end_date", "2026-05-01"}}},
       {"interest with time", {{"dimensions", R"(["ad_id","stat_time_day","interest_category"])"}}},
       {"brand with time", {{"dimensions", R"(["ad_id","stat_time_day","device_brand_id"])"}}},
       {"ad_type at advertiser level",
        {{"data_level", "AUCTION_ADVERTISER"}, {"dimensions", R"(["advertiser_id","ad_type"])"}, {"filtering", ""}}},
       {"reach", {{"metrics", R"(["reach"])"}}},
       {"video with age", {{"metrics", R"(["video_play_actions"])"}}},
       {"likes with age", {{"metrics", R"(["likes"])"}}},
       {"landing page with age", {{"metrics", R"(["total_landing_page_view"])"}}},
       {"lifetime", {{"dimensions", R"(["ad_id","age"])"}, {"query_lifetime", "true"}}},
       {"totals", {{"enable_total_metrics", "true"}}},
       {"result with hashtag", {{"dimensions", R"(["ad_id","hashtag"])"}, {"metrics", R"(["result"])"}}}});
}

TEST_F(StrictnessTest, ReportRefusesMetricsThatDoNotFit) {
  const Params advertiser = {
      {"data_level", "AUCTION_ADVERTISER"}, {"filtering", ""}, {"dimensions", R"(["advertiser_id","stat_time_day"])"}};
  ExpectRefused(kReport, AdDays(),
                {{"unknown", {{"metrics", R"(["spend","spendings"])"}}},
                 {"internal name", {{"metrics", R"(["#watched_ms"])"}}},
                 {"audience only", {{"metrics", R"(["rf_campaign_type"])"}}},
                 {"101 names", {{"metrics", ManyMetrics(101)}}},
                 {"campaign name at advertiser level", With(advertiser, {{"metrics", R"(["campaign_name"])"}})},
                 {"ad name at ad group level",
                  {{"data_level", "AUCTION_ADGROUP"},
                   {"filtering", ""},
                   {"dimensions", R"(["adgroup_id","stat_time_day"])"},
                   {"metrics", R"(["ad_name"])"}}},
                 {"cash_spend at ad level", {{"metrics", R"(["cash_spend"])"}}},
                 {"cash_spend without day",
                  With(advertiser, {{"dimensions", R"(["advertiser_id"])"}, {"metrics", R"(["cash_spend"])"}})},
                 {"image metric without image", {{"metrics", R"(["single_image_impressions"])"}}},
                 {"offline metric by country",
                  {{"dimensions", R"(["ad_id","country_code"])"}, {"metrics", R"(["offline_total_crm_events"])"}}},
                 {"attribute without id",
                  With(advertiser, {{"dimensions", R"(["stat_time_day"])"}, {"metrics", R"(["currency"])"}})}});
  EXPECT_EQ(Code(kReport, With(AdDays(), {{"metrics", ManyMetrics(100)}})), 0);
}

TEST_F(StrictnessTest, ReportRefusesSpansThatAreTooLong) {
  const Params bare = {{"dimensions", R"(["ad_id"])"}, {"start_date", "2025-05-01"}};
  ExpectRefused(
      kReport, AdDays(),
      {{"31 days by day", {{"end_date", "2026-05-31"}}},
       {"two days by hour", {{"dimensions", R"(["ad_id","stat_time_hour"])"}, {"end_date", "2026-05-02"}}},
       {"366 days without time", With(bare, {{"end_date", "2026-05-01"}})},
       {"lifetime with day", {{"query_lifetime", "true"}}},
       {"lifetime with country", {{"dimensions", R"(["ad_id","country_code"])"}, {"query_lifetime", "true"}}}});
  EXPECT_EQ(Code(kReport, With(AdDays(), With(bare, {{"end_date", "2026-04-30"}}))), 0);
  EXPECT_EQ(
      Code(kReport, With(AdDays(), {{"dimensions", R"(["ad_id","stat_time_hour"])"}, {"end_date", "2026-05-01"}})), 0);
}

TEST_F(StrictnessTest, ReportRefusesFiltersOfAnotherForm) {
  ExpectRefused(kReport, AdDays(),
                {{"an object", {{"filtering", R"({"ad_status":"STATUS_ALL"})"}}},
                 {"no JSON", {{"filtering", "ad_status"}}},
                 {"bare array as value",
                  {{"filtering", R"([{"field_name":"ad_status","filter_type":"IN","filter_value":["STATUS_ALL"]}])"}}},
                 {"key missing", {{"filtering", R"([{"field_name":"ad_status","filter_value":"[\"STATUS_ALL\"]"}])"}}},
                 {"text that is no array", {{"filtering", Filter("ad_status", "STATUS_ALL")}}},
                 {"unknown field", {{"filtering", Filter("ad_color", "[\"RED\"]")}}},
                 {"unknown status", {{"filtering", Filter("ad_status", "[\"STATUS_SOME\"]")}}},
                 {"unknown operator", {{"filtering", Filter("ad_ids", "[\"1\"]", "EQUALS")}}},
                 {"lower level",
                  {{"data_level", "AUCTION_CAMPAIGN"},
                   {"dimensions", R"(["campaign_id"])"},
                   {"filtering", Filter("ad_status", "[\"STATUS_ALL\"]")}}},
                 {"101 ids", {{"filtering", Filter("ad_ids", Ids(101))}}, 40011},
                 {"no id", {{"filtering", Filter("campaign_ids", "[\"x\"]")}}}});
  EXPECT_EQ(Code(kReport, With(AdDays(), {{"filtering", Filter("ad_ids", Ids(100))}})), 0);
}

TEST_F(StrictnessTest, EntityListsRefuseWhatTheSheetRefuses) {
  const Params base = {{"advertiser_id", Account(0)}};
  const auto filter = [](const char* text) { return Params{{"filtering", text}}; };
  const std::vector<Refused> cases = {
      {"no advertiser", {{"advertiser_id", ""}}},
      {"foreign advertiser", {{"advertiser_id", "1"}}, 40001},
      {"filtering is an array", filter(R"([{"primary_status":"STATUS_ALL"}])")},
      {"unknown filter", filter(R"({"colour":"red"})")},
      {"unknown status", filter(R"({"primary_status":"STATUS_OLD"})")},
      {"statuses that do not fit",
       {{"filtering", R"({"primary_status":"STATUS_NOT_DELETE","secondary_status":"AD_STATUS_DELETE"})"}}},
      {"TopView with others", filter(R"({"buying_types":["AUCTION","RESERVATION_TOP_VIEW"]})")},
      {"101 ids", {{"filtering", absl::StrCat("{\"campaign_ids\":", Ids(101), "}")}}, 40011},
      {"ids as numbers", filter(R"({"campaign_ids":[1]})")},
      {"time with T", filter(R"({"creation_filter_start_time":"2026-01-01T00:00:00Z"})")},
      {"page size", {{"page_size", "1001"}}},
      {"unknown field", {{"fields", R"(["ad_id","colour"])"}}},
      {"unknown kind to leave out", {{"exclude_field_types_in_response", R"(["EMPTY"])"}}}};
  ExpectRefused("ad/get/", base, cases);
  EXPECT_EQ(Code("campaign/get/", With(base, filter(R"({"modified_after":"2026-01-01 00:00:00"})"))), 40002);
  const Params top_view = filter(R"({"buying_types":["RESERVATION_TOP_VIEW"]})");
  EXPECT_EQ(Code("adgroup/get/", With(With(base, top_view), {{"page_size", "101"}})), 40002);
  EXPECT_EQ(Code("adgroup/get/", With(With(base, top_view), {{"page_size", "100"}})), 0);
  EXPECT_EQ(Code("ad/get/", With(With(base, top_view), {{"page_size", "1000"}})), 0);
}

TEST_F(StrictnessTest, CategoriesAndAccountsRefuseWhatTheSheetRefuses) {
  ExpectRefused("tool/interest_category/", {{"advertiser_id", Account(0)}},
                {{"version", {{"version", "3"}}},
                 {"language", {{"language", "la"}}},
                 {"placements with version 1", {{"version", "1"}, {"placements", R"(["PLACEMENT_TIKTOK"])"}}},
                 {"industry", {{"special_industries", R"(["FARMING"])"}}}});
  ExpectRefused("advertiser/info/", {{"advertiser_ids", nlohmann::json::array({Account(0)}).dump()}},
                {{"none", {{"advertiser_ids", ""}}},
                 {"101", {{"advertiser_ids", Ids(101)}}, 40011},
                 {"foreign", {{"advertiser_ids", Ids(1)}}, 40001}});
  ExpectRefused("oauth2/advertiser/get/", {{"app_id", std::string(kAppId)}, {"secret", std::string(kAppSecret)}},
                {{"no secret", {{"secret", ""}}},
                 {"wrong secret", {{"secret", "x"}}, 40101},
                 {"another app", {{"app_id", "7000000000000000002"}}, 40113}});
}

TEST_F(StrictnessTest, TokensAreJudgedByTheHeader) {
  Call call = CallFor(kReport, AdDays());
  call.token.reset();
  EXPECT_EQ(nlohmann::json::parse(sim_->Handle(call).body)["code"], 40104);
  call.params["access_token"] = std::string(kToken);
  EXPECT_EQ(nlohmann::json::parse(sim_->Handle(call).body)["code"], 40104);
  call.token = "wrong";
  EXPECT_EQ(nlohmann::json::parse(sim_->Handle(call).body)["code"], 40105);
  sim_->SetTokenGood(false);
  EXPECT_EQ(Code(kReport, AdDays()), 40105);
  sim_->SetTokenGood(true);
  EXPECT_EQ(Code(kReport, AdDays()), 0);
}

TEST_F(StrictnessTest, PathsNeedTheirSlashAndMethod) {
  Call call = CallFor("ad/get", {});
  EXPECT_EQ(sim_->Handle(call).status, 404);
  call.path = "/open_api/v1.2/ad/get/";
  EXPECT_EQ(sim_->Handle(call).status, 404);
  call.path = "/open_api/v1.3/ad/get/";
  call.method = "POST";
  EXPECT_EQ(sim_->Handle(call).status, 405);
}

TEST_F(StrictnessTest, UnknownParametersAreIgnored) {
  EXPECT_EQ(Code(kReport, With(AdDays(), {{"filter", "x"}, {"lifetime", "true"}})), 0);
}

TEST_F(StrictnessTest, ForeignServiceTypeGivesAnEmptyList) {
  const nlohmann::json answer = Get(kReport, With(AdDays(), {{"service_type", "RESERVATION"}}));
  EXPECT_EQ(answer["code"], 0);
  EXPECT_TRUE(answer["data"]["list"].empty());
}

TEST_F(StrictnessTest, AuthorizationCodesAreGoodOnce) {
  Call call = CallFor("oauth2/access_token/", {});
  call.method = "POST";
  call.token.reset();
  call.body =
      nlohmann::json{
          {"app_id", std::string(kAppId)}, {"secret", std::string(kAppSecret)}, {"auth_code", "sim-auth-code-1"}}
          .dump();
  const nlohmann::json granted = nlohmann::json::parse(sim_->Handle(call).body);
  EXPECT_EQ(granted["code"], 0);
  EXPECT_EQ(granted["data"]["access_token"], std::string(kToken));
  EXPECT_EQ(granted["data"]["advertiser_ids"].size(), sim_->data_set().size());
  EXPECT_EQ(nlohmann::json::parse(sim_->Handle(call).body)["code"], 40110);
}

}  // namespace
}  // namespace tikhaul::simulator
