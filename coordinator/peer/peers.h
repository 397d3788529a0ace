// The coordinators that share the store, as the lead sees them.
#ifndef TIKHAUL_COORDINATOR_PEER_PEERS_H_
#define TIKHAUL_COORDINATOR_PEER_PEERS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/rpc/channel.h"
#include "coordinator/membership/membership.h"
#include "coordinator/peer/peer_service.h"

namespace tikhaul {

struct CoordinatorReport {
  Member member;
  bool self = false;
  bool leads = false;
  uint32_t shards = 0;
  bool answers = false;  // when it was asked last
  v1::PeerReport report;
};

// Tick() belongs to one thread; List() is thread-safe. Borrows what it is given.
class Peers {
 public:
  Peers(const Membership& membership, const PeerService& self, std::string self_id, Dialer dialer)
      : membership_(membership), self_(self), self_id_(std::move(self_id)), dialer_(std::move(dialer)) {}

  // Asks the others. Every second or so.
  void Tick() ABSL_LOCKS_EXCLUDED(mu_);
  // This one as it is now, the others as they were at the last Tick(). By id.
  std::vector<CoordinatorReport> List() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Peer {
    std::string address;
    std::unique_ptr<v1::Peer::Stub> stub;  // nullptr: the address cannot be used
  };
  bool Ask(Peer& peer, v1::PeerReport* report);

  const Membership& membership_;
  const PeerService& self_;
  const std::string self_id_;
  const Dialer dialer_;
  std::map<std::string, Peer> peers_;  // by id
  mutable Mutex mu_;
  std::map<std::string, v1::PeerReport> reports_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_PEER_PEERS_H_
