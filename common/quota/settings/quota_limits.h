// The quota section of the configuration as the limiter's limits.
#ifndef TIKHAUL_COMMON_QUOTA_SETTINGS_QUOTA_LIMITS_H_
#define TIKHAUL_COMMON_QUOTA_SETTINGS_QUOTA_LIMITS_H_

#include "common/quota/limiter.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// `config` is checked and complete.
QuotaLimits LimitsOf(const v1::Config& config);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_QUOTA_SETTINGS_QUOTA_LIMITS_H_
