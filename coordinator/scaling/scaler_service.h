// What KEDA asks: how many workers are wanted. Any coordinator answers, since KEDA knows one address for all of them.
#ifndef TIKHAUL_COORDINATOR_SCALING_SCALER_SERVICE_H_
#define TIKHAUL_COORDINATOR_SCALING_SCALER_SERVICE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/rpc/channel.h"
#include "coordinator/scaling/wanted_board.h"
#include "coordinator/store/store.h"
#include "externalscaler/externalscaler.grpc.pb.h"
#include "tikhaul/v1/config.pb.h"
#include "tikhaul/v1/peer.grpc.pb.h"

namespace tikhaul {

inline constexpr char kWantedMetric[] = "tikhaul_wanted_workers";

// The lead's figure where this coordinator does not lead. Thread-safe.
class LeadFigure {
 public:
  // Empty: the lead does not answer, or does not know yet.
  std::optional<uint32_t> Ask(const std::string& lead_address, const Dialer& dialer);

 private:
  Mutex mu_;
  std::string address_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<v1::Peer::Stub> stub_ ABSL_GUARDED_BY(mu_);
};

// Thread-safe. Borrows what it is given.
class ScalerService final : public externalscaler::ExternalScaler::Service {
 public:
  struct Parts {
    const v1::Config& config;
    const WantedBoard& board;
    Store& store;
    const Clock& clock;
    const Dialer& dialer;
    std::function<std::string()> lead_address;  // empty while nobody leads
  };
  explicit ScalerService(Parts parts) : parts_(std::move(parts)) {}

  // Streams end soon.
  void Stop() { stopping_ = true; }

  // The lead's figure, the last one that was heard of it within kRemembered, or one from the backlog alone, as far as
  // the configured quota goes. UNAVAILABLE when the store cannot be read either.
  absl::StatusOr<uint32_t> Wanted() ABSL_LOCKS_EXCLUDED(mu_);

  grpc::Status IsActive(grpc::ServerContext*, const externalscaler::ScaledObjectRef*,
                        externalscaler::IsActiveResponse* answer) override;
  grpc::Status StreamIsActive(grpc::ServerContext* context, const externalscaler::ScaledObjectRef*,
                              grpc::ServerWriter<externalscaler::IsActiveResponse>* answers) override;
  grpc::Status GetMetricSpec(grpc::ServerContext*, const externalscaler::ScaledObjectRef*,
                             externalscaler::GetMetricSpecResponse* answer) override;
  grpc::Status GetMetrics(grpc::ServerContext*, const externalscaler::GetMetricsRequest*,
                          externalscaler::GetMetricsResponse* answer) override;

 private:
  static constexpr absl::Duration kRemembered = absl::Minutes(1);

  const Parts parts_;
  LeadFigure lead_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> streams_{0};
  Mutex mu_;
  uint32_t heard_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Duration heard_at_ ABSL_GUARDED_BY(mu_) = -absl::InfiniteDuration();
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SCALING_SCALER_SERVICE_H_
