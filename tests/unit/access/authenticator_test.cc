#include "common/access/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/access/token.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() {
    Add("ops", v1::ROLE_OPERATOR, "ops.tikhaul", "");
    Add("ci", v1::ROLE_VIEWER, "", "ci-token");
    Add("both", v1::ROLE_WORKER, "w.tikhaul", "w-token");
    Add("also-worker", v1::ROLE_COORDINATOR, "w.tikhaul", "");
  }
  void Add(const std::string& name, v1::Role role, const std::string& certificate, const std::string& token) {
    v1::Identity& identity = *config_.add_identities();
    identity.set_name(name);
    identity.set_role(role);
    identity.set_certificate_name(certificate);
    if (!token.empty()) identity.set_token_hash(TokenHash(token));
  }
  absl::StatusOr<Caller> Identify(std::optional<std::string> token, std::vector<std::string> names) const {
    return Authenticator(config_).Identify({std::move(token), std::move(names)});
  }

  v1::Config config_;
};

TEST_F(AuthenticatorTest, KnowsCertificatesAndTokens) {
  EXPECT_EQ(Identify(std::nullopt, {"other", "ops.tikhaul"})->name, "ops");
  EXPECT_EQ(Identify("ci-token", {})->name, "ci");
  EXPECT_THAT(Identify("ci-token", {})->roles, UnorderedElementsAre(v1::ROLE_VIEWER));
}

TEST_F(AuthenticatorTest, RolesAddUp) {
  const auto caller = Identify("ci-token", {"w.tikhaul"});
  ASSERT_TRUE(caller.ok());
  EXPECT_THAT(caller->roles, UnorderedElementsAre(v1::ROLE_VIEWER, v1::ROLE_WORKER, v1::ROLE_COORDINATOR));
}

TEST_F(AuthenticatorTest, NobodyElseIsKnown) {
  const absl::Status nothing = Identify(std::nullopt, {}).status();
  EXPECT_EQ(nothing.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(nothing.message()), HasSubstr("--token-file"));
  const absl::Status stranger = Identify(std::nullopt, {"evil", "ops.tikhaul.evil"}).status();
  EXPECT_EQ(stranger.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(stranger.message()), HasSubstr("evil, ops.tikhaul.evil"));
  EXPECT_FALSE(Identify("", {}).ok());
  EXPECT_FALSE(Identify(TokenHash("ci-token"), {}).ok()) << "the hash is not the token";
}

TEST_F(AuthenticatorTest, AnUnknownTokenIsRefusedEvenBesideAKnownCertificate) {
  const absl::Status status = Identify("a-wrong-token", {"ops.tikhaul"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("not known here"), Not(HasSubstr("a-wrong-token"))));
  EXPECT_FALSE(Identify("", {"ops.tikhaul"}).ok()) << "a header without a token";
}

TEST_F(AuthenticatorTest, WithoutIdentitiesEverybodyMay) {
  EXPECT_TRUE(Authenticator(v1::Config()).everybody());
  EXPECT_FALSE(Authenticator(config_).everybody());
}

TEST_F(AuthenticatorTest, TakesOthersWhileItRuns) {
  Authenticator authenticator(config_);
  config_.clear_identities();
  Add("next", v1::ROLE_VIEWER, "", "next-token");
  ASSERT_TRUE(authenticator.Take(config_).ok());
  EXPECT_EQ(authenticator.Identify({"next-token", {}})->name, "next");
  EXPECT_FALSE(authenticator.Identify({"ci-token", {}}).ok());
  EXPECT_FALSE(authenticator.Identify({std::nullopt, {"ops.tikhaul"}}).ok());
}

TEST_F(AuthenticatorTest, NeverOpensForEverybodyWhileItRuns) {
  Authenticator guarded(config_), open{v1::Config()};
  EXPECT_EQ(guarded.Take(v1::Config()).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(guarded.Identify({"ci-token", {}})->name, "ci");
  EXPECT_EQ(open.Take(config_).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(open.everybody());
}

TEST_F(AuthenticatorTest, AnOperatorIsAViewerAndNothingElseIsAnother) {
  for (int have = v1::ROLE_VIEWER; have <= v1::ROLE_SCALER; ++have) {
    const Caller caller{.name = "x", .roles = {static_cast<v1::Role>(have)}};
    for (int wanted = v1::ROLE_VIEWER; wanted <= v1::ROLE_SCALER; ++wanted) {
      const bool may = have == wanted || (have == v1::ROLE_OPERATOR && wanted == v1::ROLE_VIEWER);
      EXPECT_EQ(caller.May(static_cast<v1::Role>(wanted)), may) << have << " " << wanted;
    }
  }
}

}  // namespace
}  // namespace tikhaul
