#include <gmock/gmock.h>

#include "coordinator/verify/figures.h"
#include "tests/unit/coordinator/coordinator_test_util.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::vector<ComparedMetric> kMetrics = {{.name = "spend", .decimal = true}, {.name = "clicks"}};

DecimalSum Sum(absl::string_view text) { return DecimalSum(ParseDecimal(text).value()); }
Place At(absl::string_view day, const std::string& id = "", const std::string& breakdown = "") {
  return {.day = Day(day), .breakdown = breakdown, .id = id};
}
Cells Of(absl::string_view spend, absl::string_view clicks, uint64_t rows = 1) {
  Cells cells = EmptyCells(2);
  cells.rows = rows;
  cells.sums = {Sum(spend), Sum(clicks)};
  return cells;
}

TEST(VerifyFiguresTest, EqualFiguresAreCountedByMetric) {
  const FigureMap figures = {{At("2026-03-01"), Of("1.50", "3")}, {At("2026-03-02"), Of("2", "4")}};
  const Comparison comparison = Compare(kMetrics, figures, figures, false);
  EXPECT_EQ(comparison.equal, 4u);
  EXPECT_THAT(comparison.differences, IsEmpty());
}

TEST(VerifyFiguresTest, APlaceThatOneSideLacksHoldsZeros) {
  const FigureMap stored = {{At("2026-03-01"), Of("1.50", "0")}};
  const FigureMap api = {{At("2026-03-02"), Of("0", "4")}};
  const Comparison comparison = Compare(kMetrics, stored, api, false);
  EXPECT_EQ(comparison.equal, 2u);
  ASSERT_THAT(comparison.differences, SizeIs(2));
  EXPECT_EQ(comparison.differences[0].place, At("2026-03-01"));
  EXPECT_EQ(comparison.differences[0].metric, 0u);
  EXPECT_EQ(comparison.differences[0].Amount().Text(), "-1.5");
  EXPECT_EQ(comparison.differences[0].api_rows, 0u);
  EXPECT_FALSE(comparison.differences[0].rounding) << "a missing row is not rounding";
  EXPECT_EQ(comparison.differences[1].place, At("2026-03-02"));
  EXPECT_EQ(comparison.differences[1].api.Text(), "4");
}

TEST(VerifyFiguresTest, RoundingReachesHalfACentForEachRowAndNoFurther) {
  // Four rows and the one they are compared with: 5 x 0.005.
  const auto differs = [](absl::string_view api, bool same_rows) {
    return Compare(kMetrics, {{At("2026-03-01"), Of("10", "3", 4)}}, {{At("2026-03-01"), Of(api, "3", 1)}}, same_rows)
        .differences;
  };
  ASSERT_THAT(differs("10.025", false), SizeIs(1));
  EXPECT_TRUE(differs("10.025", false)[0].rounding);
  EXPECT_TRUE(differs("9.975", false)[0].rounding);
  EXPECT_FALSE(differs("10.026", false)[0].rounding);
  EXPECT_FALSE(differs("10.001", true)[0].rounding) << "the same rows are rounded in the same way";
}

TEST(VerifyFiguresTest, CountsAreExact) {
  const Comparison comparison = Compare(kMetrics, {{At("2026-03-01"), Of("1", "1000000", 1000)}},
                                        {{At("2026-03-01"), Of("1", "1000001")}}, false);
  ASSERT_THAT(comparison.differences, SizeIs(1));
  EXPECT_FALSE(comparison.differences[0].rounding);
}

TEST(VerifyFiguresTest, UnreadableFiguresAreLeftOut) {
  Cells unreadable = Of("1", "1");
  unreadable.unreadable[1] = true;
  const Comparison comparison =
      Compare(kMetrics, {{At("2026-03-01"), unreadable}}, {{At("2026-03-01"), Of("1", "7")}}, false);
  EXPECT_EQ(comparison.equal, 1u);
  EXPECT_THAT(comparison.differences, IsEmpty());
}

TEST(VerifyFiguresTest, CutsAndAddsUp) {
  const FigureMap figures = {{At("2026-03-01", "a", "g=1"), Of("1", "1")},
                             {At("2026-03-01", "b", "g=2"), Of("2", "2")},
                             {At("2026-03-02", "a", "g=1"), Of("4", "4")},
                             {At("2026-03-03", "a", "g=1"), Of("8", "8")}};
  const FigureMap two_days = Between(figures, Day("2026-03-01"), Day("2026-03-02"));
  EXPECT_THAT(two_days, SizeIs(3));
  const FigureMap together = TogetherAt(Day("2026-03-01"), two_days);
  ASSERT_THAT(together, SizeIs(2));
  EXPECT_EQ(together.at(At("2026-03-01", "", "g=1")).sums, (std::vector<DecimalSum>{Sum("5"), Sum("5")}));
  EXPECT_EQ(together.at(At("2026-03-01", "", "g=1")).rows, 2u);
}

}  // namespace
}  // namespace tikhaul
