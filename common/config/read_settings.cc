// app, api, quota, store_options, coordinator, worker.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/config/addresses.h"
#include "common/config/config_reader.h"
#include "common/config/values.h"

namespace tikhaul {
namespace {

constexpr uint64_t kMostCallsPerDay = 4000000000;  // fits the message's 32 bits
constexpr uint64_t kMostAdvertisersPerProbe = 5;   // tiktok-api.md 4.1
constexpr uint64_t kMostWorkers = 10000;
constexpr uint64_t kMostStreamsPerPeer = 10000;
constexpr size_t kLongestSchema = 63;  // bytes; PostgreSQL would cut longer names

absl::StatusOr<std::string> ParseSchema(absl::string_view text) {
  if (!text.empty() && text.size() <= kLongestSchema && !absl::StartsWith(text, "pg_")) return std::string(text);
  return absl::InvalidArgumentError(
      absl::StrCat("a schema's name has 1 to ", kLongestSchema, " bytes and does not begin with pg_"));
}

// Sets an address for HTTP, and notes where it stands when other machines can reach it.
template <typename Settings>
YamlReader::Handler HttpInto(YamlReader& yaml, Settings& settings, std::vector<YamlValue>& foreign) {
  return [&](const YamlValue& given) {
    yaml.Into(ParseHttp, [&](const ListenAddress& parsed) {
      settings.set_http(parsed.address);
      if (!parsed.local) foreign.push_back(given);
    })(given);
  };
}

// True: by hand.
absl::StatusOr<bool> ParseMigrate(absl::string_view text) {
  if (text == "automatic" || text == "by_hand") return text == "by_hand";
  return absl::InvalidArgumentError("migrate is automatic or by_hand");
}

}  // namespace

void ReadApp(YamlReader& yaml, const YamlValue& value, const std::string& folder, v1::App& app) {
  const auto path = [folder](absl::string_view text) { return ParsePath(text, folder); };
  yaml.Map(value,
           {
               {"id", yaml.Into(ParseAppId, [&](std::string id) { app.set_id(id); })},
               {"secret_file", yaml.Into(path, [&](std::string file) { app.set_secret_file(file); })},
           },
           {"id"});
}

void ReadApi(YamlReader& yaml, const YamlValue& value, v1::Api& api) {
  const auto set = [&](const ApiBase& base) {
    api.set_base_url(base.url);
    api.set_sandbox(base.sandbox);
  };
  yaml.Map(value, {{"base_url", yaml.Into(ParseApiBase, set)}});
}

namespace {

void ReadEndpoint(YamlReader& yaml, const YamlValue& value, v1::EndpointQuota& endpoint) {
  yaml.Map(value,
           {
               {"path", yaml.Into(ParseEndpoint, [&](std::string path) { endpoint.set_path(path); })},
               {"per_second", yaml.Into(NumberBetween(1, 10000), [&](uint64_t n) { endpoint.set_per_second(n); })},
               {"per_minute", yaml.Into(NumberBetween(1, 600000), [&](uint64_t n) { endpoint.set_per_minute(n); })},
               {"per_day", yaml.Into(NumberBetween(1, kMostCallsPerDay), [&](uint64_t n) { endpoint.set_per_day(n); })},
           },
           {"path", "per_second", "per_minute", "per_day"});
}

void ReadEndpoints(YamlReader& yaml, const YamlValue& value, v1::Quota& quota) {
  std::set<std::string> paths;
  for (const YamlValue& element : yaml.List(value)) {
    v1::EndpointQuota& endpoint = *quota.add_endpoints();
    ReadEndpoint(yaml, element, endpoint);
    if (!endpoint.path().empty() && !paths.insert(endpoint.path()).second) {
      yaml.Problem(element, "\"" + endpoint.path() + "\" stands here twice: keep one");
    }
  }
}

// Known limits stay for paths that the file does not name.
void FillEndpoints(bool sandbox, v1::Quota& quota) {
  for (const QuotaTier& known : EndpointQuotas(sandbox)) {
    const bool given = std::any_of(quota.endpoints().begin(), quota.endpoints().end(),
                                   [&known](const v1::EndpointQuota& one) { return one.path() == known.name; });
    if (given) continue;
    v1::EndpointQuota& endpoint = *quota.add_endpoints();
    endpoint.set_path(std::string(known.name));
    endpoint.set_per_second(known.per_second);
    endpoint.set_per_minute(known.per_minute);
    endpoint.set_per_day(known.per_day);
  }
}

}  // namespace

void ReadQuota(YamlReader& yaml, const YamlValue& value, v1::Quota& quota) {
  QuotaTier tier{};
  yaml.Map(value,
           {
               {"tier", yaml.Into(ParseTier, [&](const QuotaTier& given) { tier = given; })},
               {"per_second", yaml.Into(NumberBetween(1, 10000), [&](uint64_t n) { quota.set_per_second(n); })},
               {"per_minute", yaml.Into(NumberBetween(1, 600000), [&](uint64_t n) { quota.set_per_minute(n); })},
               {"per_day", yaml.Into(NumberBetween(1, kMostCallsPerDay), [&](uint64_t n) { quota.set_per_day(n); })},
               {"endpoints", [&](const YamlValue& given) { ReadEndpoints(yaml, given, quota); }},
               {"increment_reserve_percent",
                yaml.Into(NumberBetween(0, 50), [&](uint64_t n) { quota.set_increment_reserve_percent(n); })},
               {"guard_ms", yaml.Into(NumberBetween(1, 1000), [&](uint64_t n) { quota.set_guard_ms(n); })},
           });
  if (tier.name.empty()) return;
  quota.set_tier(std::string(tier.name));
  if (quota.per_second() == 0) quota.set_per_second(tier.per_second);
  if (quota.per_minute() == 0) quota.set_per_minute(tier.per_minute);
  if (quota.per_day() == 0) quota.set_per_day(tier.per_day);
}

void FillQuota(bool sandbox, v1::Quota& quota) {
  const QuotaTier tier = *ParseTier("basic");
  if (quota.tier().empty()) quota.set_tier(std::string(tier.name));
  if (quota.per_second() == 0) quota.set_per_second(tier.per_second);
  if (quota.per_minute() == 0) quota.set_per_minute(tier.per_minute);
  if (quota.per_day() == 0) quota.set_per_day(tier.per_day);
  if (quota.guard_ms() == 0) quota.set_guard_ms(15);
  if (!quota.has_increment_reserve_percent()) quota.set_increment_reserve_percent(10);
  FillEndpoints(sandbox, quota);
}

ForeignAddress ReadCoordinator(YamlReader& yaml, const YamlValue& value, const std::string& folder,
                               v1::CoordinatorSettings& settings, std::vector<YamlValue>& foreign_http) {
  const auto path = [folder](absl::string_view text) { return ParsePath(text, folder); };
  ForeignAddress foreign;
  const auto address = [&](auto set) {
    return [&yaml, &foreign, folder, set](const YamlValue& given) {
      const auto parse = [folder](absl::string_view text) { return ParseListen(text, folder); };
      yaml.Into(parse, [&](const ListenAddress& parsed) {
        set(parsed.address);
        if (!parsed.local && foreign.address.empty()) foreign = {given, parsed.address};
      })(given);
    };
  };
  const auto add_address = address([&](const std::string& one) { settings.add_addresses(one); });
  yaml.Map(
      value,
      {
          {"listen", address([&](const std::string& one) { settings.set_listen(one); })},
          {"advertise", address([&](const std::string& one) { settings.set_advertise(one); })},
          {"addresses",
           [&](const YamlValue& given) {
             for (const YamlValue& element : yaml.List(given)) add_address(element);
           }},
          {"http", HttpInto(yaml, settings, foreign_http)},
          {"allow_plaintext", yaml.Into(ParseYesNo, [&](bool allow) { settings.set_allow_plaintext(allow); })},
          {"spool_dir", yaml.Into(path, [&](std::string dir) { settings.set_spool_dir(dir); })},
          {"spool_memory", yaml.Into(ParseSize, [&](uint64_t bytes) { settings.set_spool_memory_bytes(bytes); })},
          {"spool_disk", yaml.Into(ParseSize, [&](uint64_t bytes) { settings.set_spool_disk_bytes(bytes); })},
          {"leave_out_idle", yaml.Into(ParseYesNo, [&](bool leave) { settings.set_leave_out_idle(leave); })},
          {"advertisers_per_probe",
           yaml.Into(NumberBetween(1, kMostAdvertisersPerProbe),
                     [&](uint64_t n) { settings.set_advertisers_per_probe(static_cast<uint32_t>(n)); })},
          {"most_workers", yaml.Into(NumberBetween(1, kMostWorkers),
                                     [&](uint64_t n) { settings.set_most_workers(static_cast<uint32_t>(n)); })},
          {"streams_per_peer", yaml.Into(NumberBetween(1, kMostStreamsPerPeer),
                                         [&](uint64_t n) { settings.set_streams_per_peer(static_cast<uint32_t>(n)); })},
      });
  return foreign;
}

void ReadStoreOptions(YamlReader& yaml, const YamlValue& value, const std::string& folder, v1::StoreOptions& options) {
  const auto path = [folder](absl::string_view text) { return ParsePath(text, folder); };
  yaml.Map(value,
           {
               {"schema", yaml.Into(ParseSchema, [&](std::string schema) { options.set_schema(schema); })},
               {"password_file", yaml.Into(path, [&](std::string file) { options.set_password_file(file); })},
               {"connections", yaml.Into(NumberBetween(2, 100),
                                         [&](uint64_t n) { options.set_connections(static_cast<uint32_t>(n)); })},
               {"migrate", yaml.Into(ParseMigrate, [&](bool by_hand) { options.set_migrate_by_hand(by_hand); })},
           });
}

void ReadRedisOptions(YamlReader& yaml, const YamlValue& value, const std::string& folder, v1::RedisSettings& options) {
  const auto file = [&](auto set) {
    return yaml.Into([folder](absl::string_view text) { return ParsePath(text, folder); }, set);
  };
  yaml.Map(value, {
                      {"user", yaml.Into(AsIs, [&](std::string user) { options.set_user(user); })},
                      {"password_file", file([&](std::string path) { options.set_password_file(path); })},
                      {"ca_file", file([&](std::string path) { options.set_ca_file(path); })},
                      {"certificate_file", file([&](std::string path) { options.set_certificate_file(path); })},
                      {"key_file", file([&](std::string path) { options.set_key_file(path); })},
                  });
}

void CheckRedisOptions(YamlReader& yaml, const YamlValue& value, const v1::Config& config) {
  const v1::RedisSettings& options = config.redis_options();
  const bool tls = absl::StartsWith(config.redis(), "rediss://");
  const std::pair<bool, const char*> rules[] = {
      {config.redis().empty(), "is about the server that `redis` names: set that, too"},
      {!options.user().empty() && options.password_file().empty(), "user needs password_file"},
      {!options.password_file().empty() && absl::StrContains(config.redis(), '@'),
       "password_file names a password, and the address `redis` holds one: keep the file"},
      {options.certificate_file().empty() != options.key_file().empty(),
       "certificate_file and key_file belong together: set both or none"},
      {!tls && !config.redis().empty() && !(options.ca_file() + options.certificate_file()).empty(),
       "ca_file, certificate_file and key_file are for TLS: write the address `redis` as rediss://host:port"},
  };
  for (const auto& [broken, message] : rules) {
    if (broken) yaml.Problem(value, message);
  }
}

void CheckHttp(YamlReader& yaml, const v1::Config& config, const std::vector<YamlValue>& foreign_http) {
  if (config.has_tls() || config.coordinator().allow_plaintext()) return;
  for (const YamlValue& given : foreign_http) {
    yaml.Problem(
        given,
        "other machines can reach this address, and what is served there is not encrypted: listen on 127.0.0.1, "
        "or say coordinator.allow_plaintext: true where the network is yours alone");
  }
}

void ReadWorker(YamlReader& yaml, const YamlValue& value, v1::WorkerSettings& settings,
                std::vector<YamlValue>& foreign_http) {
  yaml.Map(value, {
                      {"slots", yaml.Into(NumberBetween(1, 1000), [&](uint64_t n) { settings.set_slots(n); })},
                      {"pages_in_flight",
                       yaml.Into(NumberBetween(1, 1000), [&](uint64_t n) { settings.set_pages_in_flight(n); })},
                      {"http", HttpInto(yaml, settings, foreign_http)},
                      {"memory", yaml.Into(ParseSize, [&](uint64_t bytes) { settings.set_memory_bytes(bytes); })},
                  });
}

}  // namespace tikhaul
