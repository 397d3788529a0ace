// The advisory locks of a store. They belong to the database, so each schema has its own.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_LOCKS_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_LOCKS_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/digest.h"

namespace tikhaul {

enum class PgLock : int32_t {
  kFence = 0x746b6802,    // a member's: shared by its transactions that write; whoever evicts it takes it alone
  kRecords = 0x746b6803,  // the bookkeeping, one writer at a time
  kMigrate = 0x746b6804,  // of the session, while a coordinator opens the schema
};

// "1953195009, -17": the two arguments of PostgreSQL's functions. `owner`: the schema, or one of its members.
inline std::string LockArguments(PgLock lock, const std::string& owner) {
  return absl::StrCat(static_cast<int32_t>(lock), ", ", static_cast<int32_t>(StableHash(owner)));
}

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_LOCKS_H_
