// Seats that change hands, each change in one transaction with what follows from it for the chunks of its shard.
#ifndef TIKHAUL_COORDINATOR_MEMBERSHIP_SEATS_H_
#define TIKHAUL_COORDINATOR_MEMBERSHIP_SEATS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Gives `seats` to `member`, each unless it has changed since `roll`. The running chunks of these shards are ready
// again, under new epochs: the streams of the earlier holder are worth nothing from here on.
absl::Status MoveSeats(Store& store, const Roll& roll, const std::vector<int>& seats, const std::string& member);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_MEMBERSHIP_SEATS_H_
