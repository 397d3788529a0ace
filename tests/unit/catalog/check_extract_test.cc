#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/catalog/extracts.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(CheckExtractTest, TheStreamMustBeKnown) {
  EXPECT_THAT(ProblemsOf(Objects("advert")),
              ElementsAre("stream[-1] unknown stream \"advert\"; did you mean \"adverts\"? (`tikhaul streams` lists "
                          "them)"));
  EXPECT_THAT(ProblemsOf(Objects("")), ElementsAre(HasSubstr("stream is missing")));
}

TEST(CheckExtractTest, ReportsNeedALevel) {
  EXPECT_THAT(ProblemsOf(Basic("", {})), ElementsAre("level[-1] level is missing: advertiser, campaign, ad_group or ad "
                                                     "(tiktok-api.md 4.1)"));
  EXPECT_THAT(
      ProblemsOf(Basic("adgroup", {"stat_time_day"})),
      ElementsAre(
          "level[-1] unknown level \"adgroup\": it is advertiser, campaign, ad_group or ad (tiktok-api.md 4.1); did "
          "you mean \"ad_group\"?"));
}

TEST(CheckExtractTest, ObjectsHaveNothingOfReports) {
  for (const char* stream : {"adverts", "ad_groups", "campaigns", "interest_categories"}) {
    EXPECT_THAT(ProblemsOf(Objects(stream)), IsEmpty()) << stream;
    v1::Extract extract = Report(stream, "ad", {"stat_time_day"}, {"spend"});
    extract.add_filters()->set_field_name("campaign_ids");
    extract.set_lifetime(true);
    EXPECT_THAT(ProblemsOf(extract),
                ElementsAre(HasSubstr("level[-1]"), HasSubstr("dimensions[-1]"), HasSubstr("metrics[-1]"),
                            HasSubstr("filters[-1]"), HasSubstr("lifetime[-1]")))
        << stream;
  }
}

TEST(CheckExtractTest, OnlyBasicReportsHaveLifetimeTotals) {
  v1::Extract extract = Audience("ad", {"age"});
  extract.set_lifetime(true);
  EXPECT_THAT(ProblemsOf(extract), ElementsAre(HasSubstr("lifetime[-1] audience_report has no lifetime totals")));
  v1::Extract basic = Basic("ad", {});
  basic.set_lifetime(true);
  EXPECT_THAT(ProblemsOf(basic), IsEmpty());
}

TEST(CheckExtractTest, ReplaceIsForFullReads) {
  v1::Extract extract = Basic("ad", {"stat_time_day"});
  extract.set_mode(v1::WRITE_MODE_REPLACE);
  EXPECT_THAT(ProblemsOf(extract), ElementsAre(HasSubstr("mode[-1] mode replace is for full reads")));
  extract.clear_dimensions();
  extract.set_lifetime(true);
  EXPECT_THAT(ProblemsOf(extract), IsEmpty());
  v1::Extract groups = Objects("ad_groups");
  groups.set_mode(v1::WRITE_MODE_REPLACE);
  EXPECT_THAT(ProblemsOf(groups), IsEmpty());
  groups.set_backfill_days(90);
  EXPECT_THAT(ProblemsOf(groups), ElementsAre(HasSubstr("mode[-1]")));
}

TEST(CheckExtractTest, HistoryIsOfObjectsThatAreMerged) {
  v1::Extract groups = Objects("ad_groups");
  groups.set_history(true);
  EXPECT_THAT(ProblemsOf(groups), IsEmpty());
  groups.set_mode(v1::WRITE_MODE_APPEND);
  EXPECT_THAT(ProblemsOf(groups), ElementsAre(HasSubstr("history[-1] history needs mode merge")));
  for (v1::Extract other : {Basic("ad", {"stat_time_day"}), Objects("interest_categories")}) {
    other.set_history(true);
    EXPECT_THAT(ProblemsOf(other), ElementsAre(HasSubstr("history[-1] history is kept of objects")));
  }
}

TEST(CheckExtractTest, DeletedObjectsCannotBeLeftOutEverywhere) {
  v1::Extract extract = Basic("advertiser", {"stat_time_day"});
  extract.set_exclude_deleted(true);
  EXPECT_THAT(ProblemsOf(extract),
              ElementsAre("include_deleted[-1] level advertiser always counts deleted objects: leave "
                          "include_deleted out (tiktok-api.md 4.5)"));
  v1::Extract interests = Objects("interest_categories");
  interests.set_exclude_deleted(true);
  EXPECT_THAT(ProblemsOf(interests), ElementsAre(HasSubstr("knows no deleted objects")));
  v1::Extract adverts = Objects("adverts");
  adverts.set_exclude_deleted(true);
  EXPECT_THAT(ProblemsOf(adverts), IsEmpty());
}

TEST(CheckExtractTest, WhatIsReadWholeHasNoBackfill) {
  v1::Extract interests = Objects("interest_categories");
  interests.set_backfill_days(30);
  EXPECT_THAT(ProblemsOf(interests),
              ElementsAre("backfill[-1] interest_categories is always read whole: leave backfill out, or say all"));
}

TEST(CheckExtractTest, OptionsAreCheckedByNameAndValue) {
  v1::Extract extract = Objects("interest_categories");
  (*extract.mutable_options())["language"] = "en";
  (*extract.mutable_options())["version"] = "2";
  EXPECT_THAT(ProblemsOf(extract), IsEmpty());
  (*extract.mutable_options())["langage"] = "en";
  (*extract.mutable_options())["version"] = "3";
  EXPECT_THAT(ProblemsOf(extract),
              ElementsAre("options[0] unknown option \"langage\" of interest_categories; did you mean \"language\"?",
                          "options[2] option version cannot be \"3\": it is one of 1, 2 (tiktok-api.md 7.1)"));
  v1::Extract adverts = Objects("adverts");
  (*adverts.mutable_options())["language"] = "en";
  EXPECT_THAT(ProblemsOf(adverts), ElementsAre("options[0] unknown option \"language\" of adverts"));
}

}  // namespace
}  // namespace tikhaul
