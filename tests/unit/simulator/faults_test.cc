#include "simulator/faults.h"

#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

constexpr char kReport[] = "report/integrated/get/";

class FaultsTest : public SimTest {
 protected:
  void Script(const char* json) { ASSERT_TRUE(sim_->faults().Add(json).ok()); }
  WireAnswer Wire(const Params& changes = {}) { return sim_->Handle(CallFor(kReport, With(AdDays(), changes))); }
};

TEST_F(FaultsTest, CodeHitsOnlyWhatItMatchesAndSoManyTimes) {
  Script(
      R"([{"kind":"code","code":50000,"message":"System error","times":2,"skip":1,"match":{"path":"report/integrated/get/","page":2}}])");
  const auto codes = [&](const char* page) { return Code(kReport, With(AdDays(), {{"page", page}})); };
  EXPECT_EQ(codes("1"), 0);
  EXPECT_EQ(codes("2"), 0);  // skipped
  EXPECT_EQ(codes("2"), 50000);
  EXPECT_EQ(Code("user/info/", {}), 0);
  EXPECT_EQ(codes("2"), 50000);
  EXPECT_EQ(codes("2"), 0);
  EXPECT_EQ(nlohmann::json::parse(sim_->faults().Json())["faults"][0]["hits"], 2);
}

TEST_F(FaultsTest, AdvertiserCanBeSingledOut) {
  Script((R"({"kind":"code","code":40001,"times":-1,"match":{"advertiser_id":")" + Account(1) + "\"}}").c_str());
  EXPECT_EQ(Code(kReport, AdDays(0)), 0);
  EXPECT_EQ(Code(kReport, AdDays(1)), 40001);
  EXPECT_EQ(Code(kReport, AdDays(1)), 40001);
  sim_->faults().Clear();
  EXPECT_EQ(Code(kReport, AdDays(1)), 0);
}

TEST_F(FaultsTest, BrokenAnswersAreBroken) {
  Script(
      R"([{"kind":"html502"},{"kind":"not_json"},{"kind":"truncate","bytes":40},{"kind":"reset"},{"kind":"hang","seconds":5},{"kind":"slow","ms":300}])");
  const WireAnswer bad_gateway = Wire();
  EXPECT_EQ(bad_gateway.status, 502);
  EXPECT_EQ(bad_gateway.content_type, "text/html; charset=utf-8");
  EXPECT_TRUE(nlohmann::json::parse(Wire().body, nullptr, false).is_discarded());
  const WireAnswer cut = Wire();
  EXPECT_EQ(cut.cut, WireAnswer::Cut::kBody);
  EXPECT_EQ(cut.sent_bytes, 40u);
  EXPECT_EQ(Wire().cut, WireAnswer::Cut::kReset);
  const WireAnswer hang = Wire();
  EXPECT_EQ(hang.cut, WireAnswer::Cut::kReset);
  EXPECT_EQ(hang.delay, absl::Seconds(5));
  const WireAnswer slow = Wire();
  EXPECT_EQ(slow.delay, absl::Milliseconds(300));
  EXPECT_EQ(nlohmann::json::parse(slow.body)["code"], 0);
  EXPECT_EQ(nlohmann::json::parse(Wire().body)["code"], 0);
}

TEST_F(FaultsTest, PagesCanDriftShiftAndGrowFields) {
  const nlohmann::json right = Get(kReport, AdDays())["data"];
  Script(
      R"([{"kind":"drift","delta":3},{"kind":"shift","rows":2,"match":{"page":2}},{"kind":"unknown_fields"},{"kind":"number_strings"},{"kind":"throttle_header"}])");
  const int total = right["page_info"]["total_number"];
  EXPECT_EQ(Get(kReport, AdDays())["data"]["page_info"]["total_number"], total + 3);
  EXPECT_EQ(Get(kReport, With(AdDays(), {{"page_size", "10"}, {"page", "2"}}))["data"]["list"][0], right["list"][8]);
  EXPECT_TRUE(Get(kReport, AdDays())["data"]["list"][0]["metrics"].contains("metric_of_tomorrow"));
  EXPECT_TRUE(Get(kReport, AdDays())["data"]["list"][0]["metrics"]["spend"].is_number());
  const WireAnswer throttled = Wire();
  ASSERT_EQ(throttled.headers.size(), 2u);
  EXPECT_EQ(throttled.headers[1].first, "X-Tt-Ads-Throttle");
}

TEST_F(FaultsTest, AnswersCanComeInPiecesAndBeUnsound) {
  Script(
      R"([{"kind":"reset_in_body","bytes":40},{"kind":"drip","bytes":10,"ms":5},{"kind":"bad_utf8"},{"kind":"deep_nesting","depth":50},{"kind":"fat_rows","bytes":1000},{"kind":"html504"}])");
  const WireAnswer cut = Wire();
  EXPECT_EQ(cut.cut, WireAnswer::Cut::kBodyReset);
  EXPECT_EQ(cut.sent_bytes, 40u);
  const WireAnswer drip = Wire();
  EXPECT_EQ(drip.drip_bytes, 10u);
  EXPECT_EQ(drip.drip_every, absl::Milliseconds(5));
  EXPECT_EQ(nlohmann::json::parse(drip.body)["code"], 0);
  EXPECT_NE(Wire().body.find('\xff'), std::string::npos);
  nlohmann::json nested = nlohmann::json::parse(Wire().body)["data"]["list"][0]["nested"];
  for (int i = 1; i < 50; ++i) nested = nlohmann::json(nested.at(0));
  EXPECT_EQ(nested, nlohmann::json::array());
  EXPECT_EQ(nlohmann::json::parse(Wire().body)["data"]["list"][0]["padding"].get<std::string>().size(), 1000u);
  EXPECT_EQ(Wire().status, 504);
}

TEST_F(FaultsTest, NamedRefusalsCarryTheirCodeAndWords) {
  Script(R"([{"kind":"revoked_token"},{"kind":"missing_grant"},{"kind":"dead_account"}])");
  EXPECT_EQ(Get(kReport, AdDays())["code"], 40105);
  const nlohmann::json grant = Get(kReport, AdDays());
  EXPECT_EQ(grant["code"], 40001);
  EXPECT_NE(grant["message"].get<std::string>().find("/report/integrated/get/:GET"), std::string::npos);
  EXPECT_NE(Get(kReport, AdDays())["message"].get<std::string>().find("deleted"), std::string::npos);
}

TEST_F(FaultsTest, AStaleAnswerIsThatOfAnEarlierTime) {
  const Params newest = With(AdDays(), {{"start_date", "2026-06-10"}, {"end_date", "2026-06-15"}});
  const nlohmann::json now = Get(kReport, newest)["data"];
  sim_->clock().Advance(absl::Hours(24));
  EXPECT_NE(Get(kReport, newest)["data"], now) << "nothing has changed: the test proves nothing";
  Script(R"({"kind":"stale","seconds":86400})");
  EXPECT_EQ(Get(kReport, newest)["data"], now);
}

TEST_F(FaultsTest, AMixIsEveryFaultOnceInAnOrderOfItsSeed) {
  const auto run = [&](const std::string& mix) {
    sim_->faults().Clear();
    Script(mix.c_str());
    std::vector<int64_t> kinds;
    while (nlohmann::json::parse(sim_->faults().Json())["faults"][0]["left"] > 0) {
      EXPECT_FALSE(sim_->faults().Next("advertiser/info/", {}).has_value()) << "accounts are spared";
      const std::optional<Fault> fault = sim_->faults().Next(kReport, {});
      kinds.push_back(fault.has_value() ? static_cast<int64_t>(fault->kind) * 100'000 + fault->code : -1);
    }
    return kinds;
  };
  const std::vector<int64_t> first = run(R"({"kind":"mix","seed":1})"), second = run(R"({"kind":"mix","seed":2})");
  EXPECT_EQ(first, run(R"({"kind":"mix","seed":1})"));
  EXPECT_NE(first, second);
  const auto faults = [](std::vector<int64_t> kinds) {
    std::erase(kinds, -1);
    std::sort(kinds.begin(), kinds.end());
    return kinds;
  };
  EXPECT_EQ(faults(first), faults(second));
  EXPECT_GT(faults(first).size(), 85u);
  EXPECT_LT(faults(run(R"({"kind":"mix","seed":1,"codes":"classes"})")).size(), 40u);
  EXPECT_FALSE(sim_->faults().Add(R"({"kind":"mix","seed":"x"})").ok());
  EXPECT_FALSE(sim_->faults().Add(R"({"kind":"mix","codes":"some"})").ok());
}

TEST_F(FaultsTest, ScriptsAreChecked) {
  FaultScript script;
  for (const char* bad :
       {"x", "3", R"([1])", R"({"times":1})", R"({"kind":"gremlin"})", R"({"kind":"code","colour":1})",
        R"({"kind":"code","code":"5"})", R"({"kind":"code","match":[]})"}) {
    EXPECT_FALSE(script.Add(bad).ok()) << bad;
  }
  EXPECT_EQ(script.Json(), R"({"faults":[]})");
}

}  // namespace
}  // namespace tikhaul::simulator
