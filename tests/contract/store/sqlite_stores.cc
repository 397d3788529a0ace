#include "tests/contract/store/sqlite_harness.h"
#include "tests/contract/store/store_harness.h"

namespace tikhaul {

std::vector<StoreKind> AllStores() {
  return {{.name = "Sqlite", .make = [] { return std::make_unique<SqliteHarness>(); }}};
}

}  // namespace tikhaul
