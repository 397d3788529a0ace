#include "common/redis/redis_errors.h"

namespace tikhaul {
namespace {

using Code = absl::StatusCode;

constexpr RedisErrorRule kRules[] = {
    // Answers that callers ask for.
    {"ERR", Code::kOk, false, ""},
    {"NOSCRIPT", Code::kOk, false, ""},
    {"NOGROUP", Code::kOk, false, ""},
    {"BUSYGROUP", Code::kOk, false, ""},
    {"UNBLOCKED", Code::kOk, false, ""},
    {"WRONGTYPE", Code::kOk, false, ""},
    {"EXECABORT", Code::kOk, false, ""},
    // Not now.
    {"LOADING", Code::kUnavailable, false, "the server is reading its data and will answer soon"},
    {"BUSY", Code::kUnavailable, false, "a script has been running too long; SCRIPT KILL on the server ends it"},
    {"TRYAGAIN", Code::kUnavailable, false, "the server asks to try again"},
    {"OOM", Code::kUnavailable, false,
     "the server has reached its maxmemory; raise it or remove what else is stored there"},
    {"MISCONF", Code::kUnavailable, false, "the server cannot save to its disk; see its log"},
    {"READONLY", Code::kUnavailable, true, "that server is a replica; name the primary"},
    {"MASTERDOWN", Code::kUnavailable, true, "that server is a replica without its primary; name the primary"},
    {"CLUSTERDOWN", Code::kUnavailable, true, "the Redis cluster is down"},
    // Not as this user or in this way.
    {"NOAUTH", Code::kUnauthenticated, true, "the server wants a password; put it into the address"},
    {"WRONGPASS", Code::kUnauthenticated, true, "user or password is wrong"},
    {"NOPERM", Code::kPermissionDenied, false, "the user's ACL does not allow this command or key"},
    {"MOVED", Code::kFailedPrecondition, false, "Redis cluster mode is not supported; name a single server"},
};

constexpr RedisErrorRule kUnknown = {"", Code::kOk, true, ""};

}  // namespace

const RedisErrorRule& RuleForRedisError(absl::string_view error) {
  const absl::string_view code = error.substr(0, error.find(' '));
  for (const RedisErrorRule& rule : kRules) {
    if (rule.code == code) return rule;
  }
  return kUnknown;
}

}  // namespace tikhaul
