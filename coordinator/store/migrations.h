// The versions of the stores' schemas. Files of a release are never edited: a change is a new file.
#ifndef TIKHAUL_COORDINATOR_STORE_MIGRATIONS_H_
#define TIKHAUL_COORDINATOR_STORE_MIGRATIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace tikhaul {

// SQL that leads from version i to version i + 1, for i from 0.
const std::vector<const char*>& SqliteMigrations();
const std::vector<const char*>& PostgresMigrations();

// FAILED_PRECONDITION when a store of `version` is newer than `known`, or older and not to be migrated unasked.
absl::Status CheckVersion(const std::string& store, int64_t version, int64_t known, bool migrate);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_MIGRATIONS_H_
