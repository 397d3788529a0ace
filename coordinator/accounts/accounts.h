// Which advertisers there are, with zone, currency and creation, and whether each connection's token is good.
#ifndef TIKHAUL_COORDINATOR_ACCOUNTS_ACCOUNTS_H_
#define TIKHAUL_COORDINATOR_ACCOUNTS_ACCOUNTS_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/model/chunk.h"
#include "common/tiktok/client.h"
#include "coordinator/fault_board.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// Thread-safe. Borrows everything it is given.
class Accounts {
 public:
  // `obstacle` says why no API call can be made now (TokenAgent::Obstacle); empty when they can.
  Accounts(const v1::Config& config, Store& store, ApiTransport& transport, std::function<std::string()> obstacle,
           const Clock& clock, FaultBoard& faults);

  // Asks the API (oauth2/advertiser/get/ where a connection has "all", then advertiser/info/) and records the answers.
  // A connection whose token is refused is paused until a later refresh finds it good again; the others go on.
  // Advertisers that are not open to the token are left out and named on the board.
  // Returns the first connection's failure, after all were tried. UNAVAILABLE at once while no call can be made.
  absl::Status Refresh() ABSL_LOCKS_EXCLUDED(refresh_mu_);
  // Refreshes only the connections paused for their token; lifts the pause of those that are good again.
  void RecheckPaused() ABSL_LOCKS_EXCLUDED(refresh_mu_);

  // The advertisers an extract covers: those of its connections, cut to its own list and to `only` (empty: no cut).
  // Refreshes first when a connection of it is not known yet. NOT_FOUND names advertisers that no connection has.
  absl::StatusOr<std::vector<Advertiser>> Of(const v1::Extract& extract, const std::vector<std::string>& only)
      ABSL_LOCKS_EXCLUDED(refresh_mu_);

  // UNAVAILABLE while no API call can be made, with the reason.
  absl::Status CanCall() const;

 private:
  absl::Status RefreshConnection(const v1::Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(refresh_mu_);
  using LeftOut = std::map<std::string, std::string>;  // advertiser id, and why it cannot be read
  struct Asked {
    std::vector<Advertiser> advertisers;
    LeftOut left_out;
  };
  absl::StatusOr<Asked> Ask(const v1::Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(refresh_mu_);
  // One account that is not open to the token makes the API refuse the whole list: then it is asked for in halves.
  absl::Status AskInfo(const Secret& token, const std::vector<std::string>& ids,
                       std::map<std::string, Advertiser>* known, LeftOut* left_out)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(refresh_mu_);
  absl::Status LiftPause(const std::string& connection);

  const v1::Config& config_;
  Store& store_;
  ApiTransport& transport_;
  const std::function<std::string()> obstacle_;
  const Clock& clock_;
  FaultBoard& faults_;
  Mutex refresh_mu_;  // one refresh at a time; held over API calls, which nothing else waits for
};

// Whether the configuration has the extract read this advertiser.
bool Covers(const v1::Config& config, const v1::Extract& extract, const Advertiser& advertiser);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ACCOUNTS_ACCOUNTS_H_
