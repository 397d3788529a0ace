#include "common/catalog/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

TEST(JsonTextTest, ArraysAreCompactAndEscaped) {
  EXPECT_EQ(JsonArray({}), "[]");
  EXPECT_EQ(JsonArray({"a", "b\"c"}), R"(["a","b\"c"])");
  EXPECT_EQ(JsonArray({"\xff"}), "[\"\xEF\xBF\xBD\"]");
}

TEST(JsonTextTest, ReadsArraysOfTextsOnly) {
  EXPECT_THAT(ParseJsonArray(R"(["1", "2"])"), Optional(ElementsAre("1", "2")));
  EXPECT_THAT(ParseJsonArray("[]"), Optional(ElementsAre()));
  for (const char* text : {"", "1", "[1]", "{}", "[\"1\"", "[\"1\"] x", "[[\"1\"]]"}) {
    EXPECT_EQ(ParseJsonArray(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tikhaul
