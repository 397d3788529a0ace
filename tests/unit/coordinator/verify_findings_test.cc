#include <gmock/gmock.h>

#include "coordinator/verify/findings.h"
#include "tests/unit/coordinator/coordinator_test_util.h"

namespace tikhaul {
namespace {

using testing::SizeIs;

Found At(absl::string_view day, const std::string& reason, const std::string& metric, int stored, int api) {
  return {.reason = reason,
          .detail = "why",
          .days = Coverage{Day(day), Day(day)},
          .metric = metric,
          .stored = DecimalSum(Decimal{stored, 0}),
          .api = DecimalSum(Decimal{api, 0})};
}

class FindingsTest : public testing::Test {
 protected:
  FindingsTest() {
    result_.set_extract("ads_daily");
    result_.set_advertiser("7001");
  }
  v1::VerifyResult result_;
  Findings findings_{result_};
};

TEST_F(FindingsTest, NothingFoundIsEqual) {
  findings_.Equal(3);
  findings_.Equal(4);
  findings_.Finish();
  EXPECT_EQ(result_.state(), "equal");
  EXPECT_EQ(result_.equal(), 7u);
}

TEST_F(FindingsTest, ExplainedDifferencesOfOneReasonStandTogether) {
  findings_.Explain(At("2026-03-05", "not_final", "spend", 10, 12), true);
  findings_.Explain(At("2026-03-02", "not_final", "spend", 5, 4), true);
  findings_.Explain(At("2026-03-02", "not_final", "clicks", 1, 2), true);
  findings_.Finish();
  EXPECT_EQ(result_.state(), "explained");
  EXPECT_EQ(result_.explained(), 3u);
  ASSERT_THAT(result_.findings(), SizeIs(2));
  const v1::VerifyFinding& spend = result_.findings(1);
  EXPECT_EQ(spend.metric(), "spend");
  EXPECT_EQ(spend.count(), 2u);
  EXPECT_EQ(spend.first_day(), "2026-03-02");
  EXPECT_EQ(spend.last_day(), "2026-03-05");
  EXPECT_EQ(spend.stored(), "15");
  EXPECT_EQ(spend.difference(), "1");
  EXPECT_EQ(spend.mend(), "tikhaul backfill ads_daily --advertiser 7001 --from 2026-03-02 --to 2026-03-05 --again");
}

TEST_F(FindingsTest, FlaggedDifferencesStandAloneUpToABound) {
  findings_.Explain(At("2026-03-05", "rounding", "spend", 10, 12), false);
  for (int i = 0; i < 1001; ++i) findings_.Flag(At("2026-03-05", "figure_differs", "spend", i, 0));
  findings_.Finish();
  EXPECT_EQ(result_.state(), "flagged");
  EXPECT_EQ(result_.flagged(), 1001u);
  EXPECT_THAT(result_.findings(), SizeIs(1001));
  EXPECT_EQ(result_.findings(7).stored(), "7");
  EXPECT_EQ(result_.findings(1000).verdict(), v1::VerifyFinding::VERDICT_EXPLAINED);
  EXPECT_EQ(result_.findings(1000).mend(), "");
}

}  // namespace
}  // namespace tikhaul
