// The rules of tiktok-api.md 4.5.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/catalog/json_text.h"
#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::Extract Filtered(const char* field, const char* type, const std::string& value, bool exclude_deleted = false) {
  v1::Extract extract = Basic("ad", {"stat_time_day"});
  extract.set_exclude_deleted(exclude_deleted);
  v1::Filter& filter = *extract.add_filters();
  filter.set_field_name(field);
  filter.set_filter_type(type);
  filter.set_filter_value(value);
  return extract;
}

TEST(CheckFiltersTest, LegalFiltersPass) {
  EXPECT_THAT(ProblemsOf(Filtered("campaign_ids", "IN", R"(["1714125042508817"])")), IsEmpty());
  EXPECT_THAT(ProblemsOf(Filtered("buying_type", "IN", R"(["AUCTION"])")), IsEmpty());
  EXPECT_THAT(ProblemsOf(Filtered("campaign_name", "MATCH", "summer")), IsEmpty());
  EXPECT_THAT(ProblemsOf(Filtered("create_time", "BETWEEN", R"(["2026-01-01 00:00:00","2026-02-01 00:00:00"])")),
              IsEmpty());
  EXPECT_THAT(ProblemsOf(Filtered("campaign_status", "IN", R"(["STATUS_DELIVERY_OK"])")), IsEmpty());
}

TEST(CheckFiltersTest, UnknownFieldsAndTypesGetTheNearestRightOne) {
  EXPECT_THAT(
      ProblemsOf(Filtered("campaign_id", "IN", R"(["1"])")),
      ElementsAre("filters[0] unknown filter field \"campaign_id\" of basic_report; did you mean \"campaign_ids\"? "
                  "(tiktok-api.md 4.5)"));
  EXPECT_THAT(ProblemsOf(Filtered("campaign_ids", "NOT IN", R"(["1"])")),
              ElementsAre(HasSubstr("did you mean \"NOT_IN\"?")));
}

TEST(CheckFiltersTest, AgeAndGenderAreForAudienceReports) {
  EXPECT_THAT(ProblemsOf(Filtered("gender", "IN", R"(["MALE"])")),
              ElementsAre(HasSubstr("unknown filter field \"gender\"")));
  v1::Extract extract = Audience("ad", {"age"});
  *extract.add_filters() = Filtered("gender", "IN", R"(["MALE"])").filters(0);
  EXPECT_THAT(ProblemsOf(extract), IsEmpty());
}

TEST(CheckFiltersTest, ListsMustBeLists) {
  EXPECT_THAT(ProblemsOf(Filtered("buying_type", "IN", "AUCTION")),
              ElementsAre("filters[0] filter buying_type IN needs a list of values (tiktok-api.md 4.5)"));
  EXPECT_THAT(ProblemsOf(Filtered("buying_type", "IN", "[]")), ElementsAre(HasSubstr("needs a list of values")));
  EXPECT_THAT(
      ProblemsOf(Filtered("create_time", "BETWEEN", R"(["a"])")),
      ElementsAre("filters[0] filter create_time BETWEEN needs a list of exactly two values (tiktok-api.md 4.5)"));
  EXPECT_THAT(
      ProblemsOf(Filtered("campaign_ids", "MATCH", "1")),
      ElementsAre("filters[0] filter campaign_ids takes type IN, NOT_IN or CONTAIN_ANY_OF (tiktok-api.md 4.5)"));
  EXPECT_THAT(ProblemsOf(Filtered("ad_name", "MATCH", "")), ElementsAre(HasSubstr("needs a value")));
}

TEST(CheckFiltersTest, AtMostAHundredIdsAndAllOfThemIds) {
  std::vector<std::string> ids;
  for (int i = 0; i < 101; ++i) ids.push_back(absl::StrCat(1714125042508817 + i));
  EXPECT_THAT(ProblemsOf(Filtered("ad_ids", "IN", JsonArray(ids))),
              ElementsAre("filters[0] filter ad_ids IN holds 101 ids, at most 100 are allowed: make several extracts "
                          "(tiktok-api.md 4.5)"));
  ids.pop_back();
  EXPECT_THAT(ProblemsOf(Filtered("ad_ids", "IN", JsonArray(ids))), IsEmpty());
  EXPECT_THAT(ProblemsOf(Filtered("ad_ids", "IN", R"(["12x"])")), ElementsAre(HasSubstr("\"12x\" is not an id")));
}

TEST(CheckFiltersTest, TheOwnStatusContradictsReadingDeletedObjects) {
  EXPECT_THAT(
      ProblemsOf(Filtered("ad_status", "IN", R"(["STATUS_DELIVERY_OK"])")),
      ElementsAre("filters[0] filter ad_status contradicts reading deleted objects, which sets it to STATUS_ALL: say "
                  "include_deleted: false to filter by status (tiktok-api.md 4.5)"));
  EXPECT_THAT(ProblemsOf(Filtered("ad_status", "IN", R"(["STATUS_DELIVERY_OK"])", true)), IsEmpty());
  EXPECT_THAT(
      ProblemsOf(Filtered("ad_status", "IN", R"(["STATUS_ALL"])", true)),
      ElementsAre(
          "filters[0] filter ad_status with STATUS_ALL contradicts include_deleted: false (tiktok-api.md 4.5)"));
}

TEST(CheckFiltersTest, ObjectsFinerThanTheRowsCannotBeFilteredBy) {
  v1::Extract extract = Basic("campaign", {"stat_time_day"});
  *extract.add_filters() = Filtered("adgroup_ids", "IN", R"(["1"])").filters(0);
  EXPECT_THAT(ProblemsOf(extract), ElementsAre("filters[0] filter adgroup_ids needs level ad_group or ad; this extract "
                                               "has level campaign (tiktok-api.md 4.5)"));
  extract.mutable_filters(0)->set_field_name("campaign_ids");
  EXPECT_THAT(ProblemsOf(extract), IsEmpty());
}

TEST(CheckFiltersTest, TheUpgradedAdIdHasItsOwnFilter) {
  v1::Extract extract = Basic("ad", {"ad_id_v2"});
  *extract.add_filters() = Filtered("ad_ids", "IN", R"(["1"])").filters(0);
  EXPECT_THAT(ProblemsOf(extract), ElementsAre(HasSubstr("use ad_ids_v2")));
}

}  // namespace
}  // namespace tikhaul
