#include "coordinator/core/run_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/core/core_test_util.h"

namespace tikhaul {
namespace {

RunRequest Request() {
  RunRequest request;
  request.extract = "ads_daily";
  request.advertisers = {"7", "12"};
  request.first = Day("2026-01-01");
  return request;
}

TEST(RunIdTest, IsReadableAndTheSameForTheSameRequest) {
  EXPECT_THAT(RunId(Request()), ::testing::MatchesRegex("bf-ads_daily-[0-9a-f]+"));
  EXPECT_EQ(RunId(Request()).size(), std::string("bf-ads_daily-").size() + 16);
  EXPECT_EQ(RunId(Request()), RunId(Request()));
}

TEST(RunIdTest, StaysTheSameAcrossVersionsOfTheProgram) {
  EXPECT_EQ(RunId(Request()), "bf-ads_daily-012d572d5ede5941");
}

TEST(RunIdTest, OrderAndRepetitionOfAdvertisersDoNotMatter) {
  RunRequest request = Request();
  request.advertisers = {"12", "7", "12"};
  EXPECT_EQ(RunId(request), RunId(Request()));
}

TEST(RunIdTest, EveryPartOfTheRequestMakesAnotherRun) {
  std::vector<RunRequest> requests(10, Request());
  requests[1].extract = "ads_hourly";
  requests[2].spec_version = 2;
  requests[3].kind = RunKind::kIncrement;
  requests[4].advertisers = {"712"};
  requests[5].first = Day("2026-01-02");
  requests[6].first.reset();
  requests[6].last = Day("2026-01-01");
  requests[7].again = "x";
  requests[8].again = "7";
  requests[8].advertisers = {"12"};
  requests[9].only_metrics = "clicks";
  std::set<std::string> ids;
  for (const RunRequest& request : requests) ids.insert(RunId(request));
  EXPECT_EQ(ids.size(), requests.size());
}

TEST(RunIdTest, OddNamesAreMadeHarmless) {
  RunRequest request = Request();
  request.extract = "a/b c\"'";
  EXPECT_THAT(RunId(request), ::testing::StartsWith("bf-a_b_c__-"));
}

}  // namespace
}  // namespace tikhaul
