// The workers' side of the coordinator: gRPC in, ChunkService out.
#ifndef TIKHAUL_COORDINATOR_INGEST_INGEST_SERVICE_H_
#define TIKHAUL_COORDINATOR_INGEST_INGEST_SERVICE_H_

#include <atomic>
#include <string>

#include "common/base/clock.h"
#include "common/quota/limiter.h"
#include "coordinator/fault_board.h"
#include "coordinator/ingest/chunk_service.h"
#include "coordinator/ingest/claim_table.h"
#include "coordinator/lead/lead_gate.h"
#include "coordinator/membership/membership.h"
#include "coordinator/server/stream_limit.h"
#include "coordinator/spool/spool.h"
#include "tikhaul/v1/ingest.grpc.pb.h"

namespace tikhaul {

// Thread-safe: one thread per stream. Borrows what it is given.
class IngestService final : public v1::Ingest::Service {
 public:
  struct Parts {
    std::string instance;
    ChunkService& chunks;
    ClaimTable& claims;
    SpoolPool& spools;
    FaultBoard& faults;
    LeadGate& gate;
    const Membership& membership;
    StreamLimit& streams;
    CoordinatorMetrics& metrics;
  };
  explicit IngestService(Parts parts);

  grpc::Status Hello(grpc::ServerContext* context, const v1::HelloRequest* request,
                     v1::HelloResponse* response) override;
  grpc::Status AskQuota(grpc::ServerContext* context, const v1::QuotaQuestion* request,
                        v1::QuotaAnswer* response) override;
  grpc::Status Extract(grpc::ServerContext* context,
                       grpc::ServerReaderWriter<v1::ExtractResponse, v1::ExtractRequest>* stream) override;

  // No more grants; streams that end from now on end without blame.
  void StartDraining() {
    draining_ = true;
    chunks_.StartDraining();
  }

 private:
  friend class ExtractSession;

  const std::string instance_;
  ChunkService& chunks_;
  ClaimTable& claims_;
  SpoolPool& spools_;
  FaultBoard& faults_;
  LeadGate& gate_;
  const Membership& membership_;
  StreamLimit& streams_;
  CoordinatorMetrics& metrics_;
  std::atomic<bool> draining_{false};
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_INGEST_SERVICE_H_
