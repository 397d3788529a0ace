// Every method, every role, over real TLS: who is let in to what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/access/method_rules.h"
#include "common/access/token.h"
#include "common/base/files.h"
#include "tests/integration/server/guarded_coordinator.h"
#include "tests/support/eventually.h"
#include "tests/support/service_methods.h"
#include "tests/support/test_tls.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

const std::map<std::string, v1::Role>& Roles() {
  static const auto& roles = *new std::map<std::string, v1::Role>{{"viewer", v1::ROLE_VIEWER},
                                                                  {"operator", v1::ROLE_OPERATOR},
                                                                  {"worker", v1::ROLE_WORKER},
                                                                  {"coordinator", v1::ROLE_COORDINATOR},
                                                                  {"scaler", v1::ROLE_SCALER}};
  return roles;
}

// What the services of the tree have, and gRPC's own.
std::vector<std::string> AllMethods() {
  std::vector<std::string> methods;
  for (const ServiceMethod& method : ServiceMethods(TIKHAUL_PROTO)) methods.push_back(method.path);
  methods.insert(methods.end(), {"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
                                 "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"});
  return methods;
}

class RolesTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    certificates_ = new TestCertificates;
    std::string yaml = TlsYaml(TlsOf(*certificates_, "server")) + "identities:\n";
    for (const auto& [name, role] : Roles()) {
      certificates_->Make(name + ".tikhaul");
      absl::StrAppend(&yaml, "  - {name: ", name, ", role: ", name, ", certificate: ", name, ".tikhaul}\n");
      absl::StrAppend(&yaml, "  - {name: ", name, "-by-token, role: ", name, ", token_hash: \"",
                      TokenHash(name + "-token"), "\"}\n");
    }
    certificates_->Make("stranger.tikhaul");
    coordinator_ = new GuardedCoordinator({.yaml = yaml, .coordinator = "", .listen = ""});
    ASSERT_TRUE(coordinator_->AwaitReady()) << coordinator_->Log();
  }
  static void TearDownTestSuite() {
    delete coordinator_;
    delete certificates_;
  }

  // With the certificate of that name, none when empty; and with that token, none when empty.
  Dialer With(const std::string& certificate, const std::string& token) {
    v1::Config config;
    *config.mutable_tls() = TlsOf(*certificates_, certificate);
    if (!token.empty()) {
      config.set_token_file(folder_.Path(token));
      EXPECT_TRUE(WriteFileAtomically(config.token_file(), token).ok());
    }
    const absl::StatusOr<Dialer> dialer = Dialer::Make(config);
    EXPECT_TRUE(dialer.ok()) << dialer.status();
    return dialer.value_or(Dialer());
  }
  static grpc::Status Try(const Dialer& dialer, const std::string& method) {
    return TryCall(dialer, coordinator_->address(), method);
  }
  static void ExpectAsTheRulesSay(const Dialer& dialer, v1::Role role) {
    for (const std::string& method : AllMethods()) {
      const MethodRule* found = nullptr;
      for (const MethodRule& rule : MethodRules()) found = rule.method == method ? &rule : found;
      ASSERT_NE(found, nullptr) << method << " has no rule";
      const bool may = found->needs != MethodRule::Needs::kRole || Caller{"", {role}}.May(found->role);
      const grpc::Status status = Try(dialer, method);
      EXPECT_EQ(ReachedService(status), may) << method << ": " << status.error_code() << " " << status.error_message();
      EXPECT_EQ(status.error_code() == grpc::StatusCode::PERMISSION_DENIED, !may) << method;
    }
  }

  static TestCertificates* certificates_;
  static GuardedCoordinator* coordinator_;
  ScratchFolder folder_;
};

TestCertificates* RolesTest::certificates_ = nullptr;
GuardedCoordinator* RolesTest::coordinator_ = nullptr;

TEST_F(RolesTest, ByCertificate) {
  for (const auto& [name, role] : Roles()) {
    SCOPED_TRACE(name);
    ExpectAsTheRulesSay(With(name + ".tikhaul", ""), role);
  }
}

TEST_F(RolesTest, ByToken) {
  for (const auto& [name, role] : Roles()) {
    SCOPED_TRACE(name);
    ExpectAsTheRulesSay(With("", name + "-token"), role);
  }
}

// Said by hand, beside the table.
TEST_F(RolesTest, NeitherWorkersNorViewersChangeAnything) {
  const std::set<std::string> reads = {"GetCalendar", "GetStatus",  "ListCursors",      "ListDeadLetters",
                                       "ListFigures", "ListLedger", "ListRestatements", "ListRuns",
                                       "ListStreams", "WatchStatus"};
  const Dialer worker = With("worker.tikhaul", ""), viewer = With("viewer.tikhaul", "");
  int admin = 0;
  for (const std::string& method : AllMethods()) {
    if (method.rfind("/tikhaul.v1.Admin/", 0) != 0) continue;
    ++admin;
    EXPECT_EQ(Try(worker, method).error_code(), grpc::StatusCode::PERMISSION_DENIED) << method;
    const bool reading = reads.count(method.substr(method.rfind('/') + 1)) == 1;
    EXPECT_EQ(ReachedService(Try(viewer, method)), reading) << method;
  }
  EXPECT_GE(admin, 18);
  EXPECT_TRUE(Try(viewer, "/tikhaul.v1.Admin/GetStatus").ok());
}

TEST_F(RolesTest, StrangersMayAskForHealthOnly) {
  const Dialer nobody = With("", ""), stranger = With("stranger.tikhaul", ""), wrong = With("", "no-such-token"),
               both = With("operator.tikhaul", "no-such-token");
  for (const std::string& method : AllMethods()) {
    for (const Dialer* dialer : {&nobody, &stranger, &wrong, &both}) {
      const grpc::Status status = Try(*dialer, method);
      if (method == "/grpc.health.v1.Health/Check") {
        EXPECT_TRUE(status.ok()) << status.error_message();
      } else {
        EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << method;
      }
    }
  }
}

TEST_F(RolesTest, WhatNobodyKnowsIsRefused) {
  EXPECT_EQ(Try(With("operator.tikhaul", ""), "/tikhaul.v1.Admin/Unheard").error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Try(With("", ""), "/nothing").error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(RolesTest, IdentitiesChangeWithoutARestart) {
  const std::string before = TokenHash("old-token"), after = TokenHash("new-token");
  GuardedCoordinator coordinator(
      {.yaml = absl::StrCat(TlsYaml(TlsOf(*certificates_, "server")),
                            "identities: [{name: ops, role: operator, token_hash: \"", before, "\"}]\n"),
       .coordinator = "",
       .listen = ""});
  ASSERT_TRUE(coordinator.AwaitReady()) << coordinator.Log();
  const auto may = [&](const std::string& token) {
    return TryCall(With("", token), coordinator.address(), "/tikhaul.v1.Admin/GetStatus").ok();
  };
  EXPECT_TRUE(may("old-token"));
  EXPECT_FALSE(may("new-token"));
  const std::string file = coordinator.Path("tikhaul.yaml");
  const std::string text = ReadFile(file).value_or("");
  EXPECT_TRUE(WriteFileAtomically(file, absl::StrReplaceAll(text, {{"role: operator", "role: nobody"}})).ok());
  EXPECT_TRUE(
      Eventually([&] { return absl::StrContains(coordinator.Log(), "what was read before goes on"); }, kPatience));
  EXPECT_TRUE(may("old-token")) << "a mistake in the file changes nothing";
  EXPECT_TRUE(WriteFileAtomically(file, absl::StrReplaceAll(text, {{before, after}})).ok());
  EXPECT_TRUE(Eventually([&] { return may("new-token"); }, kPatience));
  EXPECT_FALSE(may("old-token"));
}

TEST_F(RolesTest, TheAnswerSaysWhatIsLacking) {
  EXPECT_THAT(Try(With("viewer.tikhaul", ""), "/tikhaul.v1.Admin/Pause").error_message(),
              HasSubstr("viewer has the role viewer, and Pause needs the role operator"));
  EXPECT_THAT(Try(With("", ""), "/tikhaul.v1.Admin/GetStatus").error_message(), HasSubstr("--token-file"));
}

}  // namespace
}  // namespace tikhaul
