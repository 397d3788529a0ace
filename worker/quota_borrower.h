// Tokens from the coordinator, for a worker that cannot reach Redis.
#ifndef TIKHAUL_WORKER_QUOTA_BORROWER_H_
#define TIKHAUL_WORKER_QUOTA_BORROWER_H_

#include <vector>

#include "common/quota/limiter.h"
#include "tikhaul/v1/ingest.grpc.pb.h"
#include "worker/coordinator_links.h"

namespace tikhaul {

// Thread-safe. Borrows the links.
class QuotaBorrower final : public QuotaLender {
 public:
  explicit QuotaBorrower(CoordinatorLinks& links) : links_(links) {}

  absl::StatusOr<QuotaScripts::Grant> Acquire(const std::vector<QuotaScripts::Wanted>& wanted, uint32_t most) override;
  absl::Status Throttled(absl::Duration age) override;

 private:
  absl::StatusOr<v1::QuotaAnswer> Ask(const v1::QuotaQuestion& question);

  CoordinatorLinks& links_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_QUOTA_BORROWER_H_
