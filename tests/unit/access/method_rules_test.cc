#include "common/access/method_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "tests/support/service_methods.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

// One identity per role, known by a certificate of the role's number.
v1::Config OneOfEach() {
  v1::Config config;
  for (int role = v1::ROLE_VIEWER; role <= v1::ROLE_SCALER; ++role) {
    v1::Identity& identity = *config.add_identities();
    identity.set_name("i" + std::to_string(role));
    identity.set_role(static_cast<v1::Role>(role));
    identity.set_certificate_name(std::to_string(role));
  }
  return config;
}

absl::Status Try(v1::Role role, absl::string_view method) {
  return MayCall(Authenticator(OneOfEach()), {std::nullopt, {std::to_string(role)}}, method);
}

const MethodRule* RuleOf(absl::string_view method) {
  for (const MethodRule& rule : MethodRules()) {
    if (rule.method == method) return &rule;
  }
  return nullptr;
}

TEST(MethodRulesTest, EveryMethodOfEveryServiceHasARule) {
  const std::vector<ServiceMethod> methods = ServiceMethods(TIKHAUL_PROTO);
  ASSERT_GE(methods.size(), 22u);
  for (const ServiceMethod& method : methods) {
    EXPECT_NE(RuleOf(method.path), nullptr)
        << method.path << " would be refused to everybody: give it a rule in common/access/method_rules.cc";
  }
}

TEST(MethodRulesTest, EveryRuleOfOursHasItsMethodAndStandsOnce) {
  std::set<std::string> known;
  for (const ServiceMethod& method : ServiceMethods(TIKHAUL_PROTO)) known.insert(method.path);
  std::set<absl::string_view> seen;
  for (const MethodRule& rule : MethodRules()) {
    EXPECT_TRUE(seen.insert(rule.method).second) << rule.method << " stands twice";
    if (absl::StartsWith(rule.method, "/tikhaul.")) {
      EXPECT_EQ(known.count(std::string(rule.method)), 1u) << rule.method;
    }
  }
}

TEST(MethodRulesTest, EachRoleMayCallWhatIsItsOwn) {
  for (const MethodRule& rule : MethodRules()) {
    for (int number = v1::ROLE_VIEWER; number <= v1::ROLE_SCALER; ++number) {
      const auto role = static_cast<v1::Role>(number);
      const bool may = rule.needs != MethodRule::Needs::kRole || role == rule.role ||
                       (role == v1::ROLE_OPERATOR && rule.role == v1::ROLE_VIEWER);
      EXPECT_EQ(Try(role, rule.method).code(), may ? absl::StatusCode::kOk : absl::StatusCode::kPermissionDenied)
          << rule.method << " " << number;
    }
  }
}

TEST(MethodRulesTest, OnlyReadingCallsAreTheViewers) {
  for (const MethodRule& rule : MethodRules()) {
    if (rule.role != v1::ROLE_VIEWER) continue;
    const absl::string_view name = rule.method.substr(rule.method.rfind('/') + 1);
    EXPECT_TRUE(absl::StartsWith(name, "Get") || absl::StartsWith(name, "List") || absl::StartsWith(name, "Watch"))
        << name;
  }
}

TEST(MethodRulesTest, AStrangerMayAskForHealthAndNothingElse) {
  for (const MethodRule& rule : MethodRules()) {
    const absl::Status status = MayCall(Authenticator(OneOfEach()), {}, rule.method);
    if (rule.method == "/grpc.health.v1.Health/Check") {
      EXPECT_TRUE(status.ok());
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << rule.method;
    }
  }
}

TEST(MethodRulesTest, WhatNoRuleKnowsIsRefusedToAll) {
  for (const char* method : {"/tikhaul.v1.Admin/Unheard", "/tikhaul.v1.Admin/check", "/tikhaul.v1.Admin/", "", "/"}) {
    EXPECT_EQ(Try(v1::ROLE_OPERATOR, method).code(), absl::StatusCode::kPermissionDenied) << method;
    EXPECT_EQ(MayCall(Authenticator(OneOfEach()), {}, method).code(), absl::StatusCode::kUnauthenticated) << method;
  }
}

TEST(MethodRulesTest, TheRefusalSaysWhoLacksWhat) {
  const std::string message(Try(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/Backfill").message());
  EXPECT_THAT(message, HasSubstr("i1 has the role viewer, and Backfill needs the role operator"));
}

TEST(MethodRulesTest, WithoutIdentitiesEverybodyMay) {
  EXPECT_TRUE(MayCall(Authenticator(v1::Config()), {}, "/tikhaul.v1.Admin/Backfill").ok());
}

}  // namespace
}  // namespace tikhaul
