// What is refused outside of extracts, with the exact lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/yaml_texts.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(ConfigProblemsTest, ALegalFileHasNone) { EXPECT_THAT(ProblemsBelowAll(""), IsEmpty()); }

TEST(ConfigProblemsTest, AreInvalidArgument) {
  EXPECT_EQ(Parse("x: 1").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ConfigProblemsTest, SyntaxHasALineToo) {
  EXPECT_THAT(Problems("app: {id: 1\nstore: [\n"), ElementsAre(StartsWith("tikhaul.yaml:")));
  EXPECT_THAT(Problems("a: b\n c: d\n"), ElementsAre(StartsWith("tikhaul.yaml:2: not YAML: ")));
  EXPECT_THAT(Problems(""), ElementsAre("tikhaul.yaml:1: the file is empty: `tikhaul init` writes one to start from"));
  EXPECT_THAT(Problems("# nothing\n"), ElementsAre(StartsWith("tikhaul.yaml:1: the file is empty")));
  EXPECT_THAT(Problems("just text\n"), ElementsAre("tikhaul.yaml:1: expected keys with values"));
  EXPECT_THAT(ProblemsBelowAll("---\nb: 1\n"),
              ElementsAre("tikhaul.yaml:4: not YAML: the document ends before this, and only one is allowed"));
}

TEST(ConfigProblemsTest, AStrayBracketEndsTheDocumentNotTheProcess) {
  EXPECT_THAT(ProblemsBelowAll("]\n"), ElementsAre(StartsWith("tikhaul.yaml:")));
}

TEST(ConfigProblemsTest, DeepNestingIsRefusedNotFollowed) {
  EXPECT_THAT(Problems(std::string(100000, '[')), ElementsAre(StartsWith("tikhaul.yaml:1: not YAML: ")));
}

TEST(ConfigProblemsTest, StandOnOneLineEachHoweverTheTextLooks) {
  EXPECT_THAT(ProblemsBelowAll("\"a\\nb\": 1\n"),
              ElementsAre("tikhaul.yaml:4: unknown key \"a\\nb\" at the top level"));
  const std::vector<std::string> lines =
      ProblemsBelowAll("store: " + std::string(100000, 'x') + "\nworker: {slots: " + std::string(5000, '9') + "}\n");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_LT(lines[1].size(), 1100u);
}

TEST(ConfigProblemsTest, AllAreCollectedInTheOrderOfTheFile) {
  EXPECT_THAT(ProblemsBelowAll("stor: sqlite:x.db\n"
                               "quota:\n"
                               "  per_second: fast\n"
                               "  per_minutes: 5\n"
                               "worker: 16\n"),
              ElementsAre("tikhaul.yaml:4: unknown key \"stor\" at the top level; did you mean \"store\"?",
                          "tikhaul.yaml:6: quota.per_second: \"fast\" is not a whole number from 1 to 10000",
                          "tikhaul.yaml:7: unknown key \"per_minutes\" in quota; did you mean \"per_minute\"?",
                          "tikhaul.yaml:8: worker: expected keys with values"));
}

TEST(ConfigProblemsTest, WhatIsNeededMustBeThere) {
  EXPECT_THAT(Problems("store: sqlite:x.db\n"),
              ElementsAre("tikhaul.yaml:1: app is missing", "tikhaul.yaml:1: connections is missing",
                          "tikhaul.yaml:1: extracts is missing"));
  EXPECT_THAT(Problems("app: {secret_file: x}\nconnections:\n  - {}\n  - name: b\nextracts:\n  - name: x\n"),
              ElementsAre("tikhaul.yaml:1: app: id is missing", "tikhaul.yaml:3: connection \"?\": name is missing",
                          "tikhaul.yaml:3: connection \"?\": token_file is missing",
                          "tikhaul.yaml:3: connection \"?\": advertisers is missing",
                          "tikhaul.yaml:4: connection \"b\": token_file is missing",
                          "tikhaul.yaml:4: connection \"b\": advertisers is missing",
                          "tikhaul.yaml:6: extract \"x\": stream is missing"));
}

TEST(ConfigProblemsTest, KeysStandOnce) {
  EXPECT_THAT(ProblemsBelowAll("store: sqlite:a.db\nstore: sqlite:b.db\n"),
              ElementsAre("tikhaul.yaml:5: key \"store\" stands twice at the top level"));
}

TEST(ConfigProblemsTest, ValuesMustHaveTheRightShape) {
  EXPECT_THAT(ProblemsBelowAll("store: [a]\nredis:\nquota: {tier: {}}\n"),
              ElementsAre("tikhaul.yaml:4: store: expected a single value", "tikhaul.yaml:5: redis: has no value",
                          "tikhaul.yaml:6: quota.tier: expected a single value"));
  EXPECT_THAT(Problems("app: {id: x}\nconnections: {name: a}\nextracts: none\n"),
              ElementsAre("tikhaul.yaml:2: connections: expected a list", "tikhaul.yaml:3: extracts: expected a list"));
}

TEST(ConfigProblemsTest, RedisOptionsFitEachOtherAndTheAddress) {
  EXPECT_THAT(ProblemsBelowAll("redis: rediss://cache:6380\n"
                               "redis_options: {user: tikhaul, password_file: p, ca_file: ca.pem, certificate_file: c, "
                               "key_file: k}\n"),
              IsEmpty());
  EXPECT_THAT(ProblemsBelowAll("redis_options: {password_file: p}\n"),
              ElementsAre("tikhaul.yaml:4: redis_options: is about the server that `redis` names: set that, too"));
  EXPECT_THAT(
      ProblemsBelowAll("redis: redis://:hidden@cache\nredis_options: {user: tikhaul, ca_file: ca.pem}\n"),
      ElementsAre("tikhaul.yaml:5: redis_options: user needs password_file",
                  "tikhaul.yaml:5: redis_options: ca_file, certificate_file and key_file are for TLS: write the "
                  "address `redis` as rediss://host:port"));
  EXPECT_THAT(ProblemsBelowAll("redis: rediss://:hidden@cache\nredis_options: {password_file: p, key_file: k}\n"),
              ElementsAre("tikhaul.yaml:5: redis_options: password_file names a password, and the address `redis` "
                          "holds one: keep the file",
                          "tikhaul.yaml:5: redis_options: certificate_file and key_file belong together: set both or "
                          "none"));
}

TEST(ConfigProblemsTest, ConnectionsAreChecked) {
  EXPECT_THAT(
      Problems("app: {id: \"1\"}\n"
               "connections:\n"
               "  - name: main\n"
               "    token_file: token\n"
               "    advertisers:\n"
               "      - 70x\n"
               "      - id: 7\n"
               "        timezone: Europe/Londn\n"
               "        currency: gbp\n"
               "        created: 2024-02-30\n"
               "      - {timezone: UTC}\n"
               "      - 7\n"
               "  - name: main\n"
               "    token_file: token\n"
               "    advertisers: none\n"
               "  - name: third\n"
               "    token_file: token\n"
               "    advertisers: []\n" +
               std::string(kCampaigns)),
      ElementsAre(
          "tikhaul.yaml:6: connection \"main\": advertisers: \"70x\" is not an advertiser id: digits only, as in "
          "TikTok "
          "Ads Manager's address line",
          "tikhaul.yaml:8: connection \"main\": advertisers.timezone: \"Europe/Londn\" is not a time zone: write an "
          "IANA name such as Europe/London",
          "tikhaul.yaml:9: connection \"main\": advertisers.currency: \"gbp\" is not a currency: write an ISO 4217 "
          "code such as GBP",
          "tikhaul.yaml:10: connection \"main\": advertisers.created: \"2024-02-30\" is not a day: write YYYY-MM-DD",
          "tikhaul.yaml:11: connection \"main\": advertisers: id is missing",
          "tikhaul.yaml:12: connection \"main\": advertiser 7 stands twice: each account belongs to one connection",
          "tikhaul.yaml:13: connection \"main\": the name is used twice",
          "tikhaul.yaml:15: connection \"main\": advertisers: write all, or a list of advertiser ids such as "
          "[\"7002238017842757633\"]",
          "tikhaul.yaml:18: connection \"third\": advertisers: names no advertiser: write ids, or all"));
}

TEST(ConfigProblemsTest, AllAdvertisersNeedTheAppSecret) {
  EXPECT_THAT(Problems("app: {id: \"1\"}\nconnections: [{name: a, token_file: t, advertisers: all}]\n" +
                       std::string(kCampaigns)),
              ElementsAre(StartsWith("tikhaul.yaml:2: connection \"a\": advertisers: all needs app.secret_file")));
}

TEST(ConfigProblemsTest, StoreOptions) {
  EXPECT_THAT(ProblemsBelowAll("store: postgresql://host/db\nstore_options: {schema: ads, connections: 4, migrate: "
                               "by_hand, password_file: pg}\n"),
              IsEmpty());
  EXPECT_THAT(ProblemsBelowAll("store_options: {schema: pg_ads}\n"),
              ElementsAre(StartsWith("tikhaul.yaml:4: store_options.schema: a schema's name has 1 to 63 bytes")));
  EXPECT_THAT(ProblemsBelowAll("store_options: {migrate: never}\n"),
              ElementsAre(StartsWith("tikhaul.yaml:4: store_options.migrate: migrate is automatic or by_hand")));
}

TEST(ConfigProblemsTest, OpenListeningNeedsConsent) {
  EXPECT_THAT(ProblemsBelowAll("coordinator:\n  listen: 0.0.0.0:7733\n"),
              ElementsAre(StartsWith(
                  "tikhaul.yaml:5: coordinator.listen: \"0.0.0.0:7733\" can be reached from other machines")));
  EXPECT_THAT(ProblemsBelowAll("coordinator: {allow_plaintext: true, listen: \"0.0.0.0:7733\"}\n"), IsEmpty());
}

TEST(ConfigProblemsTest, OpenHttpNeedsConsent) {
  EXPECT_THAT(ProblemsBelowAll("worker: {http: \"0.0.0.0:7781\"}\ncoordinator:\n  http: 10.0.0.1:7780\n"),
              ElementsAre(StartsWith("tikhaul.yaml:4: worker.http: other machines can reach this address"),
                          StartsWith("tikhaul.yaml:6: coordinator.http: other machines can reach this address")));
  EXPECT_THAT(ProblemsBelowAll("worker: {http: \"0.0.0.0:7781\"}\ncoordinator: {allow_plaintext: true}\n"), IsEmpty());
  EXPECT_THAT(ProblemsBelowAll("coordinator: {http: \"unix:h.sock\"}\n"),
              ElementsAre(StartsWith("tikhaul.yaml:4: coordinator.http: \"unix:h.sock\" is not an address for HTTP")));
}

TEST(ConfigProblemsTest, TheSandboxLacksThings) {
  EXPECT_THAT(
      Problems("app: {id: \"1\", secret_file: s}\n"
               "connections:\n"
               "  - {name: a, token_file: t, advertisers: all}\n"
               "  - {name: b, token_file: t, advertisers: [\"7\"]}\n"
               "extracts:\n"
               "  - {name: x, stream: audience_report, level: ad, dimensions: [age], metrics: [spend]}\n"
               "  - {name: y, stream: basic_report, level: advertiser, metrics: [spend]}\n"
               "  - {name: z, stream: interest_categories}\n"
               "api: {base_url: sandbox}\n"),
      ElementsAre(
          "tikhaul.yaml:3: connection \"a\": accounts cannot be listed in the sandbox (tiktok-api.md 2.4): write the "
          "id",
          "tikhaul.yaml:4: connection \"b\": advertiser 7 needs timezone and currency, which cannot be asked in the "
          "sandbox (tiktok-api.md 2.4)",
          "tikhaul.yaml:6: extract \"x\": audience_report is not supported in the sandbox (tiktok-api.md 2.4)",
          "tikhaul.yaml:7: extract \"y\": level advertiser is not supported in the sandbox (tiktok-api.md 2.4)",
          "tikhaul.yaml:8: extract \"z\": interest_categories is not supported in the sandbox (tiktok-api.md 2.4)"));
}

}  // namespace
}  // namespace tikhaul
