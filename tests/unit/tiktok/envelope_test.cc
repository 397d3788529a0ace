#include "common/tiktok/envelope.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace tikhaul {
namespace {

TEST(EnvelopeTest, ReadsItsMembersInTheUsualOrder) {
  const auto envelope = ReadEnvelope(R"({"code": 40100, "message": "Too many", "request_id": "2025", "data": {}})");
  ASSERT_TRUE(envelope.has_value());
  EXPECT_EQ(envelope->code, 40100);
  EXPECT_EQ(envelope->message, "Too many");
  EXPECT_EQ(envelope->request_id, "2025");
}

TEST(EnvelopeTest, ReadsThemBehindData) {
  const auto envelope = ReadEnvelope(
      "\n{\"data\":{\"list\":[{\"a\":\"]}\\\"\"},[]],\"code\":7},\"request_id\":\"r\",\n "
      "\"message\":\"ok\",\"code\":0}\n");
  ASSERT_TRUE(envelope.has_value());
  EXPECT_EQ(envelope->code, 0);
  EXPECT_EQ(envelope->message, "ok");
  EXPECT_EQ(envelope->request_id, "r");
}

TEST(EnvelopeTest, CodeAloneIsEnough) {
  ASSERT_TRUE(ReadEnvelope(R"({"code":0})").has_value());
  EXPECT_EQ(ReadEnvelope(R"({"code":"40105","message":null})")->code, 40105);
  EXPECT_EQ(ReadEnvelope(R"({"code":0,"data":[1,2,{"x":[]}]})")->code, 0);
}

TEST(EnvelopeTest, UnescapesTexts) {
  EXPECT_EQ(ReadEnvelope(R"({"code":1,"message":"a \"b\" \u00e9 \ud83d\ude00","request_id":"x"})")->message,
            "a \"b\" \xc3\xa9 \xf0\x9f\x98\x80");
}

TEST(EnvelopeTest, DoesNotReadWhatStandsBehindIt) {
  // `data` is not JSON at all, but the envelope was whole before it: its reader will see.
  EXPECT_TRUE(ReadEnvelope(R"({"code":0,"message":"OK","request_id":"r","data":broken})").has_value());
}

TEST(EnvelopeTest, RefusesWhatIsNoEnvelope) {
  for (const char* text : {"",
                           "  ",
                           "null",
                           "[]",
                           "{}",
                           "<html>",
                           R"({"message":"OK"})",
                           R"({"code":"x"})",
                           R"({"code":1.5})",
                           R"({"code":true})",
                           R"({"code":0)",
                           R"({"code":0,"data":{})",
                           R"({"code":0,})",
                           R"({"code" 0})",
                           R"({"code":99999999999})",
                           R"({"code":0,"message":"a)",
                           R"({"code":0,"message":"\q"})",
                           R"({"data":{"a":[}})",
                           R"({code:0})",
                           "{\"code\":0,\"message\":\"\\\"}"}) {
    EXPECT_FALSE(ReadEnvelope(text).has_value()) << text;
  }
}

TEST(EnvelopeTest, DeepNestingIsNoTrouble) {
  const std::string deep(100'000, '[');
  const std::string close(100'000, ']');
  EXPECT_TRUE(ReadEnvelope(absl::StrCat("{\"data\":", deep, close, ",\"code\":0}")).has_value());
  EXPECT_FALSE(ReadEnvelope(absl::StrCat("{\"data\":", deep, ",\"code\":0}")).has_value());
}

}  // namespace
}  // namespace tikhaul
