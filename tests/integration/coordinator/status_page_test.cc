// The status page as a coordinator serves it. What a browser makes of it is tested in tests/browser.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <httplib.h>

#include "absl/strings/str_cat.h"
#include "common/access/token.h"
#include "tests/integration/coordinator/coordinator_fixture.h"
#include "tests/support/look_at_page.h"
#include "tests/support/postgres_server.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class StatusPageTest : public CoordinatorTest {
 protected:
  StatusPageTest() {
    adjust_config_ = [](v1::Config& config) { config.mutable_coordinator()->set_http("127.0.0.1:0"); };
    Restart();
  }
  void Restart() {
    StopCoordinator();
    StartCoordinator();
  }
  httplib::Result Get(const std::string& path, const httplib::Headers& headers = {}) {
    return httplib::Client("127.0.0.1", coordinator_->http_port()).Get(path, headers);
  }
  template <typename Message>
  static Message Parsed(const std::string& json) {
    Message message;
    const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
    EXPECT_TRUE(status.ok()) << status.ToString() << " in " << json;
    return message;
  }
  template <typename Message>
  Message Read(const std::string& path) {
    const httplib::Result answer = Get(path);
    EXPECT_EQ(answer->status, 200) << answer->body;
    EXPECT_EQ(answer->get_header_value("Content-Type"), "application/json");
    return Parsed<Message>(answer->body);
  }
};

TEST_F(StatusPageTest, ThePageLoadsNothingFromElsewhere) {
  for (const auto& [path, type] : std::map<std::string, std::string>{{"/", "text/html; charset=utf-8"},
                                                                     {"/page.css", "text/css; charset=utf-8"},
                                                                     {"/page.js", "text/javascript; charset=utf-8"},
                                                                     {"/icon.svg", "image/svg+xml"}}) {
    const httplib::Result answer = Get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 200) << path;
    EXPECT_EQ(answer->get_header_value("Content-Type"), type);
    EXPECT_THAT(answer->get_header_value("Content-Security-Policy"),
                HasSubstr("default-src 'none'; script-src 'self'"));
    EXPECT_THAT(answer->get_header_value("Content-Security-Policy"), Not(HasSubstr("unsafe")));
    EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer->get_header_value("Referrer-Policy"), "same-origin");
    EXPECT_EQ(answer->get_header_value("X-Frame-Options"), "DENY");
    const std::string tag = answer->get_header_value("ETag");
    const httplib::Result again = Get(path, {{"If-None-Match", tag}});
    EXPECT_EQ(again->status, 304);
    EXPECT_EQ(again->body, "");
  }
  EXPECT_EQ(Get("/login")->status, 404) << "nobody has to log in";
}

TEST_F(StatusPageTest, TheJsonIsWhatTheAdminServiceSays) {
  Backfill("2026-02-01", "2026-02-03");
  const auto status = Read<v1::Status>("/api/status");
  EXPECT_EQ(status.version(), GetStatus().version());
  ASSERT_EQ(status.runs_size(), 1);
  EXPECT_EQ(status.runs(0).extract(), "ads_daily");
  EXPECT_EQ(status.runs(0).chunks().ready(), 1u);
  const auto calendar = Read<v1::GetCalendarResponse>("/api/calendar?extract=ads_daily&from=2026-01-31&to=2026-02-04");
  ASSERT_EQ(calendar.rows_size(), 1);
  EXPECT_EQ(calendar.rows(0).days(), ".qqq.");
  const auto extracts = Read<google::protobuf::Struct>("/api/extracts").fields().at("extracts").list_value();
  ASSERT_EQ(extracts.values_size(), 2);
  for (const google::protobuf::Value& value : extracts.values()) {
    const auto& fields = value.struct_value().fields();
    EXPECT_EQ(fields.at("calendar").bool_value(), fields.at("name").string_value() == "ads_daily");
  }
}

TEST_F(StatusPageTest, DeadLettersComeWithoutTheirExchanges) {
  Backfill("2026-02-01", "2026-02-03");
  {
    FakeWorker worker(ingest());
    ASSERT_TRUE(worker.Claim(PopHint()).has_granted());
    worker.Fail(v1::FAILURE_CLASS_PERMANENT, 40002, "no such metric");
  }
  ASSERT_TRUE(Eventually([&] { return GetStatus().dead_letters() == 1; }));
  const auto letters = Read<v1::ListDeadLettersResponse>("/api/dead-letters");
  ASSERT_EQ(letters.dead_letters_size(), 1);
  EXPECT_EQ(letters.dead_letters(0).message(), "no such metric");
  EXPECT_EQ(letters.dead_letters(0).exchange(), "");
}

TEST_F(StatusPageTest, WrongQuestionsAreAnsweredWithTheReason) {
  const auto refused = [&](const std::string& path, int status, const std::string& why) {
    const httplib::Result answer = Get(path);
    EXPECT_EQ(answer->status, status) << path;
    EXPECT_THAT(answer->body, HasSubstr("\"error\""));
    EXPECT_THAT(answer->body, HasSubstr(why));
  };
  refused("/api/calendar", 400, "name it");
  refused("/api/calendar?extract=ads_dayly", 404, "ads_daily");
  refused("/api/calendar?extract=campaigns", 400, "no report by day");
  refused("/api/calendar?extract=ads_daily&from=tomorrow", 400, "tomorrow");
  refused("/api/calendar?extract=ads_daily&page_size=x", 400, "page_size");
  refused("/api/dead-letters?page_token=x", 400, "page_token");
  EXPECT_EQ(Get("/api/other")->status, 404);
}

TEST_F(StatusPageTest, AnAddressInUseIsRefused) {
  const int port = coordinator_->http_port();
  v1::Config config = MakeConfig();
  config.set_store(absl::StrCat("sqlite:", folder_.Path("other.db")));
  config.mutable_coordinator()->set_listen(absl::StrCat("unix:", folder_.Path("d.sock")));
  config.mutable_coordinator()->set_http(absl::StrCat("127.0.0.1:", port));
  config.mutable_coordinator()->set_spool_dir(folder_.Path("spool2"));
  const auto second = Coordinator::Start(config);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable) << second.status();
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(absl::StrCat(port)));
}

TEST_F(StatusPageTest, WhatOthersCanReachIsEncryptedOrSaidToBePlain) {
  StopCoordinator();
  v1::Config config = MakeConfig();
  config.mutable_coordinator()->set_http("0.0.0.0:0");
  const auto refused = Coordinator::Start(config);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("allow_plaintext"));
  config.mutable_coordinator()->set_allow_plaintext(true);
  EXPECT_TRUE(Coordinator::Start(config).ok());
}

constexpr char kViewer[] = "the-token-of-a-viewer", kWorker[] = "the-token-of-a-worker";

class GuardedPageTest : public StatusPageTest {
 protected:
  GuardedPageTest() {
    adjust_config_ = [](v1::Config& config) {
      config.mutable_coordinator()->set_http("127.0.0.1:0");
      const auto add = [&](const char* name, v1::Role role, const char* token) {
        v1::Identity& identity = *config.add_identities();
        identity.set_name(name);
        identity.set_role(role);
        identity.set_token_hash(TokenHash(token));
      };
      add("eyes", v1::ROLE_VIEWER, kViewer);
      add("hands", v1::ROLE_WORKER, kWorker);
    };
    Restart();
  }
  static httplib::Headers Bearer(const std::string& token) {
    return {{"Authorization", absl::StrCat("Bearer ", token)}};
  }
  httplib::Result LogIn(const std::string& token) {
    return httplib::Client("127.0.0.1", coordinator_->http_port())
        .Post("/login", absl::StrCat("token=", token), "application/x-www-form-urlencoded");
  }
};

TEST_F(GuardedPageTest, StrangersSeeTheFormAndTheProbesAlone) {
  const httplib::Result page = Get("/");
  EXPECT_EQ(page->status, 303);
  EXPECT_EQ(page->get_header_value("Location"), "/login");
  EXPECT_EQ(Get("/login")->status, 200);
  EXPECT_EQ(Get("/page.css")->status, 200);
  EXPECT_EQ(Get("/healthz")->status, 200);
  EXPECT_EQ(Get("/readyz")->status, 200);
  for (const char* path : {"/page.js", "/api/status", "/api/calendar?extract=ads_daily", "/api/dead-letters",
                           "/api/extracts", "/metrics"}) {
    EXPECT_EQ(Get(path)->status, 401) << path;
  }
  EXPECT_EQ(Get("/api/status", Bearer("another"))->status, 401);
}

TEST_F(GuardedPageTest, EachSeesWhatTheRoleAllows) {
  for (const char* path : {"/", "/page.js", "/api/status", "/api/extracts", "/metrics"}) {
    EXPECT_EQ(Get(path, Bearer(kViewer))->status, 200) << path;
    EXPECT_EQ(Get(path, Bearer(kWorker))->status, path == std::string("/metrics") ? 200 : 403) << path;
  }
}

TEST_F(GuardedPageTest, TheFormOpensASession) {
  const httplib::Result wrong = LogIn("another");
  EXPECT_EQ(wrong->status, 401);
  EXPECT_THAT(wrong->body, HasSubstr("the bearer token is not known here"));
  EXPECT_THAT(wrong->get_header_value("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(LogIn(kWorker)->status, 403);
  const httplib::Result in = LogIn(kViewer);
  EXPECT_EQ(in->status, 303);
  const std::string cookie = in->get_header_value("Set-Cookie");
  EXPECT_THAT(cookie, Not(HasSubstr(kViewer)));
  const httplib::Headers session = {{"Cookie", cookie.substr(0, cookie.find(';'))}};
  EXPECT_EQ(Get("/api/status", session)->status, 200);
  const httplib::Result out =
      httplib::Client("127.0.0.1", coordinator_->http_port()).Post("/logout", session, "", "text/plain");
  EXPECT_EQ(out->status, 303);
  EXPECT_EQ(Get("/api/status", session)->status, 401);
}

TEST_F(GuardedPageTest, ABrowserLogsInByTheForm) {
  const nlohmann::json seen = LookAtPage(coordinator_->http_port(), "Nothing of ads_daily was asked for yet", kViewer);
  EXPECT_EQ(seen.value("log_out", ""), "Log out");
  EXPECT_EQ(seen.value("cookies", "none"), "") << "scripts of the page cannot read the session";
  EXPECT_TRUE(seen.value("complaints", nlohmann::json({"none"})).empty()) << seen;
  EXPECT_TRUE(seen.value("foreign", nlohmann::json({"none"})).empty()) << seen;
}

// Of two coordinators one leads; the page of the other shows the same.
TEST_F(StatusPageTest, EachCoordinatorsPageShowsTheWhole) {
  PostgresServer postgres;
  const std::string schema = PostgresServer::NewSchema();
  const auto config_of = [&](const std::string& name) {
    v1::Config config = MakeConfig();
    config.set_store(postgres.Url());
    config.mutable_store_options()->set_schema(schema);
    config.mutable_store_options()->set_connections(4);
    config.mutable_coordinator()->set_listen(absl::StrCat("unix:", folder_.Path(name + ".sock")));
    config.mutable_coordinator()->set_spool_dir(folder_.Path("spool_" + name));
    config.mutable_coordinator()->set_http("127.0.0.1:0");
    return config;
  };
  StopCoordinator();
  const auto one = Coordinator::Start(config_of("one"));
  ASSERT_TRUE(one.ok()) << one.status();
  const auto two = Coordinator::Start(config_of("two"));
  ASSERT_TRUE(two.ok()) << two.status();
  const auto leads_at = [](int port) -> std::string {
    const httplib::Result answer = httplib::Client("127.0.0.1", port).Get("/api/status");
    if (!answer || answer->status != 200) return answer ? answer->body : "no answer";
    const auto status = Parsed<v1::Status>(answer->body);
    std::string text = absl::StrCat(status.coordinators_size());
    for (const v1::CoordinatorInfo& info : status.coordinators()) {
      if (info.leads()) absl::StrAppend(&text, " ", info.address());
    }
    return text;
  };
  const std::string expected = absl::StrCat("2 unix:", folder_.Path("one.sock"));
  EXPECT_TRUE(Eventually([&] { return leads_at((*one)->http_port()) == expected; })) << leads_at((*one)->http_port());
  EXPECT_TRUE(Eventually([&] { return leads_at((*two)->http_port()) == expected; })) << leads_at((*two)->http_port());
}

}  // namespace
}  // namespace tikhaul
