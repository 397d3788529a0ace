#include "coordinator/accounts/token_pause.h"

#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tikhaul {

absl::Status PauseForToken(Store& store, const std::string& connection, const std::string& reason, absl::Time now) {
  return store.Write([&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<Pause> pauses, tx.ListPauses());
    for (const Pause& pause : pauses) {
      if (pause.scope == "connection" && pause.name == connection) return absl::OkStatus();
    }
    LogWarning("connection paused: its token is not good", {{"connection", connection}, {"reason", reason}});
    return tx.PutPause({.scope = "connection", .name = connection, .reason = reason, .automatic = true, .since = now});
  });
}

}  // namespace tikhaul
