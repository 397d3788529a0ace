// `tikhaul check`: is everything there that work needs, and if not, what to do.
#ifndef TIKHAUL_COORDINATOR_ADMIN_CHECKER_H_
#define TIKHAUL_COORDINATOR_ADMIN_CHECKER_H_

#include "coordinator/accounts/accounts.h"
#include "coordinator/dispatch/quota_keeper.h"
#include "coordinator/fault_board.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/admin.pb.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

struct CheckSubjects {
  const v1::Config& config;
  Store& store;
  Accounts& accounts;
  QuotaKeeper& quota;
  FaultBoard& faults;
  const Clock& clock;
};

// Spends the API calls of one Accounts::Refresh. What is closed in the permission matrix is asked again at once, by the
// next chunk of the pair. Thread-safe.
v1::CheckResponse RunChecks(const CheckSubjects& subjects);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ADMIN_CHECKER_H_
