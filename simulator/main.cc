// tikhaul-simulator: the TikTok API on this machine. README.md tells how to use it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/files.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"
#include "simulator/http_server.h"
#include "simulator/simulator.h"
#include "simulator/truth.h"

namespace tikhaul::simulator {
namespace {

struct Flags {
  std::string listen = "127.0.0.1:0";
  std::string port_file;
  std::string data_set = "quickstart";
  uint64_t seed = 1;
  std::string anchor;
  std::string now = "2026-06-15T12:00:00Z";
  std::string tier = "basic";
  int64_t per_second = 0, per_minute = 0, per_day = 0;
  std::vector<std::string> endpoint_limits;
  bool sandbox_limits = false;
  double minute_penalty_seconds = 300;
  std::string latency = "0";
  size_t object_limit = 20'000;
  int64_t task_ms = 2'000;
  bool sandbox = false;
  int threads = 256;
  std::string fault_file;
  std::optional<uint64_t> fault_mix;
  std::string export_truth, truth_spec;
};

void Declare(CLI::App& app, Flags& flags) {
  app.add_option("--listen", flags.listen, "address and port, port 0 takes a free one")->capture_default_str();
  app.add_option("--port-file", flags.port_file, "write the port into this file once it is open");
  app.add_option("--dataset", flags.data_set,
                 "quickstart, small, single, windows, scale:ADVERTISERS:ADS, agency:ADVERTISERS:IDLE_PERCENT:ADS or "
                 "videos:COUNT")
      ->capture_default_str();
  app.add_option("--seed", flags.seed, "another seed, other data")->capture_default_str();
  app.add_option("--anchor", flags.anchor, "day around which the data are made (default 2026-06-15)");
  app.add_option("--now", flags.now, "the simulator's time at the start, UTC, or `real` for the machine's")
      ->capture_default_str();
  app.add_option("--tier", flags.tier, "quota: basic, second, third or fourth")->capture_default_str();
  app.add_option("--per-second", flags.per_second, "calls per second instead of the tier's");
  app.add_option("--per-minute", flags.per_minute, "calls per minute instead of the tier's");
  app.add_option("--per-day", flags.per_day, "calls per UTC day instead of the tier's");
  app.add_option("--endpoint-limit", flags.endpoint_limits, "PATH=SECOND/MINUTE/DAY: calls on one path, repeatable");
  app.add_flag("--sandbox-limits", flags.sandbox_limits,
               "the sandbox's limits per path, 1/30/1000, without its refusals");
  app.add_option("--minute-penalty-seconds", flags.minute_penalty_seconds, "closed so long after a minute's breach")
      ->capture_default_str();
  app.add_option("--latency-ms", flags.latency, "milliseconds, or lognormal:MEDIAN_MS:SIGMA");
  app.add_option("--latency", flags.latency, "the same");
  app.add_option("--object-limit", flags.object_limit, "objects that a report looks at")->capture_default_str();
  app.add_option("--task-ms", flags.task_ms, "that an asynchronous report takes")->capture_default_str();
  app.add_flag("--sandbox", flags.sandbox, "answer as the sandbox does: few endpoints and calls, no secondary_status");
  app.add_option("--threads", flags.threads, "connections served at once")->capture_default_str();
  app.add_option("--faults", flags.fault_file, "file with a fault script");
  app.add_option("--fault-mix", flags.fault_mix, "every kind of fault and every return code once, mixed by this seed");
  app.add_option("--export-truth", flags.export_truth, "write this SQLite file and leave");
  app.add_option("--truth-spec", flags.truth_spec, "file that says what to export");
}

absl::StatusOr<SimulatorOptions> OptionsOf(const Flags& flags, const Clock& clock) {
  SimulatorOptions options;
  options.data_set = flags.data_set;
  options.seed = flags.seed;
  options.object_limit = flags.object_limit;
  options.task_time = absl::Milliseconds(flags.task_ms);
  options.sandbox = flags.sandbox;
  if (flags.now == "real") {
    options.now = clock.Now();
    options.anchor = DayIn(absl::UTCTimeZone(), options.now);
  } else {
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, flags.now, &options.now, &error)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--now ", flags.now, ": ", error, " (write 2026-06-15T12:00:00Z)"));
    }
  }
  if (!flags.anchor.empty()) {
    ASSIGN_OR_RETURN(options.anchor, ParseDay(flags.anchor));
  }
  ASSIGN_OR_RETURN(options.quota, LimitsOfTier(flags.tier));
  if (flags.per_second > 0) options.quota.per_second = flags.per_second;
  if (flags.per_minute > 0) options.quota.per_minute = flags.per_minute;
  if (flags.per_day > 0) options.quota.per_day = flags.per_day;
  options.quota.minute_penalty = absl::Seconds(flags.minute_penalty_seconds);
  options.endpoint_limits = DefaultEndpointLimits(flags.sandbox_limits || flags.sandbox);
  for (const std::string& text : flags.endpoint_limits) {
    ASSIGN_OR_RETURN(const auto limit, ParseEndpointLimit(text));
    options.endpoint_limits[limit.first] = limit.second;
  }
  for (auto& [path, limits] : options.endpoint_limits) limits.minute_penalty = options.quota.minute_penalty;
  ASSIGN_OR_RETURN(options.latency, Latency::Parse(flags.latency));
  return options;
}

absl::StatusOr<ServerOptions> ListenOf(const Flags& flags) {
  ServerOptions options;
  options.threads = flags.threads;
  const size_t colon = flags.listen.rfind(':');
  if (colon == std::string::npos || !absl::SimpleAtoi(flags.listen.substr(colon + 1), &options.port)) {
    return absl::InvalidArgumentError(absl::StrCat("--listen ", flags.listen, ": write ADDRESS:PORT"));
  }
  options.host = flags.listen.substr(0, colon);
  return options;
}

absl::Status Export(const Flags& flags, const Simulator& simulator, absl::Time now) {
  if (flags.truth_spec.empty()) return absl::InvalidArgumentError("--export-truth needs --truth-spec");
  ASSIGN_OR_RETURN(const std::string spec, ReadFile(flags.truth_spec));
  return ExportTruth(simulator.data_set(), now, spec, flags.export_truth);
}

absl::Status Run(const Flags& flags) {
  const SystemClock clock;
  ASSIGN_OR_RETURN(const SimulatorOptions options, OptionsOf(flags, clock));
  ASSIGN_OR_RETURN(const std::unique_ptr<Simulator> simulator, Simulator::Make(options, clock));
  if (!flags.export_truth.empty()) return Export(flags, *simulator, options.now);
  if (!flags.fault_file.empty()) {
    ASSIGN_OR_RETURN(const std::string script, ReadFile(flags.fault_file));
    RETURN_IF_ERROR(simulator->faults().Add(script));
  }
  if (flags.fault_mix.has_value()) {
    RETURN_IF_ERROR(simulator->faults().Add(absl::StrCat(R"({"kind":"mix","seed":)", *flags.fault_mix, "}")));
  }
  ShutdownSignal shutdown;
  ASSIGN_OR_RETURN(const ServerOptions listen, ListenOf(flags));
  HttpServer server(*simulator);
  ASSIGN_OR_RETURN(const int port, server.Start(listen));
  std::cout << "listening on http://" << listen.host << ":" << port << "/open_api/v1.3/" << std::endl;
  if (!flags.port_file.empty()) RETURN_IF_ERROR(WriteFileAtomically(flags.port_file, absl::StrCat(port, "\n")));
  while (!shutdown.WaitFor(absl::Hours(1))) {
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace tikhaul::simulator

int main(int argc, char** argv) {
  CLI::App app("The TikTok API for Business v1.3 on this machine, with a known data set, quota and faults");
  tikhaul::simulator::Flags flags;
  tikhaul::simulator::Declare(app, flags);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = tikhaul::simulator::Run(flags);
  if (status.ok()) return 0;
  std::cerr << "tikhaul-simulator: " << status.message() << std::endl;
  return 1;
}
