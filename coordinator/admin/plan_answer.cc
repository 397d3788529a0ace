#include "coordinator/admin/plan_answer.h"

#include <algorithm>

#include "common/base/civil.h"

namespace tikhaul {
namespace {

double SecondsFor(uint64_t calls, const CallLimits& limits) {
  return absl::ToDoubleSeconds(TimeForCalls(static_cast<double>(calls), limits));
}

}  // namespace

CallLimits LimitsAt(const v1::Quota& quota, uint64_t used_today, absl::Time real_now) {
  return {.per_second = static_cast<double>(quota.per_second()),
          .per_minute = static_cast<double>(quota.per_minute()),
          .per_day = static_cast<double>(quota.per_day()),
          .guard = absl::Milliseconds(quota.guard_ms()),
          .left_today = std::max(0.0, static_cast<double>(quota.per_day()) - static_cast<double>(used_today)),
          .left_of_day = DayEnd(absl::UTCTimeZone(), DayIn(absl::UTCTimeZone(), real_now)) - real_now};
}

void FillPlan(const PlanEstimate& plan, const CallLimits& limits, v1::PlanResponse* response) {
  for (const Estimate& estimate : plan.extracts) {
    v1::PlanLine* const line = response->add_lines();
    line->set_extract(estimate.extract);
    line->set_advertisers(estimate.advertisers);
    line->set_chunks(estimate.chunks);
    line->set_calls(estimate.calls);
    line->set_rows(estimate.rows);
    line->set_rows_known(estimate.rows_known);
    line->set_idle_windows(estimate.idle_windows);
    if (estimate.chunks > 0) {
      line->set_first_day(FormatDay(estimate.first_day));
      line->set_last_day(FormatDay(estimate.last_day));
    }
    line->set_seconds_at_quota(SecondsFor(estimate.calls, limits));
    response->set_chunks(response->chunks() + estimate.chunks);
    response->set_calls(response->calls() + estimate.calls);
  }
  response->set_quota_per_second(limits.per_second);
  response->set_seconds_at_quota(SecondsFor(response->calls(), limits));
  response->set_quota_left_today(static_cast<uint64_t>(limits.left_today));
  response->set_calls_spent(plan.calls_spent);
  for (const std::string& note : plan.notes) response->add_notes(note);
}

}  // namespace tikhaul
