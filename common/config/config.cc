#include "common/config/config.h"

#include <filesystem>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/config/addresses.h"
#include "common/config/config_reader.h"
#include "common/config/yaml_text.h"

namespace tikhaul {
namespace {

v1::Config Defaults(const std::string& folder) {
  v1::Config config;
  config.set_store(absl::StrCat("sqlite:", *AbsolutePath("tikhaul.db", folder)));
  config.mutable_api()->set_base_url(ParseApiBase("production")->url);
  config.mutable_store_options()->set_schema("tikhaul");
  config.mutable_store_options()->set_connections(8);
  v1::CoordinatorSettings& coordinator = *config.mutable_coordinator();
  coordinator.set_listen("127.0.0.1:7733");
  coordinator.set_spool_dir(*AbsolutePath("tikhaul-spool", folder));
  coordinator.set_spool_memory_bytes(uint64_t{64} << 20);
  coordinator.set_spool_disk_bytes(uint64_t{4} << 30);
  coordinator.set_leave_out_idle(true);
  coordinator.set_advertisers_per_probe(5);
  coordinator.set_most_workers(64);
  coordinator.set_streams_per_peer(1000);
  v1::WorkerSettings& worker = *config.mutable_worker();
  worker.set_slots(16);
  worker.set_pages_in_flight(32);
  worker.set_memory_bytes(uint64_t{64} << 20);
  return config;
}

v1::Config Read(const YAML::Node& root, const std::string& folder, ConfigProblems& problems) {
  YamlReader yaml(problems);
  v1::Config config = Defaults(folder);
  std::vector<ReadConnection> connections;
  std::vector<ReadExtract> extracts;
  std::optional<YamlValue> redis_options;
  ForeignAddress foreign;
  const auto path = [&](absl::string_view text) { return ParsePath(text, folder); };
  std::vector<YamlValue> foreign_http;
  const auto store = [&](absl::string_view text) { return ParseStore(text, folder); };
  const auto redis = [&](absl::string_view text) { return ParseRedis(text, folder); };
  yaml.Map(
      {.node = root, .line = 1, .label = ""},
      {
          {"app", [&](const YamlValue& value) { ReadApp(yaml, value, folder, *config.mutable_app()); }},
          {"connections", [&](const YamlValue& value) { connections = ReadConnections(yaml, value, folder); }},
          {"extracts", [&](const YamlValue& value) { extracts = ReadExtracts(yaml, value); }},
          {"store", yaml.Into(store, [&](std::string address) { config.set_store(address); })},
          {"store_options",
           [&](const YamlValue& value) { ReadStoreOptions(yaml, value, folder, *config.mutable_store_options()); }},
          {"redis", yaml.Into(redis, [&](std::string address) { config.set_redis(address); })},
          {"redis_options",
           [&](const YamlValue& value) {
             redis_options = value;
             ReadRedisOptions(yaml, value, folder, *config.mutable_redis_options());
           }},
          {"api", [&](const YamlValue& value) { ReadApi(yaml, value, *config.mutable_api()); }},
          {"quota", [&](const YamlValue& value) { ReadQuota(yaml, value, *config.mutable_quota()); }},
          {"coordinator",
           [&](const YamlValue& value) {
             foreign = ReadCoordinator(yaml, value, folder, *config.mutable_coordinator(), foreign_http);
           }},
          {"worker", [&](const YamlValue& value) { ReadWorker(yaml, value, *config.mutable_worker(), foreign_http); }},
          {"tls", [&](const YamlValue& value) { ReadTls(yaml, value, folder, *config.mutable_tls()); }},
          {"identities", [&](const YamlValue& value) { ReadIdentities(yaml, value, config); }},
          {"token_file", yaml.Into(path, [&](std::string file) { config.set_token_file(file); })},
      },
      {"app", "connections", "extracts"});
  if (redis_options.has_value()) CheckRedisOptions(yaml, *redis_options, config);
  FillQuota(config.api().sandbox(), *config.mutable_quota());
  CheckForeign(yaml, foreign, config);
  CheckHttp(yaml, config, foreign_http);
  CheckTogether(config, connections, extracts, problems);
  for (const ReadConnection& connection : connections) *config.add_connections() = connection.message;
  for (const ReadExtract& extract : extracts) *config.add_extracts() = extract.message;
  return config;
}

absl::StatusOr<Secret> ReadSecret(const std::string& path, absl::string_view what, absl::string_view mend) {
  const absl::StatusOr<std::string> contents = ReadFile(path);
  if (!contents.ok())
    return absl::Status(contents.status().code(), absl::StrCat(what, ": ", contents.status().message(), ". ", mend));
  const absl::string_view value = absl::StripAsciiWhitespace(*contents);
  if (value.empty()) return absl::FailedPreconditionError(absl::StrCat(what, ": ", path, " is empty. ", mend));
  return Secret(std::string(value));
}

}  // namespace

absl::StatusOr<v1::Config> ParseConfig(const std::string& text, const std::string& name, const std::string& folder) {
  ConfigProblems problems(name);
  const std::optional<YAML::Node> root = ParseYaml(text, problems);
  v1::Config config;
  if (root.has_value()) config = Read(*root, folder, problems);
  RETURN_IF_ERROR(problems.ToStatus());
  return config;
}

absl::StatusOr<v1::Config> LoadConfig(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  std::error_code fault;
  const std::filesystem::path absolute = std::filesystem::absolute(path, fault);
  if (fault) return absl::UnavailableError(absl::StrCat(path, ": ", fault.message()));
  return ParseConfig(text, path, absolute.parent_path().lexically_normal().string());
}

absl::StatusOr<Secret> ReadToken(const v1::Connection& connection) {
  return ReadSecret(connection.token_file(), absl::StrCat("token of connection \"", connection.name(), "\""),
                    "token_file in tikhaul.yaml names the file that holds the access token, and nothing else");
}

absl::StatusOr<Secret> ReadStorePassword(const v1::StoreOptions& options) {
  if (options.password_file().empty()) return Secret();
  return ReadSecret(options.password_file(), "password of the store",
                    "store_options.password_file in tikhaul.yaml names the file that holds it, and nothing else");
}

absl::StatusOr<Secret> ReadRpcToken(const std::string& path) {
  return ReadSecret(path, "bearer token",
                    "token_file in tikhaul.yaml, or --token-file, names the file that holds it, and nothing else");
}

absl::StatusOr<Secret> ReadAppSecret(const v1::App& app) {
  if (app.secret_file().empty()) {
    return absl::FailedPreconditionError(
        "app.secret_file is not set in tikhaul.yaml: it names the file with the app's secret");
  }
  return ReadSecret(app.secret_file(), "secret of the app",
                    "Copy the secret from TikTok's developer portal into that file");
}

}  // namespace tikhaul
