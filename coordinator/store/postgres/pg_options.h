// How the store in PostgreSQL is reached and used.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_OPTIONS_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_OPTIONS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/secret.h"

namespace tikhaul {

struct PgOptions {
  std::string url;  // postgresql://..., as libpq reads it; may hold a password: never into messages
  std::function<absl::StatusOr<Secret>()> password;  // asked at each connection; none: the URL's, or as libpq finds it
  std::string schema = "tikhaul";
  int connections = 8;  // at most, beside the one of the membership
  std::string address;  // where others reach this coordinator
  bool passive = false;
  absl::Duration membership = absl::Seconds(8);
  bool migrate = true;  // false: refuse a schema of an older tikhaul
  absl::Duration lock_timeout = absl::Seconds(10);
  absl::Duration statement_timeout = absl::Minutes(15);
  // How long a coordinator that stands still may hold locks of a transaction it has begun: no longer than it stays a
  // member, or the others wait for it before they can evict it.
  absl::Duration idle_timeout = absl::Seconds(8);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_OPTIONS_H_
