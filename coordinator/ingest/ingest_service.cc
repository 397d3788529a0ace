#include "coordinator/ingest/ingest_service.h"

#include <utility>

#include "common/base/log.h"
#include "coordinator/ingest/extract_session.h"

namespace tikhaul {

IngestService::IngestService(std::string instance, ChunkService& chunks, ClaimTable& claims, SpoolPool& spools,
                             FaultBoard& faults)
    : instance_(std::move(instance)), chunks_(chunks), claims_(claims), spools_(spools), faults_(faults) {}

grpc::Status IngestService::Hello(grpc::ServerContext* /*context*/, const v1::HelloRequest* request,
                                  v1::HelloResponse* response) {
  if (request->protocol() != v1::PROTOCOL_VERSION_1) {
    return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION,
                        "worker and coordinator speak different protocol versions; deploy the same release of both");
  }
  claims_.SawWorker(request->worker(), request->incarnation());
  response->set_instance(instance_);
  return grpc::Status::OK;
}

grpc::Status IngestService::Extract(grpc::ServerContext* context,
                                    grpc::ServerReaderWriter<v1::ExtractResponse, v1::ExtractRequest>* stream) {
  return ExtractSession(*this, *context, *stream).Run();
}

}  // namespace tikhaul
