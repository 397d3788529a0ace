#include "coordinator/core/access.h"

#include <algorithm>
#include <map>

#include "common/base/backoff.h"
#include "coordinator/core/lifecycle.h"

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
  std::map<AccessKey, const Chunk*> scouts;
  for (const Chunk& chunk : chunks) {
    const AccessKey key = key_of(chunk);
    if (!not_open.contains(key)) continue;
    const Chunk*& scout = scouts[key];
    if (scout == nullptr || (IsLost(chunk) && !IsLost(*scout))) scout = &chunk;
  }
  std::vector<Chunk> kept;
  for (Chunk& chunk : chunks) {
    const auto scout = scouts.find(key_of(chunk));
    if (scout == scouts.end() || scout->second == &chunk) kept.push_back(std::move(chunk));
  }
  return kept;
}

}  // namespace tikhaul
