#include "common/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/secret.h"

namespace tikhaul {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// The lines of one event; standard error is a file here, so they are JSON.
std::string Written(LogLevel lowest, LogLevel level, absl::string_view event, std::initializer_list<LogField> fields) {
  testing::internal::CaptureStderr();
  StartLog("trial", lowest);
  Log(level, event, fields);
  return testing::internal::GetCapturedStderr();
}

TEST(LogTest, WritesOneJsonObjectPerEvent) {
  const std::string line =
      Written(LogLevel::kInfo, LogLevel::kWarning, "chunk lost", {{"chunk", 17}, {"worker", "w-1"}});
  EXPECT_THAT(line, StartsWith("{\"time\":\"20"));
  EXPECT_THAT(line, HasSubstr("\"level\":\"warning\",\"program\":\"trial\",\"pid\":"));
  EXPECT_THAT(line, EndsWith(",\"event\":\"chunk lost\",\"chunk\":\"17\",\"worker\":\"w-1\"}\n"));
}

TEST(LogTest, LevelsBelowTheLowestAreNotWritten) {
  EXPECT_THAT(Written(LogLevel::kWarning, LogLevel::kInfo, "quiet", {}), IsEmpty());
}

TEST(LogTest, ValuesFromOutsideCannotBreakTheLine) {
  const std::string line = Written(LogLevel::kInfo, LogLevel::kInfo, "answer",
                                   {{"text", "a\n\"b\"\\c\t\x01\x7f"}, {"utf8", "\xc3\xa9 \xe2\x82\xac"}});
  EXPECT_THAT(line, HasSubstr(R"("text":"a\u000a\"b\"\\c\u0009\u0001\u007f")"));
  EXPECT_THAT(line, HasSubstr("\"utf8\":\"\xc3\xa9 \xe2\x82\xac\""));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST(LogTest, BytesThatAreNotUtf8AreReplaced) {
  const std::string line =
      Written(LogLevel::kInfo, LogLevel::kInfo, "answer",
              {{"a", "\xff"}, {"b", "x\xc3"}, {"c", "\xc0\xaf"}, {"d", "\xed\xa0\x80"}, {"e", "\xf5y"}});
  EXPECT_THAT(
      line,
      HasSubstr(
          "\"a\":\"\uFFFD\",\"b\":\"x\uFFFD\",\"c\":\"\uFFFD\uFFFD\",\"d\":\"\uFFFD\uFFFD\uFFFD\",\"e\":\"\uFFFDy\""));
}

TEST(LogTest, SecretsAreNotWritten) {
  const Secret token("0123456789abcdef");
  const std::string line =
      Written(LogLevel::kInfo, LogLevel::kError, "bad 0123456789abcdef", {{"url", "?access_token=zzz&a=1"}});
  EXPECT_THAT(line, Not(HasSubstr("0123456789abcdef")));
  EXPECT_THAT(line, HasSubstr("bad [redacted]"));
  EXPECT_THAT(line, HasSubstr("?access_token=[redacted]&a=1"));
}

TEST(LogTest, BracesInValuesAreText) {
  EXPECT_THAT(Written(LogLevel::kInfo, LogLevel::kInfo, "{} {0} %s", {{"x", "{}"}}),
              HasSubstr(R"("event":"{} {0} %s","x":"{}")"));
}

TEST(ParseLogLevelTest, UnknownNamesMeanInfo) {
  EXPECT_EQ(ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogLevel("warning"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("error"), LogLevel::kError);
  EXPECT_EQ(ParseLogLevel("loud"), LogLevel::kInfo);
}

}  // namespace
}  // namespace tikhaul
