// What PostgreSQL's error codes mean to us.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_ERRORS_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tikhaul {

struct PgMeaning {
  absl::StatusCode code = absl::StatusCode::kInternal;
  absl::string_view mend;  // what the user can do about it, from "; " on; may be empty
};

// `state`: five characters; empty when the connection is gone.
PgMeaning MeaningOf(absl::string_view state);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_ERRORS_H_
