#include "common/config/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

TEST(ValuesTest, Depths) {
  const std::vector<std::pair<const char*, uint32_t>> good = {{"730", 730},  {"730d", 730}, {"8w", 56},
                                                              {"18mo", 547}, {"1y", 365},   {"2y", 730},
                                                              {"5y", 1826},  {"20y", 7305}, {"all", 0}};
  for (const auto& [text, days] : good) {
    ASSERT_TRUE(ParseBackfill(text).ok()) << text;
    EXPECT_EQ(*ParseBackfill(text), days) << text;
  }
  for (const char* text : {"0", "0d", "-1", "2 y", "2Y", "1.5y", "y", "21y", "99999999999999999999d", "all days"}) {
    EXPECT_FALSE(ParseBackfill(text).ok()) << text;
  }
}

TEST(ValuesTest, LookBacks) {
  EXPECT_EQ(ParseLookBack("1")->days, 1u);
  EXPECT_EQ(ParseLookBack("28d")->days, 28u);
  EXPECT_EQ(ParseLookBack("400")->days, 400u);
  EXPECT_FALSE(ParseLookBack("400")->is_auto);
  EXPECT_TRUE(ParseLookBack("auto")->is_auto);
  for (const char* text : {"0", "401", "3w", "d", "+3", " 3"}) EXPECT_FALSE(ParseLookBack(text).ok()) << text;
}

TEST(ValuesTest, Sizes) {
  EXPECT_EQ(*ParseSize("64MiB"), uint64_t{64} << 20);
  EXPECT_EQ(*ParseSize("4GiB"), uint64_t{4} << 30);
  EXPECT_EQ(*ParseSize("1024KiB"), uint64_t{1} << 20);
  EXPECT_EQ(*ParseSize("67108864"), uint64_t{64} << 20);
  for (const char* text : {"64MB", "64 MiB", "MiB", "1023KiB", "0", "99999999TiB", "18446744073709551615GiB"}) {
    EXPECT_FALSE(ParseSize(text).ok()) << text;
  }
}

TEST(ValuesTest, Schedules) {
  for (const char* text : {"0 13 * * *", "*/15 0-6,22 1 jan,JUL mon-fri", "59 23 31 12 7", "10-50/20 * * * 0"}) {
    EXPECT_TRUE(ParseSchedule(text).ok()) << text;
  }
  for (const char* text : {"0 13 * *", "0 13 * * * *", "@daily", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
                           "* * * * 8", "1,,2 * * * *", "*/0 * * * *", "a * * * *", "1-2-3 * * * *", "jan * * * *"}) {
    EXPECT_FALSE(ParseSchedule(text).ok()) << text;
  }
}

TEST(ValuesTest, Tables) {
  for (const char* text : {"ads", "a", "ads_2026", "order"}) EXPECT_TRUE(ParseTable(text).ok()) << text;
  for (const std::string text : {"Ads", "1ads", "_ads", "tikhaul_x", "sqlite_x", "a-b", "a b", "a\"b", "caf\xc3\xa9"}) {
    EXPECT_FALSE(ParseTable(text).ok()) << text;
  }
  EXPECT_TRUE(ParseTable(std::string(63, 'a')).ok());
  EXPECT_FALSE(ParseTable(std::string(64, 'a')).ok());
}

TEST(ValuesTest, NamesAndIds) {
  EXPECT_TRUE(ParseName("agency-1.eu").ok());
  for (const char* text : {"-a", "a b", "a/b", "\xc3\xa9"}) EXPECT_FALSE(ParseName(text).ok()) << text;
  EXPECT_TRUE(ParseAppId("7000000000000000001").ok());
  EXPECT_FALSE(ParseAppId("<your app id>").ok());
  EXPECT_EQ(*ParseAdvertiserId("7002238017842757633"), "7002238017842757633");
  for (const char* text : {"7.0e18", "-7", "123456789012345678901"}) EXPECT_FALSE(ParseAdvertiserId(text).ok()) << text;
}

TEST(ValuesTest, TiersHaveTheFiguresOfTheSheet) {
  const std::vector<std::tuple<const char*, uint32_t, uint32_t, uint32_t>> tiers = {
      {"basic", 10, 600, 864000},     {"second", 20, 1200, 1728000},  {"advanced", 20, 1200, 1728000},
      {"third", 30, 1800, 2592000},   {"premium", 30, 1800, 2592000}, {"fourth", 50, 3000, 4320000},
      {"ultimate", 50, 3000, 4320000}};
  for (const auto& [name, second, minute, day] : tiers) {
    const auto tier = ParseTier(name);
    ASSERT_TRUE(tier.ok()) << name;
    EXPECT_EQ(tier->per_second, second);
    EXPECT_EQ(tier->per_minute, minute);
    EXPECT_EQ(tier->per_day, day);
  }
  EXPECT_EQ(
      ParseTier("premum").status().message(),
      "\"premum\" is not a tier: it is basic, second (advanced), third (premium) or fourth (ultimate); did you mean "
      "\"premium\"?");
}

}  // namespace
}  // namespace tikhaul
