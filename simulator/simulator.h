// The whole API behind one function, without sockets.
#ifndef TIKHAUL_SIMULATOR_SIMULATOR_H_
#define TIKHAUL_SIMULATOR_SIMULATOR_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "simulator/call.h"
#include "simulator/data_set.h"
#include "simulator/faults.h"
#include "simulator/latency.h"
#include "simulator/quota_judge.h"
#include "simulator/report_endpoint.h"
#include "simulator/report_tasks.h"
#include "simulator/virtual_clock.h"

namespace tikhaul::simulator {

inline constexpr absl::CivilDay kDefaultAnchor(2026, 6, 15);

struct SimulatorOptions {
  std::string data_set = "quickstart";
  uint64_t seed = 1;
  absl::CivilDay anchor = kDefaultAnchor;                 // the data set is made around this day
  absl::Time now = absl::FromUnixSeconds(1'781'524'800);  // 2026-06-15T12:00:00Z
  QuotaLimits quota;
  EndpointLimits endpoint_limits = DefaultEndpointLimits(false);
  Latency latency;
  size_t object_limit = 20'000;
  absl::Duration task_time = absl::Seconds(2);  // that an asynchronous report takes
  bool sandbox = false;  // answers as the sandbox (tiktok-api.md 2.4)
};

// Thread-safe. `real` is borrowed and must outlive the simulator.
class Simulator {
 public:
  static absl::StatusOr<std::unique_ptr<Simulator>> Make(const SimulatorOptions& options, const Clock& real);

  // One call, judged as if it came now. Never sleeps: the answer says how long it should take.
  WireAnswer Handle(const Call& call);
  // Paths outside of the API: /sim/... (README.md).
  WireAnswer Control(const Call& call);

  const DataSet& data_set() const { return *data_set_; }
  VirtualClock& clock() { return clock_; }
  FaultScript& faults() { return faults_; }
  const QuotaJudge& quota() const { return quota_.app(); }
  void SetTokenGood(bool good) { token_good_ = good; }
  std::string StatsJson() const;

 private:
  Simulator(const SimulatorOptions& options, const Clock& real, std::unique_ptr<DataSet> data_set);
  WireAnswer Answer(const Call& call, const std::string& path);
  // What a fault does to the answer.
  struct Twist {
    PageTwist page;
    TaskTwist task;
    absl::Duration age;  // the answer is what it was so long ago
  };
  static Twist TwistOf(const Fault& fault);
  EndpointAnswer Dispatch(const Call& call, const std::string& path, const Twist& twist);
  WireAnswer SendFile(const Call& call);
  EndpointAnswer GrantToken(const Call& call);
  EndpointAnswer RevokeToken(const Call& call);
  std::optional<Refusal> CheckToken(const Call& call, const std::string& path) const;
  std::optional<Refusal> JudgeQuota(const std::string& path);
  WireAnswer Envelope(const EndpointAnswer& answer);
  WireAnswer Apply(const Fault& fault, const Call& call, const std::string& path);
  void Count(const std::string& path, int64_t code);
  WireAnswer ExportTruth(const Call& call);
  WireAnswer Restate(const Call& call);

  const SimulatorOptions options_;
  VirtualClock clock_;
  const std::unique_ptr<DataSet> data_set_;
  AppJudge quota_;
  FaultScript faults_;
  ReportEndpoint reports_;
  ReportTasks tasks_;
  std::atomic<bool> token_good_{true};
  std::atomic<uint64_t> calls_{0};

  mutable Mutex mu_;
  // (path, code or HTTP status) -> calls
  std::map<std::pair<std::string, int64_t>, int64_t> counts_ ABSL_GUARDED_BY(mu_);
  std::set<std::string> used_codes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_SIMULATOR_H_
