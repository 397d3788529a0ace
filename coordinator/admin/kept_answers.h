// Idempotency keys: a changing call that comes again with its key is given its first answer.
#ifndef TIKHAUL_COORDINATOR_ADMIN_KEPT_ANSWERS_H_
#define TIKHAUL_COORDINATOR_ADMIN_KEPT_ANSWERS_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/store/store.h"
#include "google/protobuf/message.h"

namespace tikhaul {

// How long answers are kept at least.
inline constexpr absl::Duration kAnswersKept = absl::Hours(7 * 24);

// One changing call.
struct ChangingCall {
  std::string idempotency_key;  // empty: none
  const google::protobuf::Message& request;
  google::protobuf::Message& response;
  // Before the transaction: what needs the API, or time. Not called for a call that is known.
  std::function<absl::Status()> prepare = [] { return absl::OkStatus(); };
  // Makes the change and fills the response, which is empty.
  std::function<absl::Status(StoreTransaction&)> change;
};

// Makes the change and keeps its answer in one transaction; or gives the answer that is kept. Failures are not kept.
// INVALID_ARGUMENT: the key is no key. ALREADY_EXISTS: it was used for another request.
absl::Status CarryOutOnce(Store& store, absl::Time now, const ChangingCall& call);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ADMIN_KEPT_ANSWERS_H_
