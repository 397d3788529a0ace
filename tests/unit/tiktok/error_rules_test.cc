#include "common/tiktok/error_rules.h"

#include <string>

#include "common/tiktok/client.h"
#include "gtest/gtest.h"

namespace tikhaul {
namespace {

using enum FailureClass;

struct Expectation {
  int code;
  FailureClass failure_class;
};

// tiktok-api.md 3.5, one line per code that is listed there, and the unknown families.
constexpr Expectation kExpectations[] = {{40000, kPermanent},
                                         {40001, kPermission},
                                         {40002, kPermanent},
                                         {40006, kPermanent},
                                         {40051, kPermanent},
                                         {40007, kPermanent},
                                         {40008, kPermanent},
                                         {40009, kPermanent},
                                         {40013, kPermanent},
                                         {40014, kPermanent},
                                         {40010, kPermanent},
                                         {40011, kTooBig},
                                         {40016, kThrottled},
                                         {40100, kThrottled},
                                         {40133, kThrottled},
                                         {40132, kThrottled},
                                         {40050, kTransient},
                                         {40052, kPermanent},
                                         {40053, kPermanent},
                                         {40065, kPermanent},
                                         {40067, kTooBig},
                                         {40101, kAuth},
                                         {40102, kAuth},
                                         {40103, kAuth},
                                         {40107, kAuth},
                                         {40108, kAuth},
                                         {40104, kAuth},
                                         {40105, kAuth},
                                         {40106, kAuth},
                                         {40109, kAuth},
                                         {40112, kAuth},
                                         {40115, kAuth},
                                         {40116, kAuth},
                                         {40117, kAuth},
                                         {40110, kAuth},
                                         {40113, kAuth},
                                         {40118, kPermission},
                                         {40125, kPermission},
                                         {40119, kPermission},
                                         {40121, kPermission},
                                         {40122, kPermission},
                                         {40124, kPermission},
                                         {40131, kAuth},
                                         {40200, kTransient},
                                         {40201, kTransient},
                                         {40202, kTransient},
                                         {40300, kPermission},
                                         {40301, kPermission},
                                         {40502, kPermission},
                                         {40700, kTransient},
                                         {40900, kPermanent},
                                         {40901, kTransient},
                                         {40915, kPermanent},
                                         {41000, kPermission},
                                         {41001, kPermanent},
                                         {41002, kPermanent},
                                         {50000, kTransient},
                                         {50002, kTransient},
                                         {51305, kTransient},
                                         {51010, kTransient},
                                         {51021, kThrottled},
                                         {51022, kTransient},
                                         {59999, kTransient},
                                         {60001, kUnreachable},
                                         // Not listed:
                                         {61000, kUnknownCode},
                                         {69999, kUnknownCode},
                                         {40500, kUnknownCode},
                                         {42000, kUnknownCode},
                                         {70000, kUnknownCode},
                                         {1, kUnknownCode},
                                         {-1, kUnknownCode},
                                         {30000, kUnknownCode}};

class CodeClassTest : public ::testing::TestWithParam<Expectation> {};

TEST_P(CodeClassTest, IsAsTheSheetSays) {
  EXPECT_EQ(ClassifyCode(GetParam().code, "some text"), GetParam().failure_class);
}

INSTANTIATE_TEST_SUITE_P(Codes, CodeClassTest, ::testing::ValuesIn(kExpectations), [](const auto& info) {
  return "Row" + std::to_string(info.index) + "Code" +
         (info.param.code < 0 ? "Negative" : std::to_string(info.param.code));
});

TEST(ErrorRulesTest, AreInOrderAndDoNotOverlap) {
  int last = 0;
  for (const ErrorRule& rule : ErrorRules()) {
    EXPECT_GT(rule.from, last);
    EXPECT_GE(rule.to, rule.from);
    last = rule.to;
  }
}

TEST(ErrorRulesTest, OnlyZeroAndPartialSuccessAreGood) {
  EXPECT_TRUE(IsSuccessCode(0));
  EXPECT_TRUE(IsSuccessCode(20001));
  EXPECT_FALSE(IsSuccessCode(20002));
  EXPECT_FALSE(IsSuccessCode(40000));
}

TEST(ErrorRulesTest, TextsAboutAccessCountForMoreThanParameterCodes) {
  EXPECT_EQ(ClassifyCode(40002, "No permission to operate advertiser 123"), kPermission);
  EXPECT_EQ(ClassifyCode(40002, "Advertiser 5 doesn't exist or has been deleted."), kPermission);
  EXPECT_EQ(ClassifyCode(50000, "No permission to operate advertiser 123"), kTransient);
}

TEST(ErrorRulesTest, BothMeaningsOf40001AreTold) {
  const std::pair<const char*, AccessState> expectations[] = {
      {"No permission to operate advertiser 123", AccessState::kAccountDead},
      {"Advertiser 5 doesn't exist or has been deleted.", AccessState::kAccountDead},
      {"The advertiser is not accessible", AccessState::kAccountDead},
      {"The advertiser does not grant you the permission of /file/video/ad/search/:GET", AccessState::kNoGrant},
      {"Advertiser 5 does not exist in the grants of /ad/get/:GET", AccessState::kNoGrant},
      {"no permission", AccessState::kNoGrant}};
  for (const auto& [message, state] : expectations) EXPECT_EQ(ClosedAs(40001, message), state) << message;
  EXPECT_EQ(ClosedAs(40300, ""), AccessState::kAccountDead);
  EXPECT_EQ(ClosedAs(40301, ""), AccessState::kAccountDead);
  EXPECT_EQ(ClosedAs(41000, "blocked"), AccessState::kNoGrant);
}

TEST(ErrorRulesTest, HttpStatusesHaveClasses) {
  const std::pair<int, FailureClass> expectations[] = {
      {200, kTransient},  {204, kTransient}, {302, kPermanent},   {400, kPermanent},   {401, kAuth},
      {403, kPermission}, {404, kPermanent}, {405, kPermanent},   {408, kTransient},   {413, kTooBig},
      {429, kThrottled},  {500, kTransient}, {502, kUnreachable}, {503, kUnreachable}, {504, kTransient}};
  for (const auto& [status, failure_class] : expectations)
    EXPECT_EQ(ClassifyHttpStatus(status), failure_class) << status;
}

}  // namespace
}  // namespace tikhaul
