#include "coordinator/core/access.h"

#include <algorithm>

#include "common/base/backoff.h"

namespace tikhaul {
namespace {

constexpr BackoffPolicy kTries = {absl::Minutes(15), absl::Hours(6)};
constexpr double kWhole = 1;  // no jitter: the status tells when

}  // namespace

Access AfterRefusal(const Access& before, AccessState state, int code, absl::string_view message, absl::Time now) {
  if (IsClosed(before.state) && now < before.retry_at) return before;
  Access after = before;
  after.state = state;
  after.code = code;
  after.message = std::string(message);
  if (before.state != state) after.since = now;
  after.checked = now;
  after.refusals = IsClosed(before.state) ? before.refusals + 1 : 1;
  after.retry_at = now + BackoffDelay(kTries, after.refusals, kWhole);
  return after;
}

Access AfterSuccess(const Access& before, absl::Time now) {
  if (before.state == AccessState::kOpen) return before;
  return {.advertiser = before.advertiser,
          .endpoint = before.endpoint,
          .state = AccessState::kOpen,
          .code = 0,
          .message = "",
          .since = now,
          .checked = now};
}

Access AskAgain(const Access& before, absl::Time now) {
  Access after = before;
  if (IsClosed(before.state)) after.retry_at = std::min(before.retry_at, now);
  return after;
}

std::vector<Chunk> KeepScouts(std::vector<Chunk> chunks, const std::set<AccessKey>& not_open,
                              const std::function<AccessKey(const Chunk&)>& key_of) {
  if (not_open.empty()) return chunks;
  std::set<AccessKey> seen;
  std::erase_if(chunks, [&](const Chunk& chunk) {
    const AccessKey key = key_of(chunk);
    return not_open.contains(key) && !seen.insert(key).second;
  });
  return chunks;
}

}  // namespace tikhaul
