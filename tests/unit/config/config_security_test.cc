#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/yaml_texts.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kHash[] = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
constexpr char kTls[] = "tls: {ca_file: tls/ca.pem, certificate_file: tls/this.pem, key_file: /k/this.key}\n";

TEST(ConfigSecurityTest, FilesAndIdentitiesAreRead) {
  const auto config = Parse(absl::StrCat(kHead, kCampaigns, kTls, "token_file: secrets/rpc_token\nidentities:\n",
                                         "  - {name: ops, role: operator, certificate: ops.tikhaul}\n",
                                         "  - {name: ci, role: viewer, token_hash: \"", absl::AsciiStrToUpper(kHash),
                                         "\"}\n", "coordinator: {streams_per_peer: 7}\n"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->tls().ca_file(), "/home/me/tls/ca.pem");
  EXPECT_EQ(config->tls().certificate_file(), "/home/me/tls/this.pem");
  EXPECT_EQ(config->tls().key_file(), "/k/this.key");
  EXPECT_EQ(config->token_file(), "/home/me/secrets/rpc_token");
  ASSERT_EQ(config->identities_size(), 2);
  EXPECT_EQ(config->identities(0).role(), v1::ROLE_OPERATOR);
  EXPECT_EQ(config->identities(0).certificate_name(), "ops.tikhaul");
  EXPECT_EQ(config->identities(1).role(), v1::ROLE_VIEWER);
  EXPECT_EQ(config->identities(1).token_hash(), kHash);
  EXPECT_EQ(config->coordinator().streams_per_peer(), 7u);
}

TEST(ConfigSecurityTest, WithoutTheKeysThereIsNoneOfIt) {
  const auto config = Parse(absl::StrCat(kHead, kCampaigns));
  ASSERT_TRUE(config.ok());
  EXPECT_FALSE(config->has_tls());
  EXPECT_EQ(config->identities_size(), 0);
  EXPECT_EQ(config->coordinator().streams_per_peer(), 1000u);
}

TEST(ConfigSecurityTest, TlsOpensPortsToOtherMachines) {
  EXPECT_THAT(ProblemsBelowAll(absl::StrCat("coordinator: {listen: \"0.0.0.0:7733\"}\n", kTls)), IsEmpty());
  EXPECT_THAT(
      ProblemsBelowAll("coordinator: {addresses: [\"127.0.0.1:1\", \"c:7733\"]}\n"),
      ElementsAre(AllOf(StartsWith("tikhaul.yaml:4: coordinator.addresses: \"c:7733\" can be reached from other "),
                        HasSubstr("allow_plaintext: true"))));
  EXPECT_THAT(ProblemsBelowAll("coordinator: {listen: \"0.0.0.0:7733\", allow_plaintext: true}\n"
                               "identities: [{name: a, role: worker, certificate: a}]\n"),
              ElementsAre(HasSubstr("`identities` need `tls` there")));
}

TEST(ConfigSecurityTest, WhatIsWrongIsTold) {
  EXPECT_THAT(ProblemsBelowAll("tls: {certificate_file: a.pem}\n"),
              ElementsAre(HasSubstr("certificate_file and key_file belong together")));
  EXPECT_THAT(ProblemsBelowAll("identities: []\n"), ElementsAre(HasSubstr("name at least one")));
  EXPECT_THAT(ProblemsBelowAll("identities: [{name: a, role: operator}]\n"),
              ElementsAre(HasSubstr("needs certificate or token_hash")));
  EXPECT_THAT(ProblemsBelowAll("identities: [{name: a, role: Operator, certificate: a}]\n"),
              ElementsAre(HasSubstr("\"Operator\" is no role")));
  EXPECT_THAT(ProblemsBelowAll("identities: [{name: a, role: unspecified, certificate: a}]\n"),
              ElementsAre(HasSubstr("\"unspecified\" is no role")));
  EXPECT_THAT(ProblemsBelowAll("identities: [{name: a, role: worker, certificate: \"two words\"}]\n"),
              ElementsAre(HasSubstr("a certificate's name is")));
  EXPECT_THAT(ProblemsBelowAll("identities:\n  - {name: a, role: worker, certificate: a}\n"
                               "  - {name: a, role: viewer, certificate: b}\n"),
              ElementsAre(AllOf(StartsWith("tikhaul.yaml:6:"), HasSubstr("\"a\" is used twice"))));
}

// Who takes the token itself for its hash shall not find it in a log.
TEST(ConfigSecurityTest, ATokenInThePlaceOfItsHashIsNotRepeated) {
  EXPECT_THAT(ProblemsBelowAll("identities: [{name: a, role: viewer, token_hash: my-token-in-clear}]\n"),
              ElementsAre(AllOf(HasSubstr("64 hexadecimal digits"), Not(HasSubstr("my-token-in-clear")))));
}

}  // namespace
}  // namespace tikhaul
