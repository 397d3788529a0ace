#include "common/redis/redis_errors.h"

#include "absl/strings/strip.h"

namespace tikhaul {
namespace {

using Code = absl::StatusCode;

constexpr absl::string_view kGiveRights =
    "give the user the rights of docs/redis.md: ACL SETUSER, or the server's ACL file";

constexpr RedisErrorRule kRules[] = {
    // A script of ours met the user's ACL; newer servers say NOPERM.
    {"ERR The user executing the script can't", Code::kPermissionDenied, false, kGiveRights},
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
    {"NOAUTH", Code::kUnauthenticated, true,
     "the server wants a password; name the file that holds it as redis_options.password_file"},
    {"WRONGPASS", Code::kUnauthenticated, true,
     "user or password is wrong; see redis_options.user and the file redis_options.password_file"},
    {"NOPERM", Code::kPermissionDenied, false, kGiveRights},
    {"MOVED", Code::kFailedPrecondition, false, "Redis cluster mode is not supported; name a single server"},
};

constexpr RedisErrorRule kUnknown = {"", Code::kOk, true, ""};

}  // namespace

const RedisErrorRule& RuleForRedisError(absl::string_view error) {
  for (const RedisErrorRule& rule : kRules) {
    absl::string_view rest = error;
    if (absl::ConsumePrefix(&rest, rule.code) && (rest.empty() || rest[0] == ' ')) return rule;
  }
  return kUnknown;
}

}  // namespace tikhaul
