// The pause of a connection whose token the API refuses.
#ifndef TIKHAUL_COORDINATOR_ACCOUNTS_TOKEN_PAUSE_H_
#define TIKHAUL_COORDINATOR_ACCOUNTS_TOKEN_PAUSE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Until its token is good again (Accounts::RecheckPaused). Leaves a pause that is there as it is.
absl::Status PauseForToken(Store& store, const std::string& connection, const std::string& reason, absl::Time now);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ACCOUNTS_TOKEN_PAUSE_H_
