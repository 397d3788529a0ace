// What goes on at this coordinator, for the one that leads.
#ifndef TIKHAUL_COORDINATOR_PEER_PEER_SERVICE_H_
#define TIKHAUL_COORDINATOR_PEER_PEER_SERVICE_H_

#include "coordinator/fault_board.h"
#include "coordinator/ingest/claim_table.h"
#include "coordinator/scaling/wanted_board.h"
#include "tikhaul/v1/peer.grpc.pb.h"

namespace tikhaul {

// Thread-safe. Borrows what it is given.
class PeerService final : public v1::Peer::Service {
 public:
  PeerService(const ClaimTable& claims, const FaultBoard& faults, const WantedBoard& wanted)
      : claims_(claims), faults_(faults), wanted_(wanted) {}

  v1::PeerReport Describe() const;
  grpc::Status Report(grpc::ServerContext*, const v1::ReportRequest*, v1::PeerReport* report) override {
    *report = Describe();
    return grpc::Status::OK;
  }

 private:
  const ClaimTable& claims_;
  const FaultBoard& faults_;
  const WantedBoard& wanted_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_PEER_PEER_SERVICE_H_
