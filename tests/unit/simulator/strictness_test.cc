// Refusals that depend on what the simulator holds or on what came before; all others are tests/conformance/rules.
#include <string>

#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

constexpr char kReport[] = "report/integrated/get/";

std::string ManyMetrics(size_t count) {
  nlohmann::json list = nlohmann::json::array();
  for (const Metric& metric : MetricTable::Get().all()) {
    if (metric.group == MetricGroup::kAppEvent && list.size() < count) list.push_back(metric.name);
  }
  return list.dump();
}

class StrictnessTest : public SimTest {};

TEST_F(StrictnessTest, AReportHasAtMostAHundredMetrics) {
  EXPECT_EQ(Code(kReport, With(AdDays(), {{"metrics", ManyMetrics(100)}})), 0);
  EXPECT_EQ(Code(kReport, With(AdDays(), {{"metrics", ManyMetrics(101)}})), 40002);
}

TEST_F(StrictnessTest, InternalFiguresAreNoMetrics) {
  EXPECT_EQ(Code(kReport, With(AdDays(), {{"metrics", R"(["#watched_ms"])"}})), 40002);
}

TEST_F(StrictnessTest, ARevokedTokenIsRefusedUntilItIsGoodAgain) {
  sim_->SetTokenGood(false);
  EXPECT_EQ(Code(kReport, AdDays()), 40105);
  sim_->SetTokenGood(true);
  EXPECT_EQ(Code(kReport, AdDays()), 0);
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
