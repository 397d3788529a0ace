#include "common/tiktok/exchange_text.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ExchangeTextTest, UrlIsPercentEncoded) {
  const ApiCall call{"a/b/", {{"x", "1 2"}, {"y", "[\"\xc3\xa9\"]"}}, Secret()};
  EXPECT_EQ(RequestUrl("https://h/v/", call), "https://h/v/a/b/?x=1%202&y=%5B%22%C3%A9%22%5D");
  EXPECT_EQ(RequestUrl("https://h/v/", ApiCall{"user/info/", {}, Secret()}), "https://h/v/user/info/");
}

TEST(ExchangeTextTest, BodyIsCutAt2KilobytesAfterRedaction) {
  const Secret secret("very-secret-token");
  // The secret stands across the cut.
  const std::string body = absl::StrCat(std::string(2040, 'x'), "very-secret-token", std::string(5000, 'y'));
  const std::string text = ExchangeText(ApiCall{"p/", {}, secret}, 200, body);
  EXPECT_LT(text.size(), 2100u);
  EXPECT_THAT(text, Not(HasSubstr("very-sec")));
}

TEST(ExchangeTextTest, WithoutAnswerOnlyTheRequestStands) {
  EXPECT_EQ(ExchangeText(ApiCall{"p/", {{"secret", "s"}, {"a", "b"}}, Secret()}, 0, ""),
            "GET p/?secret=[redacted]&a=b");
}

TEST(ExchangeTextTest, ValidUtf8KeepsWhatIsValid) {
  const std::string good = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
  EXPECT_EQ(ValidUtf8(good), good);
  EXPECT_EQ(ValidUtf8("a\xff"
                      "b"),
            "a?b");
  EXPECT_EQ(ValidUtf8("\xc3"), "?");
  EXPECT_EQ(ValidUtf8("\xc0\xaf"), "??");            // overlong
  EXPECT_EQ(ValidUtf8("\xed\xa0\x80"), "???");       // surrogate
  EXPECT_EQ(ValidUtf8("\xf4\x90\x80\x80"), "????");  // beyond U+10FFFF
  EXPECT_EQ(ValidUtf8("\xe2\x82"
                      "a"),
            "??a");
}

TEST(BaseUrlTest, OnlyHttpsLeavesTheMachine) {
  EXPECT_TRUE(CheckBaseUrl("https://business-api.tiktok.com/open_api/v1.3/").ok());
  EXPECT_TRUE(CheckBaseUrl("http://127.0.0.1:8080/open_api/v1.3/").ok());
  EXPECT_TRUE(CheckBaseUrl("http://localhost/").ok());
  EXPECT_TRUE(CheckBaseUrl("http://[::1]:80/").ok());
  EXPECT_FALSE(CheckBaseUrl("http://business-api.tiktok.com/open_api/v1.3/").ok());
  EXPECT_FALSE(CheckBaseUrl("http://127.0.0.1.evil.example/").ok());
  EXPECT_FALSE(CheckBaseUrl("https://business-api.tiktok.com/open_api/v1.3").ok());
  EXPECT_FALSE(CheckBaseUrl("ftp://127.0.0.1/").ok());
  EXPECT_FALSE(CheckBaseUrl("").ok());
}

}  // namespace
}  // namespace tikhaul
