#include "coordinator/ingest/ingest_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "coordinator/ingest/extract_session.h"

namespace tikhaul {
namespace {

constexpr uint32_t kMostTokensAtOnce = 100;

using GrpcStream = grpc::ServerReaderWriter<v1::ExtractResponse, v1::ExtractRequest>;

class GrpcWorkerStream final : public WorkerStream {
 public:
  GrpcWorkerStream(grpc::ServerContext& context, GrpcStream& stream) : context_(context), stream_(stream) {}
  bool Write(const v1::ExtractResponse& response) override { return stream_.Write(response); }
  void Cancel() override { context_.TryCancel(); }
  bool IsCancelled() const override { return context_.IsCancelled(); }

 private:
  grpc::ServerContext& context_;
  GrpcStream& stream_;
};

grpc::Status AnswerQuota(QuotaLender& quota, const v1::QuotaQuestion& question, v1::QuotaAnswer* answer) {
  if (question.has_throttled_age()) {
    const absl::Status noted = quota.Throttled(absl::Seconds(std::max(0.0, question.throttled_age())));
    if (!noted.ok()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, std::string(noted.message()));
    return grpc::Status::OK;
  }
  std::vector<QuotaScripts::Wanted> wanted;
  for (const v1::QuotaQuestion::Wanted& one : question.wanted()) {
    wanted.push_back({{.connection = one.connection(), .increment = one.increment(), .path = one.path()}, one.count()});
  }
  if (wanted.empty()) return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the question names no calls");
  const absl::StatusOr<QuotaScripts::Grant> grant = quota.Acquire(wanted, std::min(question.most(), kMostTokensAtOnce));
  if (!grant.ok()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, std::string(grant.status().message()));
  for (const QuotaScripts::Granted& token : grant->tokens) answer->add_granted(static_cast<uint32_t>(token.wanted));
  answer->set_wait(absl::ToDoubleSeconds(grant->wait));
  return grpc::Status::OK;
}

// A worker takes it for a claim that comes too early, and goes on with what it has.
grpc::Status RefuseStream(GrpcStream& stream) {
  v1::ExtractResponse response;
  response.mutable_refused()->set_reason(v1::Refused::REASON_LATER);
  response.mutable_refused()->set_detail("this address has as many streams as coordinator.streams_per_peer allows");
  stream.Write(response);
  return grpc::Status::OK;
}

}  // namespace

IngestService::IngestService(Parts parts)
    : instance_(std::move(parts.instance)),
      chunks_(parts.chunks),
      claims_(parts.claims),
      spools_(parts.spools),
      faults_(parts.faults),
      gate_(parts.gate),
      membership_(parts.membership),
      streams_(parts.streams),
      metrics_(parts.metrics) {}

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

grpc::Status IngestService::AskQuota(grpc::ServerContext* context, const v1::QuotaQuestion* request,
                                     v1::QuotaAnswer* response) {
  // A lease is kept nowhere but here: two leads would lease the quota twice.
  if (!membership_.Sure()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the store cannot be reached");
  return gate_.AskQuota(*context, [&](QuotaLender& quota) { return AnswerQuota(quota, *request, response); });
}

grpc::Status IngestService::Extract(grpc::ServerContext* context,
                                    grpc::ServerReaderWriter<v1::ExtractResponse, v1::ExtractRequest>* stream) {
  StreamLimit::Place place(streams_, context->peer(), [context] { context->TryCancel(); });
  if (!place.granted()) return RefuseStream(*stream);
  v1::ExtractRequest request;  // reused, so that batches do not allocate anew
  if (!stream->Read(&request)) return grpc::Status::OK;
  place.Spoke();
  if (!request.has_claim())
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the first message must be a claim");
  GrpcWorkerStream worker(*context, *stream);
  ExtractSession session(*this, worker);
  ExtractSession::Next next = session.Claim(request.claim());
  while (next == ExtractSession::Next::kRead && stream->Read(&request)) next = session.Handle(request);
  session.End();
  return grpc::Status::OK;
}

}  // namespace tikhaul
