// tikhaul-worker: takes chunks from the coordinator, reads them from the API and streams their rows back.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

#include "CLI/CLI.hpp"
#include "common/base/clock.h"
#include "common/base/heap.h"
#include "common/base/log.h"
#include "common/base/private_memory.h"
#include "common/base/process.h"
#include "common/base/version.h"
#include "common/config/config.h"
#include "common/config/config_watch.h"
#include "common/program/man_page.h"
#include "common/rpc/grpc_log.h"
#include "worker/worker.h"

namespace {

struct Arguments {
  std::string config = "tikhaul.yaml";
  std::string log_level = "info";
  std::string redis;
  std::string http;
  double clock_offset = 0;
  double grace = 8;  // seconds
  tikhaul::WorkerOptions worker;
};

void Describe(CLI::App& app, Arguments& arguments) {
  app.set_version_flag("--version", tikhaul::VersionLine("tikhaul-worker"));
  tikhaul::AddManFlag(app, {.name = "tikhaul-worker",
                            .section = 8,
                            .summary = "read chunks of TikTok Ads data for a tikhaul coordinator",
                            .see_also = {"tikhaul(1)", "tikhaul-coordinator(8)"}});
  app.add_option("--config", arguments.config, "The configuration file")->capture_default_str();
  app.add_option("--coordinator", arguments.worker.coordinators,
                 "Where coordinators listen, a comma between them: host:port or unix:/path (default: "
                 "coordinator.addresses of the configuration, else coordinator.listen)")
      ->delimiter(',');
  app.add_option("--redis", arguments.redis, "Redis URL, instead of the configuration's");
  app.add_option("--http", arguments.http,
                 "Where metrics and probes are served (host:port), instead of the configuration's");
  app.add_option("--name", arguments.worker.name,
                 "Name of this worker in logs and the ledger (default: the host name)");
  app.add_option("--slots", arguments.worker.slots,
                 "Chunks worked on at once (default: worker.slots of the configuration)");
  app.add_option("--grace", arguments.grace,
                 "Seconds that running chunks have to finish when the worker is told to stop (SIGTERM); those that "
                 "have not are given back, and the process ends within 2 seconds more")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--clock-offset", arguments.clock_offset,
                 "Seconds added to the wall clock, for trials against a simulated API of another date");
  app.add_option("--log-level", arguments.log_level, "debug, info, warning or error")->capture_default_str();
}

// ShutdownSignal has blocked the signals for all threads, so one can wait for them here.
void ExitOnNextSignal() {
  std::thread([] {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    int signal = 0;
    sigwait(&signals, &signal);
    std::_Exit(128 + signal);
  }).detach();
}

int Run(Arguments arguments) {
  tikhaul::ShutdownSignal shutdown;
  tikhaul::StartLog("worker", tikhaul::ParseLogLevel(arguments.log_level));
  tikhaul::RouteGrpcLog();
  tikhaul::ConfigWatch watch(arguments.config);
  absl::StatusOr<tikhaul::v1::Config> config = tikhaul::LoadConfig(arguments.config);
  if (!config.ok()) {
    std::fprintf(stderr, "%s\n", std::string(config.status().message()).c_str());
    return 2;
  }
  arguments.worker.config = *std::move(config);
  if (!arguments.redis.empty()) arguments.worker.config.set_redis(arguments.redis);
  const absl::Duration grace = absl::Seconds(arguments.grace);
  if (!arguments.http.empty()) arguments.worker.config.mutable_worker()->set_http(arguments.http);
  arguments.worker.revision = tikhaul::Revision();
  const tikhaul::SystemClock clock(absl::Seconds(arguments.clock_offset));
  absl::StatusOr<std::unique_ptr<tikhaul::Worker>> worker = tikhaul::Worker::Make(std::move(arguments.worker), clock);
  if (!worker.ok()) {
    std::fprintf(stderr, "tikhaul-worker: %s\n", std::string(worker.status().message()).c_str());
    return 2;
  }
  if (const absl::Status started = (*worker)->Start(); !started.ok()) {
    std::fprintf(stderr, "tikhaul-worker: %s\n", std::string(started.message()).c_str());
    return 2;
  }
  while (!shutdown.WaitFor(tikhaul::ConfigWatch::kEvery)) {
    watch.Look([&](const tikhaul::v1::Config& changed) { return (*worker)->TakeIdentities(changed); });
  }
  tikhaul::LogInfo("worker stops; a second signal ends it at once");
  ExitOnNextSignal();
  const bool idle = (*worker)->Stop(grace);
  tikhaul::LogInfo("worker stopped", {{"chunks_left_running", idle ? "no" : "yes"}});
  // Threads may still wait for Redis or the network; nothing they could do matters now.
  std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  tikhaul::KeepMemoryPrivate();
  tikhaul::KeepHeapSmall(/*arenas=*/2);
  Arguments arguments;
  CLI::App app("Reads chunks of TikTok Ads data for a tikhaul coordinator.");
  Describe(app, arguments);
  CLI11_PARSE(app, argc, argv);
  return Run(std::move(arguments));
}
