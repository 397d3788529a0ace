// This coordinator among those that share the store: which seats it has, and where the others are reached.
#ifndef TIKHAUL_COORDINATOR_MEMBERSHIP_MEMBERSHIP_H_
#define TIKHAUL_COORDINATOR_MEMBERSHIP_MEMBERSHIP_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "coordinator/core/membership.h"
#include "coordinator/fault_board.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Renew() and Tick() belong to a thread each, so that nothing that a seat's move waits for keeps the membership from
// being renewed; the others are thread-safe. Borrows what it is given.
class Membership {
 public:
  struct Options {
    absl::Duration membership = StoreOptions().membership;
    absl::Duration drain = absl::Minutes(2);  // how long a shard that is another's waits for its chunks under way
  };
  // `busy`: whether chunks of the shard are under way here.
  Membership(Store& store, const Clock& clock, FaultBoard& faults, Options options, std::function<bool(int)> busy);

  // Tells the store that this coordinator lives, and evicts those who do not. Several times within `membership`. Waits
  // for no lock on the bookkeeping: whoever holds that may be the one who is to be evicted.
  void Renew() ABSL_LOCKS_EXCLUDED(mu_);
  // Takes and hands over what is due. About once a second.
  void Tick() ABSL_LOCKS_EXCLUDED(mu_);

  // As the store last said. One that cannot reach the store goes on with what it has: what it may write is decided
  // there, and where the store is away from all, nothing is to be given up.
  bool Has(int seat) const ABSL_LOCKS_EXCLUDED(mu_);
  bool Leads() const { return Has(kLeadSeat); }
  // Nobody can have evicted this coordinator yet: for what is not decided in the store.
  bool Sure() const ABSL_LOCKS_EXCLUDED(mu_);
  // Has it, and is not about to hand it over.
  bool Keeps(int seat) const ABSL_LOCKS_EXCLUDED(mu_);
  // Where the holder of the seat is reached; empty while nobody has it.
  std::string AddressOf(int seat) const ABSL_LOCKS_EXCLUDED(mu_);
  std::string LeadAddress() const { return AddressOf(kLeadSeat); }
  // As last read.
  Roll roll() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  bool HasLocked(int seat) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status ReadRoll() ABSL_LOCKS_EXCLUDED(mu_);
  void Evict(const std::vector<std::string>& members);
  // Those of the seats that may go now; the others wait for their chunks.
  std::map<std::string, std::vector<int>> Released(const std::map<int, std::string>& hand_over)
      ABSL_LOCKS_EXCLUDED(mu_);
  void Move(const Roll& roll, const std::vector<int>& seats, const std::string& member);

  Store& store_;
  const Clock& clock_;
  FaultBoard& faults_;
  const Options options_;
  const std::function<bool(int)> busy_;

  mutable Mutex mu_;
  Roll roll_ ABSL_GUARDED_BY(mu_);
  absl::Duration renewed_at_ ABSL_GUARDED_BY(mu_);              // monotonic, when the question was sent
  std::map<int, absl::Duration> leaving_ ABSL_GUARDED_BY(mu_);  // since when
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_MEMBERSHIP_MEMBERSHIP_H_
