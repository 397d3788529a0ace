#include "common/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

using testing::HasSubstr;

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest()
      : server_(*HttpServer::Start(
            "127.0.0.1:0", {{"/echo",
                             [](const HttpRequest& request) {
                               const auto name = request.query.find("name"), token = request.headers.find("x-token");
                               return HttpAnswer{
                                   .type = "application/json",
                                   .body = absl::StrCat(name == request.query.end() ? "" : name->second, ";",
                                                        token == request.headers.end() ? "" : token->second),
                                   .headers = {{"Cache-Control", "no-store"}}};
                             }},
                            {"POST /form",
                             [](const HttpRequest& request) {
                               return HttpAnswer{.body = absl::StrCat(request.body, ";", request.peer)};
                             }},
                            {"/fails", [](const HttpRequest&) -> HttpAnswer { throw std::runtime_error("secret"); }}})),
        client_("127.0.0.1", server_->port()) {}

  std::unique_ptr<HttpServer> server_;
  httplib::Client client_;
};

TEST_F(HttpServerTest, AnswersWithWhatTheHandlerSays) {
  const auto answer = client_.Get("/echo?name=a%20b", {{"X-Token", "t"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "a b;t");
  EXPECT_EQ(answer->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(answer->get_header_value("Cache-Control"), "no-store");
}

TEST_F(HttpServerTest, OtherPathsAndMethodsAreRefused) {
  EXPECT_EQ(client_.Get("/other")->status, 404);
  EXPECT_EQ(client_.Post("/echo", "x", "text/plain")->status, 405);
  EXPECT_EQ(client_.Delete("/echo")->status, 405);
  EXPECT_EQ(client_.Head("/echo")->status, 200);
}

TEST_F(HttpServerTest, APostBringsItsBodyWhereOneIsTaken) {
  const auto answer = client_.Post("/form", "a=1", "application/x-www-form-urlencoded");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "a=1;127.0.0.1");
  EXPECT_EQ(client_.Get("/form")->status, 404);
  const auto large = client_.Post("/form", std::string(100'000, 'x'), "application/x-www-form-urlencoded");
  EXPECT_TRUE(!large || large->status == 413);
}

TEST_F(HttpServerTest, AHandlerThatFailsTellsNothing) {
  const auto answer = client_.Get("/fails");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
  EXPECT_THAT(answer->body, testing::Not(HasSubstr("secret")));
}

TEST_F(HttpServerTest, APortInUseIsRefused) {
  const auto second = HttpServer::Start(absl::StrCat("127.0.0.1:", server_->port()), {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another program has the port"));
}

TEST_F(HttpServerTest, AnAddressWithoutAPortIsRefused) {
  EXPECT_EQ(HttpServer::Start("localhost", {}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tikhaul
