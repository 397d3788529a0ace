#include "common/catalog/activity_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

std::map<std::string, std::string> ParamsOf(const v1::ApiRequest& request) {
  std::map<std::string, std::string> params;
  for (const v1::ApiParam& param : request.params()) params[param.name()] = param.value();
  return params;
}

TEST(ActivityRequestTest, AsksForTotalsOfOneAdvertiser) {
  const v1::ApiRequest request =
      ActivityRequest({"71"}, absl::CivilDay(2025, 1, 1), absl::CivilDay(2025, 12, 31), false);
  EXPECT_EQ(request.path(), "report/integrated/get/");
  const auto params = ParamsOf(request);
  EXPECT_EQ(params.at("advertiser_id"), "71");
  EXPECT_EQ(params.at("data_level"), "AUCTION_ADVERTISER");
  EXPECT_EQ(params.at("dimensions"), "[\"advertiser_id\"]");
  EXPECT_EQ(params.at("start_date"), "2025-01-01");
  EXPECT_EQ(params.at("end_date"), "2025-12-31");
  EXPECT_EQ(params.count("filtering"), 0u) << "filters would hide something";
}

TEST(ActivityRequestTest, AsksForSeveralAdvertisersAtOnceAndForDays) {
  const auto params =
      ParamsOf(ActivityRequest({"71", "72"}, absl::CivilDay(2025, 1, 1), absl::CivilDay(2025, 1, 30), true));
  EXPECT_EQ(params.at("advertiser_ids"), "[\"71\",\"72\"]");
  EXPECT_EQ(params.count("advertiser_id"), 0u);
  EXPECT_EQ(params.at("dimensions"), "[\"advertiser_id\",\"stat_time_day\"]");
}

TEST(ActivityRequestTest, ItsMetricsAreLegalForAnAdvertiserWithoutBreakdown) {
  std::vector<std::string> names(ActivityMetrics().begin(), ActivityMetrics().end());
  EXPECT_LE(names.size(), 100u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_THAT(ProblemsOf(Basic("advertiser", {}, names)), testing::IsEmpty());
}

TEST(ZerosMeanNoRowsTest, WhereEveryRowHasFigures) {
  EXPECT_TRUE(ZerosMeanNoRows(Basic("ad", {"stat_time_day"})));
  EXPECT_TRUE(ZerosMeanNoRows(Basic("campaign", {"stat_time_hour"})));
  EXPECT_TRUE(ZerosMeanNoRows(Basic("ad", {"country_code"})));
  EXPECT_TRUE(ZerosMeanNoRows(Audience("ad", {"stat_time_day", "gender", "age"})));
}

TEST(ZerosMeanNoRowsTest, NotWhereRowsOfZerosComeOrOtherThingsCount) {
  EXPECT_FALSE(ZerosMeanNoRows(Basic("ad", {}))) << "the bare id brings rows of zeros";
  EXPECT_FALSE(ZerosMeanNoRows(Basic("advertiser", {"stat_time_day"}, {"spend", "cash_spend"})));
  EXPECT_FALSE(ZerosMeanNoRows(Basic("ad", {"stat_time_day", "video_material_id"})));
  EXPECT_FALSE(ZerosMeanNoRows(Basic("ad", {"skan_postback_sequence"})));
  EXPECT_FALSE(ZerosMeanNoRows(Objects("adverts")));
  v1::Extract lifetime = Basic("ad", {});
  lifetime.set_lifetime(true);
  EXPECT_FALSE(ZerosMeanNoRows(lifetime));
}

}  // namespace
}  // namespace tikhaul
