#include "coordinator/core/dispatch_order.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace tikhaul {
namespace {

// The candidates of one advertiser, in their order; `next` is the first that is not yet picked.
struct Lane {
  std::vector<size_t> candidates;
  size_t next = 0;
};

// One priority's candidates by connection and advertiser, always knowing who is next.
class FairQueue {
 public:
  FairQueue(absl::Span<const Chunk> candidates, DispatchLoad* load, uint64_t cost)
      : candidates_(candidates), load_(load), cost_(cost) {}

  void Add(size_t index) {
    const Chunk& chunk = candidates_[index];
    lanes_[chunk.connection][chunk.advertiser].candidates.push_back(index);
  }

  // Call after the last Add.
  void Start() {
    for (const auto& [connection, advertisers] : lanes_) {
      for (const auto& [advertiser, lane] : advertisers) EnqueueAdvertiser(connection, advertiser, lane);
      EnqueueConnection(connection);
    }
  }

  bool empty() const { return connections_.empty(); }

  size_t Pick() {
    const std::string connection = std::get<2>(*connections_.begin());
    connections_.erase(connections_.begin());
    auto& waiting = advertisers_[connection];
    const std::string advertiser = std::get<2>(*waiting.begin());
    waiting.erase(waiting.begin());
    Lane& lane = lanes_[connection][advertiser];
    const size_t picked = lane.candidates[lane.next++];
    load_->by_connection[connection] += cost_;
    load_->by_advertiser[{connection, advertiser}] += cost_;
    if (lane.next < lane.candidates.size()) EnqueueAdvertiser(connection, advertiser, lane);
    if (!waiting.empty()) EnqueueConnection(connection);
    return picked;
  }

 private:
  using Key = std::tuple<uint64_t, size_t, std::string>;  // load, place of the next candidate, name

  void EnqueueAdvertiser(const std::string& connection, const std::string& advertiser, const Lane& lane) {
    advertisers_[connection].emplace(load_->by_advertiser[{connection, advertiser}], lane.candidates[lane.next],
                                     advertiser);
  }
  void EnqueueConnection(const std::string& connection) {
    const size_t place = std::get<1>(*advertisers_[connection].begin());
    connections_.emplace(load_->by_connection[connection], place, connection);
  }

  absl::Span<const Chunk> candidates_;
  DispatchLoad* load_;
  const uint64_t cost_;
  std::map<std::string, std::map<std::string, Lane>> lanes_;
  std::map<std::string, std::set<Key>> advertisers_;
  std::set<Key> connections_;
};

}  // namespace

std::vector<ChunkId> PickFair(absl::Span<const Chunk> candidates, DispatchLoad load, size_t n,
                              uint64_t cost_per_chunk) {
  std::map<int, FairQueue> by_priority;
  for (size_t i = 0; i < candidates.size(); ++i) {
    by_priority.try_emplace(candidates[i].priority, candidates, &load, cost_per_chunk).first->second.Add(i);
  }
  std::vector<ChunkId> picked;
  for (auto& [priority, queue] : by_priority) {
    if (picked.size() >= n) break;
    queue.Start();
    while (picked.size() < n && !queue.empty()) picked.push_back(candidates[queue.Pick()].id);
  }
  return picked;
}

}  // namespace tikhaul
