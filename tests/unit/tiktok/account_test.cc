#include "common/tiktok/account.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(AccountTest, CallsAreAsDocumented) {
  const ApiCall ids = AdvertiserIdsCall("12", Secret("app-secret"), Secret("the-token"));
  EXPECT_EQ(ids.path, "oauth2/advertiser/get/");
  EXPECT_THAT(ids.params, ElementsAre(Pair("app_id", "12"), Pair("secret", "app-secret")));
  const std::vector<std::string> wanted = {"1", "2"};
  const ApiCall info = AdvertiserInfoCall(Secret("the-token"), wanted);
  EXPECT_EQ(info.path, "advertiser/info/");
  EXPECT_THAT(info.params, ElementsAre(Pair("advertiser_ids", R"(["1","2"])")));
}

TEST(AccountTest, IdsAreReadAsTextOrNumber) {
  const auto ids = ReadAdvertiserIds(
      R"({"code":0,"data":{"list":[{"advertiser_id":"7002238017842757633"},{"advertiser_id":7002238017842757634}]}})");
  ASSERT_TRUE(ids.ok());
  EXPECT_THAT(*ids, ElementsAre("7002238017842757633", "7002238017842757634"));
  EXPECT_TRUE(ReadAdvertiserIds(R"({"data":{"list":[]}})")->empty());
}

TEST(AccountTest, OtherShapesAreDataLoss) {
  for (const char* body : {"", "[]", "{}", R"({"data":{}})", R"({"data":{"list":{}}})", R"({"data":{"list":[{}]}})",
                           R"({"data":{"list":[7]}})"}) {
    EXPECT_EQ(ReadAdvertiserIds(body).status().code(), absl::StatusCode::kDataLoss) << body;
    EXPECT_EQ(ReadAdvertiserInfo(body).status().code(), absl::StatusCode::kDataLoss) << body;
  }
}

TEST(AccountTest, InfoPrefersTheZoneWithSummerTime) {
  const auto infos = ReadAdvertiserInfo(
      R"({"data":{"list":[{"advertiser_id":"1","name":null,"timezone":"Etc/GMT+8","display_timezone":"America/Los_Angeles",)"
      R"("currency":"USD","status":"STATUS_LIMIT","create_time":1234567890},{"advertiser_id":"2","timezone":"Europe/London"}]}})");
  ASSERT_TRUE(infos.ok());
  ASSERT_EQ(infos->size(), 2u);
  EXPECT_EQ(infos->at(0).name, "");
  EXPECT_EQ(infos->at(0).timezone, "America/Los_Angeles");
  EXPECT_EQ(infos->at(0).currency, "USD");
  EXPECT_EQ(infos->at(0).status, "STATUS_LIMIT");
  EXPECT_EQ(infos->at(0).created, absl::FromUnixSeconds(1234567890));
  EXPECT_EQ(infos->at(1).timezone, "Europe/London");
  EXPECT_EQ(infos->at(1).created, absl::InfinitePast());
}

TEST(AccountTest, OtherStatusesHoldNoFault) {
  EXPECT_FALSE(AsFault(absl::OkStatus()).has_value());
  EXPECT_FALSE(AsFault(absl::InternalError("x")).has_value());
}

}  // namespace
}  // namespace tikhaul
