#include "coordinator/server/memory_guard.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "common/base/log.h"
#include "coordinator/server/socket_facts.h"

namespace tikhaul {
namespace {

constexpr size_t kMostNamed = 5;

size_t PrivateMemory() {
  std::ifstream statm("/proc/self/statm");
  size_t size = 0, resident = 0, shared = 0;
  statm >> size >> resident >> shared;
  return (resident - std::min(shared, resident)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

size_t HeapInUse() {
  const struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

}  // namespace

MemoryGuard::Gauges MemoryGuard::OfThisProcess() {
  return {.resident = PrivateMemory, .in_use = HeapInUse, .give_back = [] { malloc_trim(0); }};
}

void MemoryGuard::Watch(ConnectionCount& connections, absl::Duration now) {
  if (now - watched_ < kEvery) return;
  watched_ = now;
  if (now - sampled_ >= kWindow) Sample(connections, now);
  const bool large = gauges_.resident() > most_;
  if (large && now - shed_ < kSettle) return;
  const size_t used = large ? gauges_.in_use() : 0;
  if (used <= most_) allowed_ = most_;
  if (used <= allowed_) {
    quiet_ = now;
  } else if (Shed(connections, used - most_ / 2) > 0) {
    shed_ = quiet_ = now;
  } else if (now - quiet_ >= kOwn) {
    allowed_ = used + most_ / 2;
  }
  // It takes long, and nobody looks meanwhile: not while there is a flood.
  if ((large || shed_ > trimmed_) && quiet_ == now && now - std::max(shed_, trimmed_) >= kTrimEvery) {
    trimmed_ = now;
    gauges_.give_back();
  }
}

void MemoryGuard::Sample(ConnectionCount& connections, absl::Duration now) {
  sampled_ = now;
  std::map<uint64_t, Baseline> sampled;
  for (const auto& [fd, open] : connections.Open()) {
    const auto before = baselines_.find(open.cookie);
    const uint64_t older = before == baselines_.end() ? 0 : before->second.newer;
    sampled[open.cookie] = {.older = older, .newer = BytesReceived(fd)};
  }
  baselines_ = std::move(sampled);
}

size_t MemoryGuard::Shed(ConnectionCount& connections, uint64_t bytes) {
  struct Sender {
    uint64_t brought;
    int fd;
    std::string peer;
  };
  std::vector<Sender> senders;
  for (const auto& [fd, open] : connections.Open()) {
    const auto baseline = baselines_.find(open.cookie);
    const uint64_t before = baseline == baselines_.end() ? 0 : baseline->second.older;
    const uint64_t brought = BytesReceived(fd) - before;
    if (brought >= kMuch) senders.push_back({brought, fd, open.peer});
  }
  std::sort(senders.begin(), senders.end(), [](const Sender& a, const Sender& b) { return a.brought > b.brought; });
  size_t ended = 0;
  uint64_t sum = 0;
  std::set<std::string> peers;
  for (; ended < senders.size() && sum < bytes; ++ended) {
    sum += senders[ended].brought;
    Reset(senders[ended].fd);
    if (peers.size() < kMostNamed) peers.insert(senders[ended].peer);
  }
  if (ended > 0) {
    LogWarning("callers sent more than there is memory for: those that sent most were disconnected",
               {{"connections", ended}, {"peers", absl::StrJoin(peers, ",")}});
  }
  return ended;
}

}  // namespace tikhaul
