#include "cli/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {
namespace {

TEST(ToJsonTest, KeepsFieldNamesOfTheProtoAndPrintsZeroes) {
  v1::RetryResponse answer;
  EXPECT_EQ(ToJson(answer, /*pretty=*/false), R"({"chunks":"0","blocks":"0"})");
}

TEST(ToJsonTest, UsesUnderscoresAndOneLine) {
  v1::PlanResponse plan;
  plan.set_quota_left_today(7);
  plan.add_lines()->set_extract("ads \"daily\"\n");
  const std::string json = ToJson(plan, /*pretty=*/false);
  EXPECT_THAT(json, ::testing::HasSubstr(R"("quota_left_today":"7")"));
  EXPECT_THAT(json, ::testing::HasSubstr(R"("extract":"ads \"daily\"\n")"));
  EXPECT_THAT(json, ::testing::Not(::testing::HasSubstr("\n")));
}

}  // namespace
}  // namespace tikhaul
