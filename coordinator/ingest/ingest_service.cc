#include "coordinator/ingest/ingest_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "coordinator/ingest/extract_session.h"

namespace tikhaul {
namespace {

constexpr uint32_t kMostTokensAtOnce = 100;

}  // namespace

IngestService::IngestService(std::string instance, ChunkService& chunks, ClaimTable& claims, SpoolPool& spools,
                             FaultBoard& faults, QuotaLender& quota)
    : instance_(std::move(instance)),
      chunks_(chunks),
      claims_(claims),
      spools_(spools),
      faults_(faults),
      quota_(quota) {}

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

grpc::Status IngestService::AskQuota(grpc::ServerContext* /*context*/, const v1::QuotaQuestion* request,
                                     v1::QuotaAnswer* response) {
  if (request->has_throttled_age()) {
    const absl::Status noted = quota_.Throttled(absl::Seconds(std::max(0.0, request->throttled_age())));
    if (!noted.ok()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, std::string(noted.message()));
    return grpc::Status::OK;
  }
  std::vector<QuotaScripts::Wanted> wanted;
  for (const v1::QuotaQuestion::Wanted& one : request->wanted()) {
    wanted.push_back({{.connection = one.connection(), .increment = one.increment(), .path = one.path()}, one.count()});
  }
  if (wanted.empty()) return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the question names no calls");
  const absl::StatusOr<QuotaScripts::Grant> grant =
      quota_.Acquire(wanted, std::min(request->most(), kMostTokensAtOnce));
  if (!grant.ok()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, std::string(grant.status().message()));
  for (const QuotaScripts::Granted& token : grant->tokens) response->add_granted(static_cast<uint32_t>(token.wanted));
  response->set_wait(absl::ToDoubleSeconds(grant->wait));
  return grpc::Status::OK;
}

grpc::Status IngestService::Extract(grpc::ServerContext* context,
                                    grpc::ServerReaderWriter<v1::ExtractResponse, v1::ExtractRequest>* stream) {
  return ExtractSession(*this, *context, *stream).Run();
}

}  // namespace tikhaul
