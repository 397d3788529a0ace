// tikhaul-coordinator: plans, hands out chunks, publishes rows.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "common/base/heap.h"
#include "common/base/log.h"
#include "common/base/private_memory.h"
#include "common/base/process.h"
#include "common/base/version.h"
#include "common/config/config.h"
#include "common/config/config_watch.h"
#include "common/program/man_page.h"
#include "common/rpc/grpc_log.h"
#include "coordinator/coordinator.h"

namespace {

constexpr absl::Duration kStopPatience = absl::Seconds(12);

// The message as it is: it may be a list of lines, each with its place in the file.
int Complain(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

// What still waits for the store or the network after kStopPatience is cut off. Nothing is lost by it: what is not
// committed is read again, as after a crash.
void LimitStop() {
  std::thread([] {
    tikhaul::SleepFor(kStopPatience);
    tikhaul::LogWarning("stopped without waiting any longer");
    std::_Exit(0);
  }).detach();
}

}  // namespace

int main(int argc, char** argv) {
  tikhaul::KeepMemoryPrivate();
  tikhaul::KeepHeapSmall(/*arenas=*/4);
  tikhaul::ShutdownSignal shutdown;
  CLI::App app{
      "tikhaul-coordinator: plans backfills and increments, hands out chunks to workers, publishes their rows"};
  std::string config_path = "tikhaul.yaml", redis, listen, advertise, http, log_level = "info";
  int64_t clock_offset = 0;
  bool only_answer = false, migrate = false;
  app.set_version_flag("--version", tikhaul::VersionLine("tikhaul-coordinator"));
  tikhaul::AddManFlag(app, {.name = "tikhaul-coordinator",
                            .section = 8,
                            .summary = "plan backfills and increments of TikTok Ads data, and publish their rows",
                            .see_also = {"tikhaul(1)", "tikhaul-worker(8)"}});
  app.add_option("--config", config_path, "configuration file")->capture_default_str();
  app.add_option("--redis", redis, "Redis URL, instead of the configuration's");
  app.add_option("--listen", listen, "loopback address or unix:/path, instead of the configuration's");
  app.add_option("--advertise", advertise,
                 "where workers, operators and other coordinators reach this one, instead of the configuration's");
  app.add_option("--http", http,
                 "where the status page, metrics and probes are served (host:port), instead of the configuration's");
  app.add_option("--clock-offset", clock_offset, "seconds added to the calendar, for trials against a simulated API")
      ->capture_default_str();
  app.add_flag("--only-answer", only_answer,
               "answer calls only: hand out no chunks, start nothing that is due, do not refresh advertisers");
  app.add_flag("--migrate", migrate,
               "bring the store to the schema of this version, then leave (`tikhaul migrate` does this)");
  app.add_option("--log-level", log_level, "debug, info, warning or error")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  tikhaul::StartLog("coordinator", tikhaul::ParseLogLevel(log_level));
  tikhaul::RouteGrpcLog();
  tikhaul::ConfigWatch watch(config_path);
  absl::StatusOr<tikhaul::v1::Config> config = tikhaul::LoadConfig(config_path);
  if (!config.ok()) return Complain(config.status());
  if (migrate) {
    const absl::Status migrated = tikhaul::MigrateStore(*config);
    return migrated.ok() ? 0 : Complain(migrated);
  }
  if (!redis.empty()) config->set_redis(redis);
  if (!listen.empty()) config->mutable_coordinator()->set_listen(listen);
  if (!http.empty()) config->mutable_coordinator()->set_http(http);
  if (!advertise.empty()) config->mutable_coordinator()->set_advertise(advertise);
  const auto coordinator = tikhaul::Coordinator::Start(
      *config,
      {.clock_offset = absl::Seconds(clock_offset), .only_answer = only_answer, .revision = tikhaul::Revision()});
  if (!coordinator.ok()) return Complain(coordinator.status());
  while (!shutdown.WaitFor(tikhaul::ConfigWatch::kEvery)) {
    watch.Look([&](const tikhaul::v1::Config& changed) { return (*coordinator)->TakeIdentities(changed); });
  }
  tikhaul::LogInfo("stopping");
  LimitStop();
  return 0;
}
