// Verification as a whole: which extracts and advertisers, several at a time, and what is kept of the outcome.
#ifndef TIKHAUL_COORDINATOR_VERIFY_VERIFY_SERVICE_H_
#define TIKHAUL_COORDINATOR_VERIFY_VERIFY_SERVICE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/tiktok/client.h"
#include "coordinator/accounts/accounts.h"
#include "coordinator/extract_registry.h"
#include "coordinator/runs/run_service.h"
#include "coordinator/store/store.h"
#include "coordinator/verify/verify_task.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// Thread-safe. Borrows everything it is given.
class VerifyService {
 public:
  VerifyService(const v1::Config& config, const ExtractRegistry& extracts, Store& store, Accounts& accounts,
                ApiTransport& transport, const Clock& clock)
      : config_(config),
        extracts_(extracts),
        store_(store),
        accounts_(accounts),
        transport_(transport),
        clock_(clock) {}

  using Emit = std::function<void(const v1::VerifyResult&)>;

  // Gives one result per extract and advertiser to `emit`, one at a time, in whatever order they are ready. What cannot
  // be said of one of them stands in its result; a failed status tells of all: unknown names, no way to the API.
  // `wanted`: turns false when nobody waits any more.
  absl::Status Verify(const Selection& selection, uint32_t search_calls, const std::function<bool()>& wanted,
                      const Emit& emit);

  // Sums of stored rows (admin.proto). `take` gets pages of them.
  absl::Status ListFigures(const v1::ListFiguresRequest& request, const Selection& selection,
                           absl::FunctionRef<absl::Status(const v1::FiguresPage&)> take);

 private:
  absl::StatusOr<std::vector<VerifyTask>> TasksOf(const Selection& selection, uint32_t search_calls);
  v1::VerifyResult RunTask(const VerifyTask& task, const std::function<bool()>& wanted);
  absl::Status RunInto(const VerifyTask& task, const std::function<bool()>& wanted, v1::VerifyResult& result);
  absl::Status Keep(const v1::VerifyResult& result);

  const v1::Config& config_;
  const ExtractRegistry& extracts_;
  Store& store_;
  Accounts& accounts_;
  ApiTransport& transport_;
  const Clock& clock_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_VERIFY_VERIFY_SERVICE_H_
