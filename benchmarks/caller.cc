// Makes calls as a worker does, through its transport and limiter, and does nothing with the answers: load for
// benchmarks/quota.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/base/secret.h"
#include "common/config/config.h"
#include "common/quota/settings/quota_limits.h"
#include "common/tiktok/client.h"

namespace tikhaul {
namespace {

int CallUntilStopped(const std::string& path, uint32_t in_flight) {
  ShutdownSignal shutdown;
  StartLog("caller", LogLevel::kInfo);
  const absl::StatusOr<v1::Config> config = LoadConfig(path);
  if (!config.ok() || config->connections().empty()) {
    std::fprintf(stderr, "tikhaul-caller: %s\n", config.status().ToString().c_str());
    return 2;
  }
  const absl::StatusOr<Secret> token = ReadToken(config->connections(0));
  if (!token.ok()) {
    std::fprintf(stderr, "tikhaul-caller: %s\n", token.status().ToString().c_str());
    return 2;
  }
  const SystemClock clock;
  TokenAgent tokens({.url = config->redis()}, config->app().id(), LimitsOf(*config), clock);
  TransportOptions options;
  options.base_url = config->api().base_url();
  options.max_in_flight = in_flight;
  std::function<void()> call;
  ApiTransport transport(options, tokens, clock);
  call = [&] {
    transport.Send(ApiCall{"user/info/", {}, *token}, {}, [&](ApiTransport::Result result) {
      if (result.ok) call();
    });
  };
  for (uint32_t i = 0; i < 2 * in_flight; ++i) call();
  while (!shutdown.WaitFor(absl::Hours(1))) {
  }
  return 0;
}

}  // namespace
}  // namespace tikhaul

int main(int argc, char** argv) {
  CLI::App app("Makes calls without end, as fast as the quota lets it");
  std::string config = "tikhaul.yaml";
  uint32_t in_flight = 64;
  app.add_option("--config", config, "The configuration file")->capture_default_str();
  app.add_option("--in-flight", in_flight, "Calls under way at once")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return tikhaul::CallUntilStopped(config, in_flight);
}
