// The advisory locks of a store. They belong to the database, so each schema has its own.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_LOCKS_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_LOCKS_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/digest.h"

namespace tikhaul {

enum class PgLock : int32_t {
  kHold = 0x746b6801,     // of the session: one coordinator per schema
  kFence = 0x746b6802,    // shared by every transaction that writes; whoever takes the store over takes it alone
  kRecords = 0x746b6803,  // the bookkeeping, one writer at a time
  kMigrate = 0x746b6804,
};

// "1953195009, -17": the two arguments of PostgreSQL's functions.
inline std::string LockArguments(PgLock lock, const std::string& schema) {
  return absl::StrCat(static_cast<int32_t>(lock), ", ", static_cast<int32_t>(StableHash(schema)));
}

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_LOCKS_H_
