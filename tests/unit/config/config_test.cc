#include "common/config/config.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "common/catalog/extract_shape.h"
#include "tests/unit/config/yaml_texts.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ConfigTest, DefaultsAreFilledIn) {
  const auto config = Parse(absl::StrCat(kHead, kCampaigns));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->app().id(), "123");
  EXPECT_EQ(config->app().secret_file(), "/home/me/app_secret");
  EXPECT_EQ(config->store(), "sqlite:/home/me/tikhaul.db");
  EXPECT_EQ(config->redis(), "");
  EXPECT_EQ(config->api().base_url(), "https://business-api.tiktok.com/open_api/v1.3/");
  EXPECT_FALSE(config->api().sandbox());
  EXPECT_EQ(config->quota().tier(), "basic");
  EXPECT_EQ(config->quota().per_second(), 10u);
  EXPECT_EQ(config->quota().per_minute(), 600u);
  EXPECT_EQ(config->quota().per_day(), 864000u);
  EXPECT_EQ(config->quota().guard_ms(), 15u);
  EXPECT_EQ(config->coordinator().listen(), "127.0.0.1:7733");
  EXPECT_FALSE(config->coordinator().allow_plaintext());
  EXPECT_EQ(config->coordinator().spool_dir(), "/home/me/tikhaul-spool");
  EXPECT_EQ(config->coordinator().spool_memory_bytes(), uint64_t{64} << 20);
  EXPECT_EQ(config->coordinator().spool_disk_bytes(), uint64_t{4} << 30);
  EXPECT_TRUE(config->coordinator().leave_out_idle());
  EXPECT_EQ(config->coordinator().advertisers_per_probe(), 5u);
  EXPECT_EQ(config->worker().slots(), 16u);
  EXPECT_EQ(config->worker().pages_in_flight(), 32u);
  EXPECT_EQ(config->worker().memory_bytes(), uint64_t{64} << 20);
}

constexpr char kEverything[] = R"(
app:
  id: "7000000000000000001"
  secret_file: secrets/app_secret
connections:
  - name: main
    token_file: secrets/token
    advertisers:
      - 7002238017842757633
      - id: "7002238017842757634"
        timezone: Europe/London
        currency: GBP
        created: 2024-01-31
  - name: other
    token_file: /run/secrets/other
    advertisers: all
extracts:
  - name: ads_daily
    stream: basic_report
    table: ads
    level: ad
    dimensions: [ad_id, stat_time_day]
    metrics: ["preset:core", reach, spend]
    filters:
      - {field: campaign_ids, type: IN, value: [1714125042508817]}
      - {field: ad_name, type: MATCH, value: summer}
    mode: append
    look_back: 3d
    backfill: 18mo
    schedule: "0 13 * * *"
    connections: [main]
    advertisers: [7002238017842757633]
  - name: totals
    stream: basic_report
    level: campaign
    metrics: [spend]
    lifetime: true
    include_deleted: false
  - name: adverts
    stream: adverts
  - name: interests
    stream: interest_categories
    options: {language: de, version: 2}
store: sqlite:data/rows.db
redis: rediss://cache.internal:6380/1
redis_options: {user: mover, password_file: secrets/redis, ca_file: tls/ca.pem, certificate_file: /run/tls/c.pem, key_file: /run/tls/k.pem}
api: {base_url: "http://127.0.0.1:8080/open_api/v1.3"}
quota: {tier: premium, per_second: 25, guard_ms: 20}
coordinator: {listen: "unix:run/coordinator.sock", spool_dir: /var/spool/tikhaul, spool_memory: 128MiB, spool_disk: 1GiB, leave_out_idle: false, advertisers_per_probe: 2, most_workers: 9, http: "127.0.0.1:7780"}
worker: {http: "[::1]:7781", slots: 4, pages_in_flight: 8, memory: 33554432}
)";

TEST(ConfigTest, EveryKeyArrives) {
  const auto config = Parse(kEverything);
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->connections_size(), 2);
  const v1::Connection& main = config->connections(0);
  EXPECT_EQ(main.token_file(), "/home/me/secrets/token");
  EXPECT_FALSE(main.all_advertisers());
  ASSERT_EQ(main.advertisers_size(), 2);
  EXPECT_EQ(main.advertisers(0).id(), "7002238017842757633");
  EXPECT_EQ(main.advertisers(1).timezone(), "Europe/London");
  EXPECT_EQ(main.advertisers(1).currency(), "GBP");
  EXPECT_EQ(main.advertisers(1).created(), "2024-01-31");
  EXPECT_TRUE(config->connections(1).all_advertisers());
  EXPECT_EQ(config->connections(1).token_file(), "/run/secrets/other");
  EXPECT_EQ(config->store(), "sqlite:/home/me/data/rows.db");
  EXPECT_EQ(config->redis(), "rediss://cache.internal:6380/1");
  EXPECT_EQ(config->redis_options().user(), "mover");
  EXPECT_EQ(config->redis_options().password_file(), "/home/me/secrets/redis");
  EXPECT_EQ(config->redis_options().ca_file(), "/home/me/tls/ca.pem");
  EXPECT_EQ(config->redis_options().certificate_file(), "/run/tls/c.pem");
  EXPECT_EQ(config->redis_options().key_file(), "/run/tls/k.pem");
  EXPECT_EQ(config->api().base_url(), "http://127.0.0.1:8080/open_api/v1.3/");
  EXPECT_EQ(config->quota().tier(), "third");
  EXPECT_EQ(config->quota().per_second(), 25u);
  EXPECT_EQ(config->quota().per_minute(), 1800u);
  EXPECT_EQ(config->quota().guard_ms(), 20u);
  EXPECT_EQ(config->coordinator().listen(), "unix:/home/me/run/coordinator.sock");
  EXPECT_EQ(config->coordinator().spool_dir(), "/var/spool/tikhaul");
  EXPECT_EQ(config->coordinator().spool_memory_bytes(), uint64_t{128} << 20);
  EXPECT_FALSE(config->coordinator().leave_out_idle());
  EXPECT_EQ(config->coordinator().advertisers_per_probe(), 2u);
  EXPECT_EQ(config->coordinator().most_workers(), 9u);
  EXPECT_EQ(config->coordinator().http(), "127.0.0.1:7780");
  EXPECT_EQ(config->worker().memory_bytes(), uint64_t{32} << 20);
  EXPECT_EQ(config->worker().http(), "[::1]:7781");
}

TEST(ConfigTest, AnExtractArrivesWithPresetsResolvedAndItsOwnIdDropped) {
  const auto config = Parse(kEverything);
  ASSERT_TRUE(config.ok()) << config.status();
  const v1::Extract& ads = config->extracts(0);
  EXPECT_EQ(ads.name(), "ads_daily");
  EXPECT_EQ(ads.table(), "ads");
  EXPECT_THAT(ads.dimensions(), ElementsAre("stat_time_day"));
  EXPECT_THAT(ads.metrics(),
              ElementsAre("spend", "impressions", "clicks", "ctr", "cpc", "cpm", "conversion", "cost_per_conversion",
                          "result", "conversion_rate_v2", "cost_per_result", "result_rate", "reach"));
  ASSERT_EQ(ads.filters_size(), 2);
  EXPECT_EQ(ads.filters(0).filter_value(), R"(["1714125042508817"])");
  EXPECT_EQ(ads.filters(1).filter_type(), "MATCH");
  EXPECT_EQ(ads.filters(1).filter_value(), "summer");
  EXPECT_EQ(ads.mode(), v1::WRITE_MODE_APPEND);
  EXPECT_EQ(ads.look_back_days(), 3u);
  EXPECT_FALSE(ads.look_back_auto());
  EXPECT_EQ(ads.restatement_days(), 400u);
  EXPECT_EQ(ads.backfill_days(), 547u);
  EXPECT_EQ(ads.schedule(), "0 13 * * *");
  EXPECT_THAT(ads.connections(), ElementsAre("main"));
  EXPECT_THAT(ads.advertisers(), ElementsAre("7002238017842757633"));
  EXPECT_FALSE(ads.exclude_deleted());
}

TEST(ConfigTest, DefaultsOfExtractsComeFromTheirStream) {
  const auto config = Parse(kEverything);
  ASSERT_TRUE(config.ok()) << config.status();
  const v1::Extract& totals = config->extracts(1);
  EXPECT_EQ(totals.table(), "totals");
  EXPECT_EQ(totals.mode(), v1::WRITE_MODE_MERGE);
  EXPECT_EQ(totals.look_back_days(), 1u);
  EXPECT_EQ(totals.backfill_days(), 0u);
  EXPECT_TRUE(totals.lifetime());
  EXPECT_TRUE(totals.exclude_deleted());
  EXPECT_EQ(config->extracts(2).backfill_days(), 1826u);
  EXPECT_EQ(config->extracts(3).mode(), v1::WRITE_MODE_REPLACE);
  EXPECT_EQ(config->extracts(3).options().at("language"), "de");
  EXPECT_EQ(config->extracts(3).options().at("version"), "2");
}

TEST(ConfigTest, APresetAloneNeedsNoList) {
  for (const char* metrics : {"core", "preset:core", "[\"preset:core\"]"}) {
    const auto config =
        Parse(absl::StrCat(kHead, "extracts: [{name: x, stream: basic_report, level: ad, metrics: ", metrics, "}]\n"));
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(config->extracts(0).metrics_size(), 12);
  }
}

const v1::EndpointQuota* EndpointOf(const v1::Config& config, const std::string& path) {
  for (const v1::EndpointQuota& endpoint : config.quota().endpoints()) {
    if (endpoint.path() == path) return &endpoint;
  }
  return nullptr;
}

TEST(ConfigTest, SharesOfTheQuotaHaveDefaults) {
  const std::string extracts = "extracts: [{name: x, stream: campaigns}]\n";
  const auto config = Parse(absl::StrCat(kHead, extracts));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->connections(0).weight(), 1u);
  EXPECT_EQ(config->quota().increment_reserve_percent(), 10u);
  const auto none = Parse(absl::StrCat(kHead, extracts, "quota: {increment_reserve_percent: 0}\n"));
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->quota().increment_reserve_percent(), 0u);
  EXPECT_FALSE(Parse(absl::StrCat(kHead, extracts, "quota: {increment_reserve_percent: 51}\n")).ok());
  const auto weighted = Parse(
      "app: {id: \"1\"}\n"
      "connections: [{name: main, token_file: t, weight: 3, advertisers: [\"7002238017842757633\"]}]\n" +
      extracts);
  ASSERT_TRUE(weighted.ok()) << weighted.status();
  EXPECT_EQ(weighted->connections(0).weight(), 3u);
}

TEST(ConfigTest, PathsHaveLimitsOfTheirOwn) {
  const auto config = Parse(absl::StrCat(kHead, "extracts: [{name: x, stream: campaigns}]\n",
                                         "quota: {endpoints: [{path: report/task/create/, per_second: 2, "
                                         "per_minute: 50, per_day: 70}]}\n"));
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_NE(EndpointOf(*config, "report/task/create/"), nullptr);
  EXPECT_EQ(EndpointOf(*config, "report/task/create/")->per_day(), 70u);
  ASSERT_NE(EndpointOf(*config, "gmv_max/report/get/"), nullptr);
  EXPECT_EQ(EndpointOf(*config, "gmv_max/report/get/")->per_second(), 8u);
  EXPECT_EQ(config->quota().endpoints_size(), 2);
}

TEST(ConfigTest, LimitsOfPathsMustBeWholeAndNamedOnce) {
  const std::string text = absl::StrCat(kHead, "extracts: [{name: x, stream: campaigns}]\nquota:\n  endpoints:\n");
  const std::string good = "    - {path: ad/get/, per_second: 2, per_minute: 50, per_day: 70}\n";
  EXPECT_THAT(std::string(Parse(absl::StrCat(text, good, good)).status().message()), HasSubstr("stands here twice"));
  EXPECT_THAT(std::string(Parse(absl::StrCat(text, "    - {path: ad/get/}\n")).status().message()),
              HasSubstr("per_second"));
  EXPECT_THAT(std::string(Parse(absl::StrCat(text, "    - {path: /ad/get, per_second: 1, per_minute: 1, per_day: 1}\n"))
                              .status()
                              .message()),
              HasSubstr("is not a path of the API"));
}

TEST(ConfigTest, TheSandboxLimitsEachPath) {
  const std::string text = R"(
app: {id: "1"}
connections: [{name: main, token_file: t, advertisers: [{id: "7", timezone: UTC, currency: USD}]}]
extracts: [{name: campaigns, stream: campaigns}]
api: {base_url: sandbox}
)";
  const auto config = Parse(text);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->api().sandbox());
  EXPECT_EQ(config->api().base_url(), "https://sandbox-ads.tiktok.com/open_api/v1.3/");
  EXPECT_EQ(config->quota().tier(), "basic");
  EXPECT_EQ(config->quota().per_second(), 10u);
  for (const char* path : {"ad/get/", "adgroup/get/", "campaign/get/", "report/integrated/get/", "user/info/"}) {
    const v1::EndpointQuota* const endpoint = EndpointOf(*config, path);
    ASSERT_NE(endpoint, nullptr) << path;
    EXPECT_EQ(endpoint->per_second(), 1u);
    EXPECT_EQ(endpoint->per_minute(), 30u);
    EXPECT_EQ(endpoint->per_day(), 1000u);
  }
}

TEST(ConfigTest, TheOrderOfKeysDoesNotMatter) {
  const auto one =
      Parse(absl::StrCat(kHead, "extracts: [{name: x, stream: basic_report, level: ad, metrics: core}]\n"));
  const auto two =
      Parse(absl::StrCat("extracts: [{metrics: core, level: ad, stream: basic_report, name: x}]\n", kHead));
  ASSERT_TRUE(one.ok() && two.ok()) << one.status() << two.status();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*one, *two));
}

TEST(ConfigTest, TheStarterNeedsOnlyTheAppId) {
  EXPECT_THAT(Problems(StarterConfig()), ElementsAre("tikhaul.yaml:7: app.id: has no value"));
  const auto config = Parse(absl::StrReplaceAll(StarterConfig(), {{"id: \"\"", "id: \"7000000000000000001\""}}));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->extracts_size(), 6);
  for (const v1::Extract& extract : config->extracts()) EXPECT_TRUE(CheckExtract(extract).empty()) << extract.name();
}

}  // namespace
}  // namespace tikhaul
