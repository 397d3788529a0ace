#include "tests/contract/store/postgres_harness.h"
#include "tests/contract/store/store_harness.h"

namespace tikhaul {

std::vector<StoreKind> AllStores() {
  return {{.name = "Postgres", .make = [] { return std::make_unique<PostgresHarness>(); }}};
}

}  // namespace tikhaul
