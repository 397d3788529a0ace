// What a plan costs, as the admin message says it.
#ifndef TIKHAUL_COORDINATOR_ADMIN_PLAN_ANSWER_H_
#define TIKHAUL_COORDINATOR_ADMIN_PLAN_ANSWER_H_

#include <cstdint>

#include "absl/time/time.h"
#include "coordinator/core/pricing.h"
#include "coordinator/runs/estimator.h"
#include "tikhaul/v1/admin.pb.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// `used_today`: calls of the UTC day of `real_now`, by the real clock.
CallLimits LimitsAt(const v1::Quota& quota, uint64_t used_today, absl::Time real_now);

void FillPlan(const PlanEstimate& plan, const CallLimits& limits, v1::PlanResponse* response);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ADMIN_PLAN_ANSWER_H_
