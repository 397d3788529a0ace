// What the error answers of Redis mean to us: one table (queue-notes.md 6.1).
#ifndef TIKHAUL_COMMON_REDIS_REDIS_ERRORS_H_
#define TIKHAUL_COMMON_REDIS_REDIS_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tikhaul {

struct RedisErrorRule {
  absl::string_view code;  // first word of the error, or more of them
  // kOk: the caller gets the reply and knows what to do with it. Anything else becomes a status of that code.
  absl::StatusCode status;
  bool reconnect;            // throw the connection away: another server may answer next time
  absl::string_view advice;  // for people; goes into the status
};

// The rule for an error answer such as "LOADING Redis is loading the dataset in memory". Codes that are not in the
// table go to the caller as replies, on a new connection the next time.
const RedisErrorRule& RuleForRedisError(absl::string_view error);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_REDIS_REDIS_ERRORS_H_
