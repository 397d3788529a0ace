#include "coordinator/server/stream_limit.h"

#include <utility>

namespace tikhaul {
namespace {

// Without the port; all peers of a Unix socket are one.
std::string HostOf(absl::string_view peer) {
  if (peer.substr(0, 5) == "unix:") return "unix";
  return std::string(peer.substr(0, peer.rfind(':')));
}

}  // namespace

StreamLimit::Place::Place(StreamLimit& limit, absl::string_view peer, std::function<void()> cancel)
    : limit_(limit), peer_(HostOf(peer)), cancel_(std::move(cancel)), since_(limit.clock_.Monotonic()) {
  MutexLock lock(limit_.mu_);
  size_t& streams = limit_.streams_[peer_];
  if (streams >= limit_.most_per_peer_) return;
  ++streams;
  granted_ = true;
  limit_.silent_[this] = false;
}

StreamLimit::Place::~Place() {
  if (!granted_) return;
  MutexLock lock(limit_.mu_);
  limit_.silent_.erase(this);
  const auto streams = limit_.streams_.find(peer_);
  if (--streams->second == 0) limit_.streams_.erase(streams);
}

void StreamLimit::Place::Spoke() {
  MutexLock lock(limit_.mu_);
  limit_.silent_.erase(this);
}

void StreamLimit::Watch() {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(mu_);
  for (auto& [place, cancelled] : silent_) {
    if (cancelled || now - place->since_ <= kClaimPatience) continue;
    place->cancel_();
    cancelled = true;
  }
}

}  // namespace tikhaul
