#include "common/catalog/slices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/catalog/extract_shape.h"
#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Window kDay = {WindowKind::kDays, absl::CivilDay(2026, 1, 1), absl::CivilDay(2026, 1, 1)};

v1::ReadPlan Plan(const v1::Extract& extract) {
  EXPECT_TRUE(CheckExtract(extract).empty()) << extract.ShortDebugString();
  return CompileReadPlan(extract, "main", "7001", kDay);
}

std::vector<std::string> FieldsOf(const v1::ReadPlan& plan) {
  std::vector<std::string> fields;
  for (const v1::IdListing& listing : plan.listings()) fields.push_back(listing.filter_field());
  return fields;
}

std::string Param(const v1::ApiRequest& request, const std::string& name) {
  for (const v1::ApiParam& param : request.params()) {
    if (param.name() == name) return param.value();
  }
  return "";
}

TEST(IdListingsTest, AReportCanBeNarrowedByTheObjectsOfItsLevelAndAbove) {
  EXPECT_THAT(FieldsOf(Plan(Basic("ad", {"stat_time_day"}))), ElementsAre("campaign_ids", "adgroup_ids", "ad_ids"));
  EXPECT_THAT(FieldsOf(Plan(Basic("ad_group", {}))), ElementsAre("campaign_ids", "adgroup_ids"));
  EXPECT_THAT(FieldsOf(Plan(Audience("campaign", {"gender"}))), ElementsAre("campaign_ids"));
  EXPECT_THAT(FieldsOf(Plan(Basic("advertiser", {"stat_time_day"}))), IsEmpty());
  EXPECT_THAT(FieldsOf(Plan(Objects("campaigns"))), IsEmpty());
}

TEST(IdListingsTest, NoObjectIsLeftOut) {
  const v1::IdListing listing = Plan(Basic("ad_group", {})).listings(1);
  EXPECT_EQ(listing.id_member(), "adgroup_id");
  ASSERT_EQ(listing.requests_size(), 2);
  EXPECT_EQ(listing.requests(0).path(), "adgroup/get/");
  EXPECT_EQ(Param(listing.requests(0), "advertiser_id"), "7001");
  EXPECT_EQ(Param(listing.requests(0), "fields"), R"(["adgroup_id"])");
  EXPECT_EQ(Param(listing.requests(0), "filtering"),
            R"({"primary_status":"STATUS_ALL","campaign_system_origins":["TT_ADS_PLATFORM","PROMOTE"]})");
  EXPECT_EQ(listing.requests(0).page_size(), 1000u);
  EXPECT_THAT(Param(listing.requests(1), "filtering"), HasSubstr(R"("buying_types":["RESERVATION_TOP_VIEW"])"));
  EXPECT_EQ(listing.requests(1).page_size(), 100u) << "tiktok-api.md 6.1";
}

TEST(IdListingsTest, TheExtractsOwnFilterHolds) {
  v1::Extract extract = Basic("ad_group", {});
  v1::Filter& filter = *extract.add_filters();
  filter.set_field_name("campaign_ids");
  filter.set_filter_type("IN");
  filter.set_filter_value(R"(["71","72"])");
  const v1::ReadPlan plan = Plan(extract);
  EXPECT_THAT(Param(plan.listings(0).requests(0), "filtering"), HasSubstr(R"("campaign_ids":["71","72"])"));
  EXPECT_THAT(Param(plan.listings(1).requests(0), "filtering"), HasSubstr(R"("campaign_ids":["71","72"])"));
  const std::string narrowed = Param(NarrowReport(plan.requests(0), "campaign_ids", {"72"}), "filtering");
  EXPECT_THAT(narrowed, HasSubstr(R"("filter_value":"[\"72\"]")"));
  EXPECT_THAT(narrowed, Not(HasSubstr("71"))) << "it is replaced";
  EXPECT_THAT(narrowed, HasSubstr("adgroup_status"));
}

TEST(SlicesTest, AReportWithoutFiltersGetsOne) {
  v1::Extract extract = Basic("campaign", {});
  extract.set_exclude_deleted(true);
  EXPECT_EQ(Param(NarrowReport(Plan(extract).requests(0), "campaign_ids", {"71", "72"}), "filtering"),
            R"([{"field_name":"campaign_ids","filter_type":"IN","filter_value":"[\"71\",\"72\"]"}])");
}

TEST(SlicesTest, AListingIsNarrowedToOneParent) {
  const v1::ReadPlan plan = Plan(Basic("ad_group", {}));
  EXPECT_EQ(Param(NarrowListing(plan.listings(1).requests(0), "campaign_ids", {"71"}), "filtering"),
            R"({"primary_status":"STATUS_ALL","campaign_system_origins":["TT_ADS_PLATFORM","PROMOTE"],)"
            R"("campaign_ids":["71"]})");
}

}  // namespace
}  // namespace tikhaul
