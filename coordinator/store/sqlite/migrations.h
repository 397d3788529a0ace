// The versions of the SQLite schema. Files of a release are never edited: a change is a new file.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_MIGRATIONS_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_MIGRATIONS_H_

#include <vector>

namespace tikhaul {

// SQL that leads from version i to version i + 1, for i from 0.
const std::vector<const char*>& SqliteMigrations();

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_MIGRATIONS_H_
