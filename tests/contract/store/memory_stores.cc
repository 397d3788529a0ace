#include "tests/contract/store/memory_harness.h"

namespace tikhaul {

std::vector<StoreKind> AllStores() {
  return {{.name = "Memory", .make = [] { return std::make_unique<MemoryHarness>(); }}};
}

}  // namespace tikhaul
