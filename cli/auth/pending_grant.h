// What `tikhaul auth url` leaves for `tikhaul auth exchange`: the state that must come back.
#ifndef TIKHAUL_CLI_AUTH_PENDING_GRANT_H_
#define TIKHAUL_CLI_AUTH_PENDING_GRANT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tikhaul {

struct PendingGrant {
  std::string state;
  std::string redirect_uri;
};

// One file per folder, with mode 0600; a new one replaces the old. The folder is made if needed.
absl::Status SavePendingGrant(const std::string& folder, const PendingGrant& grant);
// NOT_FOUND: none was begun in the hour before `now`.
absl::StatusOr<PendingGrant> LoadPendingGrant(const std::string& folder, absl::Time now);
// A grant is used once.
void ForgetPendingGrant(const std::string& folder);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_AUTH_PENDING_GRANT_H_
