#include "common/base/secret.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

TEST(RedactTest, RegisteredSecretsAreReplacedWhereverTheyStand) {
  const Secret secret("hunter22-hunter22");
  EXPECT_EQ(Redact("a hunter22-hunter22b hunter22-hunter22"), "a [redacted]b [redacted]");
}

TEST(RedactTest, ASecretThatBeginsWithAnotherIsReplacedWhole) {
  const Secret shorter("prefix-of-token"), longer("prefix-of-token-and-more");
  EXPECT_EQ(Redact("x prefix-of-token-and-more y"), "x [redacted] y");
}

TEST(RedactTest, ShortAndEmptySecretsLeaveTextAlone) {
  const Secret empty(""), short_one("abc");
  EXPECT_EQ(Redact("abc is no secret"), "abc is no secret");
}

TEST(RedactTest, NamedValuesAreReplacedInEveryForm) {
  EXPECT_EQ(Redact("GET /x?access_token=zzz&page=1"), "GET /x?access_token=[redacted]&page=1");
  EXPECT_EQ(Redact("Access-Token: zzz\r\nHost: h"), "Access-Token: [redacted]\r\nHost: h");
  EXPECT_EQ(Redact("ACCESS_TOKEN = zzz"), "ACCESS_TOKEN = [redacted]");
  EXPECT_EQ(Redact(R"({"app_id":"1","secret":"zzz","auth_code":"yyy"})"),
            R"({"app_id":"1","secret":"[redacted]","auth_code":"[redacted]"})");
  EXPECT_EQ(Redact(R"({"access_token" : "zzz"})"), R"({"access_token" : "[redacted]"})");
  EXPECT_EQ(Redact("app_secret=zzz refresh_token=yyy"), "app_secret=[redacted] refresh_token=[redacted]");
}

TEST(RedactTest, ValuesInQuotesAreReplacedToTheirEnd) {
  EXPECT_EQ(Redact(R"({"secret":"a,b c}d&e","x":1})"), R"({"secret":"[redacted]","x":1})");
  EXPECT_EQ(Redact(R"({"secret":"a\"b","x":1})"), R"({"secret":"[redacted]","x":1})");
  EXPECT_EQ(Redact(R"({"secret":"no end)"), R"({"secret":"[redacted])");
}

TEST(RedactTest, JsonInsideJsonIsSeenThrough) {
  EXPECT_EQ(Redact(R"({"body":"{\"access_token\":\"zzz\",\"a\":1}"})"),
            R"({"body":"{\"access_token\":\"[redacted]\",\"a\":1}"})");
  EXPECT_EQ(Redact(R"(\\\"secret\\\":\\\"zzz\\\")"), R"(\\\"secret\\\":\\\"[redacted]\\\")");
}

TEST(RedactTest, OtherTextStaysAsItIs) {
  for (const char* text : {"", "secret", "secret=", "secret:", "the secret is out: nobody knows",
                           "secret_file: /run/secrets/app", "page=1&page_size=1000", "a=b:c", "{\"message\":\"OK\"}"}) {
    EXPECT_EQ(Redact(text), text);
  }
}

TEST(RedactTest, RedactingTwiceChangesNothingMore) {
  const std::string once = Redact(R"({"secret":"zzz"} access_token=yyy)");
  EXPECT_EQ(Redact(once), once);
}

TEST(RedactTest, LongValuesDoNotExhaustTheStack) {
  const std::string text = absl::StrCat("access_token=", std::string(5'000'000, 'z'), "&x=1");
  EXPECT_EQ(Redact(text), "access_token=[redacted]&x=1");
}

TEST(RedactTest, ManySeparatorsTakeLinearTime) {
  const std::string text(2'000'000, '=');
  EXPECT_EQ(Redact(text), text);
}

TEST(RedactTest, MayRunWhileSecretsAreMade) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int j = 0; j < 50; ++j) {
        const Secret secret(absl::StrCat("thread-", i, "-secret-", j, "-end"));
        EXPECT_EQ(Redact(secret.Reveal()), "[redacted]");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(SecretTest, RevealsAndCompares) {
  EXPECT_EQ(Secret("value-1").Reveal(), "value-1");
  EXPECT_EQ(Secret("value-1"), Secret("value-1"));
  EXPECT_FALSE(Secret("value-1") == Secret("value-2"));
  EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace tikhaul
