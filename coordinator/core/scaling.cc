#include "coordinator/core/scaling.h"

#include <algorithm>
#include <cmath>

namespace tikhaul {
namespace {

constexpr absl::Duration kLatencyAtFirst = absl::Seconds(1);  // until calls were seen
// Above this part of the quota, calls wait for it: how many are under way then says nothing of what workers could do.
constexpr double kUnhindered = 0.9;
constexpr double kFewestCalls = 0.1;  // per second, to learn from

uint32_t Workers(double exact, uint32_t most) {
  return static_cast<uint32_t>(std::clamp(std::ceil(exact), 0.0, static_cast<double>(most)));
}

}  // namespace

WorkerNeeds DecideWorkers(const ScalingFacts& facts, const ScalingLimits& limits) {
  WorkerNeeds needs;
  needs.by_backlog = Workers(static_cast<double>(facts.runnable) / std::max(1u, limits.slots), limits.most);
  // Calls that must be under way at once to use all of the quota (Little's law), over those of one worker.
  const double under_way = facts.calls_allowed * absl::ToDoubleSeconds(facts.latency);
  needs.by_quota = Workers(under_way / std::max(0.01, facts.calls_under_way), limits.most - 1) + 1;
  needs.wanted = std::min({needs.by_backlog, needs.by_quota, limits.most});
  return needs;
}

WorkerDemand::WorkerDemand(ScalingLimits limits) : limits_(limits) {
  facts_.latency = kLatencyAtFirst;
  facts_.calls_under_way = limits.calls_in_flight;
}

void WorkerDemand::Learn(const FleetPace& pace, double calls_allowed) {
  if (pace.calls_per_second < kFewestCalls || pace.calls_under_way <= 0) return;
  facts_.latency = absl::Seconds(pace.calls_under_way / pace.calls_per_second);
  if (pace.running == 0 || pace.calls_per_second >= kUnhindered * calls_allowed) return;
  const double busy_workers = static_cast<double>(pace.running) / std::max(1u, limits_.slots);
  facts_.calls_under_way = std::min<double>(limits_.calls_in_flight, pace.calls_under_way / busy_workers);
}

uint64_t WorkerDemand::MostOfInterest(double calls_allowed) const {
  ScalingFacts facts = facts_;
  facts.calls_allowed = calls_allowed;
  return uint64_t{DecideWorkers(facts, limits_).by_quota} * limits_.slots;
}

uint32_t WorkerDemand::Wanted(absl::Duration now, uint64_t runnable, double calls_allowed) {
  facts_.runnable = runnable;
  facts_.calls_allowed = calls_allowed;
  const uint32_t wanted = DecideWorkers(facts_, limits_).wanted;
  absl::Duration rest;
  const int64_t step = std::max(absl::IDivDuration(now, kHold / kSteps, &rest), newest_);
  const int64_t passed = std::min<int64_t>(step - newest_, kSteps);
  for (int64_t i = 0; i < passed; ++i) wanted_[static_cast<size_t>((step - i) % kSteps)] = 0;
  newest_ = step;
  uint32_t& of_step = wanted_[static_cast<size_t>(step % kSteps)];
  of_step = std::max(of_step, wanted);
  return *std::max_element(wanted_.begin(), wanted_.end());
}

}  // namespace tikhaul
