// A simulator without sockets, under a clock that stands still.
#ifndef TIKHAUL_TESTS_UNIT_SIMULATOR_SIM_FIXTURE_H_
#define TIKHAUL_TESTS_UNIT_SIMULATOR_SIM_FIXTURE_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "simulator/accounts_endpoint.h"
#include "simulator/simulator.h"

namespace tikhaul::simulator {

using Params = std::map<std::string, std::string>;

class SimTest : public ::testing::Test {
 protected:
  explicit SimTest(const std::string& data_set = "small") { options_.data_set = data_set; }

  void SetUp() override {
    options_.quota = {1'000'000, 1'000'000, 100'000'000, absl::Minutes(5)};
    options_.endpoint_limits = {};
    Remake();
  }
  // After a change of options_.
  void Remake() {
    auto made = Simulator::Make(options_, clock_);
    ASSERT_TRUE(made.ok()) << made.status();
    sim_ = *std::move(made);
  }

  Call CallFor(const std::string& path, const Params& params) const {
    Call call;
    call.method = "GET";
    call.path = "/open_api/v1.3/" + path;
    call.params = params;
    call.token = std::string(kToken);
    return call;
  }
  // The envelope.
  nlohmann::json Get(const std::string& path, const Params& params) {
    const WireAnswer answer = sim_->Handle(CallFor(path, params));
    EXPECT_EQ(answer.status, 200);
    return nlohmann::json::parse(answer.body, nullptr, false);
  }
  int Code(const std::string& path, const Params& params) { return Get(path, params).value("code", -1); }

  std::string Account(size_t index) const { return std::to_string(sim_->data_set().IdAt(index)); }
  // A legal report by ad and day over May 2026, deleted ads included.
  Params AdDays(size_t account = 0) const {
    return {{"advertiser_id", Account(account)},
            {"report_type", "BASIC"},
            {"data_level", "AUCTION_AD"},
            {"dimensions", R"(["ad_id","stat_time_day"])"},
            {"metrics", R"(["spend","impressions","clicks"])"},
            {"start_date", "2026-05-01"},
            {"end_date", "2026-05-30"},
            {"page_size", "1000"},
            {"filtering", kAllAds}};
  }
  static Params With(Params params, const Params& changes) {
    for (const auto& [name, value] : changes) params[name] = value;
    return params;
  }
  // The rows of all pages.
  std::vector<nlohmann::json> AllRows(const std::string& path, Params params, const std::string& member = "list") {
    std::vector<nlohmann::json> rows;
    for (int page = 1;; ++page) {
      params["page"] = std::to_string(page);
      const nlohmann::json answer = Get(path, params);
      EXPECT_EQ(answer.value("code", -1), 0) << answer.dump();
      if (answer.value("code", -1) != 0) return rows;
      for (const nlohmann::json& row : answer["data"][member]) rows.push_back(row);
      if (page >= answer["data"]["page_info"]["total_page"].get<int>()) return rows;
    }
  }

  static constexpr char kAllAds[] =
      R"([{"field_name":"ad_status","filter_type":"IN","filter_value":"[\"STATUS_ALL\"]"}])";

  ManualClock clock_;
  SimulatorOptions options_;
  std::unique_ptr<Simulator> sim_;
};

inline double Number(const nlohmann::json& value) { return std::stod(value.get<std::string>()); }
inline int64_t WholeNumber(const nlohmann::json& value) { return static_cast<int64_t>(Number(value)); }

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_TESTS_UNIT_SIMULATOR_SIM_FIXTURE_H_
