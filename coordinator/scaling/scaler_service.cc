#include "coordinator/scaling/scaler_service.h"

#include <chrono>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"
#include "coordinator/core/scaling.h"
#include "coordinator/scaling/demand_keeper.h"

namespace tikhaul {
namespace {

constexpr std::chrono::seconds kPatience(1);
constexpr absl::Duration kLookEvery = absl::Seconds(1);
constexpr int kMostStreams = 16;  // each holds a thread; KEDA has one per scaled object

grpc::Status Unavailable(const absl::Status& status) {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, std::string(status.message()));
}

}  // namespace

std::optional<uint32_t> LeadFigure::Ask(const std::string& lead_address, const Dialer& dialer) {
  if (lead_address.empty()) return std::nullopt;
  std::shared_ptr<v1::Peer::Stub> stub;
  {
    MutexLock lock(mu_);
    if (address_ != lead_address) {
      const auto channel = dialer.Open(lead_address);
      stub_ = channel.ok() ? v1::Peer::NewStub(*channel) : nullptr;
      address_ = lead_address;
    }
    stub = stub_;
  }
  if (stub == nullptr) return std::nullopt;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  v1::PeerReport report;
  if (!stub->Report(&context, v1::ReportRequest(), &report).ok() || !report.has_wanted_workers()) return std::nullopt;
  return report.wanted_workers();
}

absl::StatusOr<uint32_t> ScalerService::Wanted() {
  std::optional<uint32_t> wanted = parts_.board.Get();
  if (!wanted.has_value()) wanted = lead_.Ask(parts_.lead_address(), parts_.dialer);
  const absl::Duration now = parts_.clock.Monotonic();
  {
    MutexLock lock(mu_);
    if (wanted.has_value()) {
      heard_ = *wanted;
      heard_at_ = now;
    }
    if (now - heard_at_ < kRemembered) return heard_;
  }
  QuotaReport as_configured;
  as_configured.known = true;
  const double allowed = CallsAllowed(parts_.config.quota(), as_configured);
  WorkerDemand demand(ScalingLimitsOf(parts_.config));
  ASSIGN_OR_RETURN(const uint64_t runnable,
                   CountRunnable(parts_.store, parts_.clock.Now(), demand.MostOfInterest(allowed)));
  return demand.Wanted(now, runnable, allowed);
}

grpc::Status ScalerService::IsActive(grpc::ServerContext*, const externalscaler::ScaledObjectRef*,
                                     externalscaler::IsActiveResponse* answer) {
  const absl::StatusOr<uint32_t> wanted = Wanted();
  if (!wanted.ok()) return Unavailable(wanted.status());
  answer->set_result(*wanted > 0);
  return grpc::Status::OK;
}

grpc::Status ScalerService::StreamIsActive(grpc::ServerContext* context, const externalscaler::ScaledObjectRef*,
                                           grpc::ServerWriter<externalscaler::IsActiveResponse>* answers) {
  const auto leave = absl::MakeCleanup([this] { --streams_; });
  if (++streams_ > kMostStreams) {
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many streams of StreamIsActive at once");
  }
  std::optional<bool> told;
  while (!stopping_ && !context->IsCancelled()) {
    const absl::StatusOr<uint32_t> wanted = Wanted();
    if (wanted.ok() && told != (*wanted > 0)) {
      told = *wanted > 0;
      externalscaler::IsActiveResponse answer;
      answer.set_result(*told);
      if (!answers->Write(answer)) break;
    }
    tikhaul::SleepFor(kLookEvery);
  }
  return grpc::Status::OK;
}

grpc::Status ScalerService::GetMetricSpec(grpc::ServerContext*, const externalscaler::ScaledObjectRef*,
                                          externalscaler::GetMetricSpecResponse* answer) {
  externalscaler::MetricSpec* const spec = answer->add_metricspecs();
  spec->set_metricname(kWantedMetric);
  spec->set_targetsize(1);  // the figure counts workers: one replica for each
  spec->set_targetsizefloat(1);
  return grpc::Status::OK;
}

// KEDA may put the number of the trigger in front of the name, and there is one metric.
grpc::Status ScalerService::GetMetrics(grpc::ServerContext*, const externalscaler::GetMetricsRequest*,
                                       externalscaler::GetMetricsResponse* answer) {
  const absl::StatusOr<uint32_t> wanted = Wanted();
  if (!wanted.ok()) return Unavailable(wanted.status());
  externalscaler::MetricValue* const value = answer->add_metricvalues();
  value->set_metricname(kWantedMetric);
  value->set_metricvalue(*wanted);
  value->set_metricvaluefloat(*wanted);
  return grpc::Status::OK;
}

}  // namespace tikhaul
