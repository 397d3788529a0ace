#include "common/base/json_members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Lines(absl::string_view object) {
  std::vector<std::string> lines;
  const auto members = MembersOf(object);
  if (!members.has_value()) return {"none"};
  for (const JsonMember& member : *members) lines.push_back(absl::StrCat(member.name, "=", member.value));
  return lines;
}

TEST(JsonMembersTest, ValuesKeepTheirText) {
  EXPECT_THAT(Lines(R"({"a":1.2300,"b":"x","c":null,"d":12345678901234567890})"),
              ElementsAre("a=1.2300", "b=\"x\"", "c=null", "d=12345678901234567890"));
  EXPECT_THAT(Lines(" { \"a\" : [ 1 , {\"b\":2} ] , \"c\" : {} } "), ElementsAre("a=[ 1 , {\"b\":2} ]", "c={}"));
  EXPECT_THAT(Lines("{}"), ElementsAre());
}

TEST(JsonMembersTest, BracketsAndQuotesInsideTextsAreText) {
  EXPECT_THAT(Lines(R"({"a\"}":"},{\\\"","b":["]"]})"), ElementsAre(R"(a\"}="},{\\\"")", R"(b=["]"])"));
}

TEST(JsonMembersTest, WhatIsNoObjectHasNoMembers) {
  for (const char* text : {"", "1", "[1]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1}x", "{\"a\":[1}", "{a:1}",
                           "{\"a\":\"x}", "{\"a\":1,}"}) {
    EXPECT_THAT(Lines(text), ElementsAre("none")) << text;
  }
}

TEST(JsonMembersTest, PutTogetherAgain) {
  const std::string object = R"({"a":1.00,"b\"":"x"})";
  EXPECT_EQ(ObjectOf(*MembersOf(object)), object);
  EXPECT_EQ(ObjectOf({}), "");
}

}  // namespace
}  // namespace tikhaul
