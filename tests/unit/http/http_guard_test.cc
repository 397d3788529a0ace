#include "common/http/http_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kToken[] = "a token+of/these&tests";

class HttpGuardTest : public testing::Test {
 protected:
  HttpGuardTest() : HttpGuardTest({}) {}
  explicit HttpGuardTest(HttpGuard::Options options) : guard_(clock_, options) {}

  TokenCheck Check() {
    return [this](const std::string& token) -> absl::StatusOr<std::string> {
      ++checks_;
      if (token == kToken) return "ops";
      if (token == "worker") return absl::PermissionDeniedError("a worker may not see this");
      return absl::UnauthenticatedError("nobody has this token");
    };
  }
  HttpAnswer Ask(const std::map<std::string, std::string>& headers, const std::string& login = "",
                 const std::string& peer = "10.0.0.1") {
    return guard_.Behind(
        Check(), [](const HttpRequest& request) { return HttpAnswer{.body = request.headers.at("authorization")}; },
        login)({.path = "/x", .query = {}, .headers = headers, .body = "", .peer = peer});
  }
  HttpAnswer LogIn(const std::string& form, const std::map<std::string, std::string>& headers = {}) {
    return guard_.Login(Check(), "/home", [](const std::string& why) { return HttpAnswer{.body = why}; })(
        {.path = "/login", .query = {}, .headers = headers, .body = form, .peer = "10.0.0.1"});
  }
  // The cookie as a browser sends it back.
  static std::string CookieOf(const HttpAnswer& answer) {
    const std::string set = answer.headers.at("Set-Cookie");
    return set.substr(0, set.find(';'));
  }

  ManualClock clock_;
  HttpGuard guard_;
  int checks_ = 0;
};

constexpr char kForm[] = "x=1&token=a+token%2Bof%2Fthese%26tests";

TEST_F(HttpGuardTest, ATokenOpens) {
  const HttpAnswer answer = Ask({{"authorization", absl::StrCat("bearer ", kToken)}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, absl::StrCat("Bearer ", kToken));
  EXPECT_FALSE(answer.headers.contains("Tikhaul-Session"));
}

TEST_F(HttpGuardTest, NothingAndWrongTokensAreRefused) {
  const HttpAnswer answer = Ask({});
  EXPECT_EQ(answer.status, 401);
  EXPECT_THAT(answer.headers.at("WWW-Authenticate"), HasSubstr("Bearer"));
  EXPECT_EQ(Ask({{"authorization", "Bearer other"}}).status, 401);
  EXPECT_EQ(Ask({{"authorization", absl::StrCat("Basic ", kToken)}}).status, 401);
  EXPECT_EQ(Ask({{"authorization", "Bearer worker"}}).status, 403);
  EXPECT_EQ(Ask({{"cookie", "tikhaul_session=0123456789abcdef"}}).status, 401);
}

TEST_F(HttpGuardTest, APageSendsStrangersToTheForm) {
  const HttpAnswer answer = Ask({}, "/login");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(answer.headers.at("Location"), "/login");
}

TEST_F(HttpGuardTest, ALoginGivesACookieThatIsNotTheToken) {
  const HttpAnswer in = LogIn(kForm);
  EXPECT_EQ(in.status, 303);
  EXPECT_EQ(in.headers.at("Location"), "/home");
  const std::string set = in.headers.at("Set-Cookie");
  for (const char* part : {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"}) EXPECT_THAT(set, HasSubstr(part));
  EXPECT_THAT(set, Not(HasSubstr("Secure")));
  EXPECT_THAT(set, Not(HasSubstr("these")));
  const HttpAnswer answer = Ask({{"cookie", absl::StrCat("theme=x; ", CookieOf(in))}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, absl::StrCat("Bearer ", kToken));
  EXPECT_EQ(answer.headers.at("Tikhaul-Session"), "yes");
  EXPECT_NE(CookieOf(in), CookieOf(LogIn(kForm)));
}

TEST_F(HttpGuardTest, ASessionEnds) {
  const std::string cookie = CookieOf(LogIn(kForm));
  clock_.Advance(absl::Hours(12) - absl::Seconds(1));
  EXPECT_EQ(Ask({{"cookie", cookie}}).status, 200);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Ask({{"cookie", cookie}}).status, 401);

  const std::string other = CookieOf(LogIn(kForm));
  const HttpAnswer out = guard_.Logout("/login")(
      {.path = "/logout", .query = {}, .headers = {{"cookie", other}}, .body = "", .peer = "10.0.0.1"});
  EXPECT_EQ(out.status, 303);
  EXPECT_THAT(out.headers.at("Set-Cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(Ask({{"cookie", other}}).status, 401);
}

TEST_F(HttpGuardTest, ALoginThatFailsSaysWhy) {
  const HttpAnswer wrong = LogIn("token=other");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_THAT(wrong.body, HasSubstr("nobody has this token"));
  EXPECT_FALSE(wrong.headers.contains("Set-Cookie"));
  EXPECT_EQ(LogIn("").status, 401);
  EXPECT_EQ(LogIn("token=worker").status, 403);
  EXPECT_EQ(LogIn("token=%").status, 401);
}

TEST_F(HttpGuardTest, AFormOfAnotherSiteLogsNobodyIn) {
  EXPECT_EQ(LogIn(kForm, {{"host", "here:7780"}, {"origin", "https://elsewhere"}}).status, 403);
  EXPECT_EQ(LogIn(kForm, {{"host", "here:7780"}, {"origin", "null"}}).status, 403);
  EXPECT_EQ(LogIn(kForm, {{"host", "here:7780"}, {"origin", "http://here:7780"}}).status, 303);
}

TEST_F(HttpGuardTest, ManyFailuresOfAnAddressAreNotLookedAt) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(LogIn(absl::StrCat("token=", i)).status, 401);
  EXPECT_EQ(checks_, 10);
  EXPECT_EQ(LogIn(kForm).status, 429);
  EXPECT_EQ(Ask({{"authorization", absl::StrCat("Bearer ", kToken)}}).status, 429);
  EXPECT_EQ(checks_, 10);
  EXPECT_EQ(Ask({{"authorization", absl::StrCat("Bearer ", kToken)}}, "", "10.0.0.2").status, 200);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(LogIn(kForm).status, 303);
}

TEST_F(HttpGuardTest, KnownSessionsGoOnWhileTheirAddressFails) {
  const std::string cookie = CookieOf(LogIn(kForm));
  for (int i = 0; i < 12; ++i) LogIn("token=x");
  EXPECT_EQ(Ask({{"cookie", cookie}}).status, 200);
}

class SmallGuardTest : public HttpGuardTest {
 protected:
  SmallGuardTest()
      : HttpGuardTest({.secure = true, .most_sessions = 2, .failures_per_minute = 1, .most_addresses = 2}) {}
};

TEST_F(SmallGuardTest, WhatIsKeptIsBounded) {
  std::vector<std::string> cookies;
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(absl::Seconds(1));
    cookies.push_back(CookieOf(LogIn(kForm)));
  }
  EXPECT_EQ(Ask({{"cookie", cookies[0]}}).status, 401);
  EXPECT_EQ(Ask({{"cookie", cookies[1]}}).status, 200);
  EXPECT_EQ(Ask({{"cookie", cookies[2]}}).status, 200);

  for (int i = 0; i < 3; ++i) {
    clock_.Advance(absl::Seconds(1));
    EXPECT_EQ(Ask({{"authorization", "Bearer x"}}, "", absl::StrCat("10.0.1.", i)).status, 401);
  }
  EXPECT_EQ(Ask({{"authorization", "Bearer x"}}, "", "10.0.1.2").status, 429);
  EXPECT_EQ(Ask({{"authorization", "Bearer x"}}, "", "10.0.1.0").status, 401) << "the oldest is forgotten";
}

TEST_F(SmallGuardTest, OverHttpsTheCookieIsNeverSentInTheClear) {
  EXPECT_THAT(LogIn(kForm).headers.at("Set-Cookie"), HasSubstr("; Secure"));
}

}  // namespace
}  // namespace tikhaul
