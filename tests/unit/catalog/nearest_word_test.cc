#include <gtest/gtest.h>

#include "common/catalog/catalog.h"

namespace tikhaul {
namespace {

TEST(NearestWordTest, FindsSwappedMissingAndExtraLetters) {
  const std::vector<std::string> words = {"spend", "impressions", "clicks"};
  EXPECT_EQ(NearestWord("spned", words), "spend");
  EXPECT_EQ(NearestWord("impresions", words), "impressions");
  EXPECT_EQ(NearestWord("clickss", words), "clicks");
  EXPECT_EQ(NearestWord("SPEND", words), "spend");
  EXPECT_EQ(NearestWord("adgroup", {"advertiser", "campaign", "ad_group", "ad"}), "ad_group");
}

TEST(NearestWordTest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(NearestWord("revenue", {"spend", "clicks"}), "");
  EXPECT_EQ(NearestWord("", {"a"}), "");
  EXPECT_EQ(NearestWord("x", {}), "");
}

TEST(NearestWordTest, TakesTheNearestAndOfEqualsTheFirst) {
  EXPECT_EQ(NearestWord("video_views_p5", {"video_views_p25", "video_views_p50", "video_views_p75"}),
            "video_views_p25");
  EXPECT_EQ(NearestWord("reach", {"search", "reach"}), "reach");
}

TEST(NearestWordTest, LongInputIsNotCompared) {
  EXPECT_EQ(NearestWord(std::string(100000, 'a'), {std::string(100000, 'a')}), "");
}

}  // namespace
}  // namespace tikhaul
