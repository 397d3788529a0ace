// The way to Redis, from the configuration.
#ifndef TIKHAUL_COMMON_REDIS_SETTINGS_REDIS_OPTIONS_H_
#define TIKHAUL_COMMON_REDIS_SETTINGS_REDIS_OPTIONS_H_

#include "common/redis/redis.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// `config` is checked and complete. The one place that makes these options, so that no part connects in another way.
RedisOptions RedisOptionsOf(const v1::Config& config);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_REDIS_SETTINGS_REDIS_OPTIONS_H_
