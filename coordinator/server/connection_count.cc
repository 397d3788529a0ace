#include "coordinator/server/connection_count.h"

#include "coordinator/server/socket_facts.h"

namespace tikhaul {

bool ConnectionCount::Admit(int fd, const std::string& peer, absl::Duration now) {
  // Whoever had this descriptor has closed it.
  if (const auto before = open_.find(fd); before != open_.end()) Forget(before);
  if (Full(peer)) SweepNowAndThen(now);
  if (Full(peer)) return false;
  open_[fd] = {peer, CookieOf(fd)};
  ++per_peer_[peer];
  return true;
}

void ConnectionCount::Forget(std::map<int, Connection>::iterator entry) {
  const auto count = per_peer_.find(entry->second.peer);
  if (--count->second == 0) per_peer_.erase(count);
  open_.erase(entry);
}

const std::map<int, ConnectionCount::Connection>& ConnectionCount::Open() {
  Sweep();
  return open_;
}

void ConnectionCount::SweepNowAndThen(absl::Duration now) {
  if (now - swept_ < kSweepEvery) return;
  swept_ = now;
  Sweep();
}

void ConnectionCount::Sweep() {
  for (auto entry = open_.begin(); entry != open_.end();) {
    const auto current = entry++;
    if (CookieOf(current->first) != current->second.cookie) Forget(current);
  }
}

bool ConnectionCount::Full(const std::string& peer) const {
  const auto count = per_peer_.find(peer);
  return open_.size() >= limits_.all || (count != per_peer_.end() && count->second >= limits_.per_peer);
}

}  // namespace tikhaul
