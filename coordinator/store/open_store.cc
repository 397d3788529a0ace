#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "coordinator/store/postgres/pg_store.h"
#include "coordinator/store/sqlite/sqlite_store.h"
#include "coordinator/store/store.h"

namespace tikhaul {

absl::StatusOr<std::unique_ptr<Store>> OpenStore(const StoreOptions& options) {
  absl::string_view path = options.url;
  if (absl::ConsumePrefix(&path, "sqlite:") && !path.empty()) {
    return OpenSqliteStore(std::string(path),
                           {.address = options.address, .passive = options.passive, .migrate = options.migrate});
  }
  if (absl::StartsWith(path, "postgresql://") || absl::StartsWith(path, "postgres://")) {
    return OpenPgStore({.url = options.url,
                        .password = options.password,
                        .schema = options.schema,
                        .connections = options.connections,
                        .address = options.address,
                        .passive = options.passive,
                        .membership = options.membership,
                        .migrate = options.migrate});
  }
  // The address itself may hold a password.
  return absl::InvalidArgumentError(
      "`store` is not one tikhaul knows; write sqlite:/folder/file.db or postgresql://user@host/database");
}

}  // namespace tikhaul
