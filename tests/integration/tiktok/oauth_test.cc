// Tokens got and given back, against a server on the loopback.
#include "common/tiktok/oauth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "tests/integration/tiktok/loopback_api.h"

namespace tikhaul {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kJson[] = "application/json";

OAuthApp AppAt(const std::string& base_url) {
  return {.base_url = base_url, .id = "7009", .secret = Secret("the-app-secret")};
}

TEST(PortalTest, TheUrlNamesAppStateAndRedirect) {
  EXPECT_EQ(PortalUrl("7009", "a b", "http://localhost:7734/x?y"),
            "https://business-api.tiktok.com/portal/auth?app_id=7009&state=a%20b&redirect_uri="
            "http%3A%2F%2Flocalhost%3A7734%2Fx%3Fy");
}

TEST(RedirectTest, AuthCodeIsReadFirst) {
  const auto redirect = ReadRedirect(" http://localhost:7734/?code=other&auth_code=the%2Bcode&state=s%201#frag\n");
  ASSERT_TRUE(redirect.ok()) << redirect.status();
  EXPECT_EQ(redirect->code.Reveal(), "the+code");
  EXPECT_EQ(redirect->state, "s 1");
  EXPECT_EQ(ReadRedirect("/?code=abc&state=s")->code.Reveal(), "abc");
}

TEST(RedirectTest, WhatIsNotOneIsToldApart) {
  EXPECT_TRUE(absl::IsInvalidArgument(ReadRedirect("the-code").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadRedirect("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadRedirect("http://localhost/?state=s").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadRedirect("http://localhost/?auth_code=&state=s").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(ReadRedirect("http://localhost/?error=access_denied").status()));
}

TEST(ExchangeCodeTest, SendsTheCodeInTheBodyAndReadsTheGrant) {
  std::string method, body, type, path;
  bool token_header = true;
  LoopbackApi api([&](const httplib::Request& request, httplib::Response& response) {
    method = request.method;
    path = request.target;
    body = request.body;
    type = request.get_header_value("Content-Type");
    token_header = request.has_header("Access-Token");
    response.set_content(
        R"({"code":0,"message":"OK","request_id":"r","data":{"access_token":"fresh-token-1","scope":[4,10,99],)"
        R"("advertiser_ids":["71","72"]}})",
        kJson);
  });
  const auto grant = ExchangeCode(AppAt(api.base_url()), Secret("the-code"));
  ASSERT_TRUE(grant.ok()) << grant.status();
  EXPECT_EQ(grant->token.Reveal(), "fresh-token-1");
  EXPECT_THAT(grant->advertisers, ElementsAre("71", "72"));
  EXPECT_THAT(grant->scopes, ElementsAre(4, 10, 99));
  EXPECT_EQ(ScopeName(4), "reporting");
  EXPECT_EQ(ScopeName(99), "scope 99");
  EXPECT_EQ(method, "POST");
  EXPECT_THAT(path, HasSubstr("oauth2/access_token/"));
  EXPECT_THAT(path, Not(HasSubstr("the-code")));
  EXPECT_EQ(type, "application/json");
  EXPECT_FALSE(token_header);
  EXPECT_EQ(json::parse(body), json({{"app_id", "7009"}, {"secret", "the-app-secret"}, {"auth_code", "the-code"}}));
}

TEST(ExchangeCodeTest, RefusalsSayWhatToDoAndNoSecret) {
  for (const int code : {40101, 40110, 40113}) {
    LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
      response.set_content(
          json({{"code", code}, {"message", "no the-app-secret the-code"}, {"request_id", "r-7"}}).dump(), kJson);
    });
    const absl::Status status = ExchangeCode(AppAt(api.base_url()), Secret("the-code")).status();
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("r-7"), Not(HasSubstr("the-app-secret")), Not(HasSubstr("the-code"))));
    EXPECT_TRUE(absl::StrContains(status.message(), "begin again") || absl::StrContains(status.message(), "app.id"));
  }
}

TEST(ExchangeCodeTest, AnApiThatIsOutOfOrderIsUnavailable) {
  std::string answer = "<html>";
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) { response.set_content(answer, kJson); });
  const OAuthApp app = AppAt(api.base_url());
  EXPECT_TRUE(absl::IsUnavailable(ExchangeCode(app, Secret("the-code")).status()));
  answer = R"({"code":51010,"message":"busy","request_id":"r","data":{}})";
  EXPECT_TRUE(absl::IsUnavailable(ExchangeCode(app, Secret("the-code")).status()));
  answer = R"({"code":0,"message":"OK","request_id":"r","data":{}})";
  EXPECT_TRUE(absl::IsDataLoss(ExchangeCode(app, Secret("the-code")).status()));
  EXPECT_TRUE(absl::IsUnavailable(ExchangeCode(AppAt("http://127.0.0.1:1/"), Secret("the-code")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ExchangeCode(AppAt("http://example.com/"), Secret("the-code")).status()))
      << "secrets do not travel in the clear";
}

TEST(RevokeTokenTest, NamesTheAccountsThatAreLost) {
  std::string body;
  LoopbackApi api([&](const httplib::Request& request, httplib::Response& response) {
    body = request.body;
    response.set_content(
        R"({"code":0,"message":"OK","request_id":"r","data":{"app_id":"7009","advertiser_ids":["71"]}})", kJson);
  });
  const auto lost = RevokeToken(AppAt(api.base_url()), Secret("the-token"));
  ASSERT_TRUE(lost.ok()) << lost.status();
  EXPECT_THAT(*lost, ElementsAre("71"));
  EXPECT_EQ(json::parse(body)["access_token"], "the-token");
}

}  // namespace
}  // namespace tikhaul
