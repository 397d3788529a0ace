// The permission matrix: what follows for an advertiser x endpoint from an answer of the API. Pure decisions; the
// caller reads the field from the store and writes the answer in the same transaction.
//
//   unknown -> open | no_grant | account_dead, by the first chunk of the pair, which goes alone; any -> any other
//   later.
//
// No call is spent on asking: the scout is a chunk that has to be read anyway. While a field is not open one chunk of
// the pair is under way at most, so that what is closed costs one call per try; tries come at growing intervals.
#ifndef TIKHAUL_COORDINATOR_CORE_ACCESS_H_
#define TIKHAUL_COORDINATOR_CORE_ACCESS_H_

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"

namespace tikhaul {

inline bool IsClosed(AccessState state) { return state == AccessState::kNoGrant || state == AccessState::kAccountDead; }

// Refused as `state`, one of the closed ones. The next try is 15 minutes later, then 30, up to 6 hours. An answer to a
// call that left before the field was closed changes nothing.
Access AfterRefusal(const Access& before, AccessState state, int code, absl::string_view message, absl::Time now);
// A page came.
Access AfterSuccess(const Access& before, absl::Time now);
// To be asked at once, if it is closed.
Access AskAgain(const Access& before, absl::Time now);

// A field of the matrix: advertiser, endpoint.
using AccessKey = std::pair<std::string, std::string>;
// Of the chunks whose access is in `not_open`, the first of each that has lost its worker, else the first; all others.
// `key_of` is called for each chunk.
std::vector<Chunk> KeepScouts(std::vector<Chunk> chunks, const std::set<AccessKey>& not_open,
                              const std::function<AccessKey(const Chunk&)>& key_of);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_ACCESS_H_
