#include "common/redis/settings/redis_options.h"

namespace tikhaul {

RedisOptions RedisOptionsOf(const v1::Config& config) {
  const v1::RedisSettings& settings = config.redis_options();
  RedisOptions options;
  options.url = config.redis();
  options.user = settings.user();
  options.password_file = settings.password_file();
  options.ca_file = settings.ca_file();
  options.certificate_file = settings.certificate_file();
  options.key_file = settings.key_file();
  return options;
}

}  // namespace tikhaul
