#include "common/quota/settings/quota_limits.h"

namespace tikhaul {

QuotaLimits LimitsOf(const v1::Config& config) {
  const v1::Quota& quota = config.quota();
  QuotaLimits limits =
      LimitsWithGuard(quota.per_second(), quota.per_minute(), quota.per_day(), absl::Milliseconds(quota.guard_ms()));
  for (const v1::EndpointQuota& endpoint : quota.endpoints()) {
    limits.endpoints[endpoint.path()] = {endpoint.per_second(), endpoint.per_minute(), endpoint.per_day()};
  }
  for (const v1::Connection& connection : config.connections()) limits.weights[connection.name()] = connection.weight();
  limits.increment_reserve = quota.increment_reserve_percent() / 100.0;
  return limits;
}

}  // namespace tikhaul
