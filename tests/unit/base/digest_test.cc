#include "common/base/digest.h"

#include <gtest/gtest.h>

namespace tikhaul {
namespace {

// Kept in stores and in names of runs: must never change. The first is a published figure of XXH3.
TEST(StableHashTest, IsTheSameEverywhere) {
  EXPECT_EQ(HashHex(StableHash("")), "2d06800538d394c2");
  EXPECT_EQ(HashHex(StableHash("tikhaul")), "2f1e334e43ef4cb5");
}

TEST(StableHashTest, DependsOnEveryByteAndTheSeed) {
  EXPECT_NE(StableHash("a"), StableHash("b"));
  EXPECT_NE(StableHash("a"), StableHash(absl::string_view("a\0", 2)));
  EXPECT_NE(StableHash("a"), StableHash("a", 1));
}

TEST(HashHexTest, HasSixteenDigits) {
  EXPECT_EQ(HashHex(0), "0000000000000000");
  EXPECT_EQ(HashHex(0xabcULL), "0000000000000abc");
}

}  // namespace
}  // namespace tikhaul
