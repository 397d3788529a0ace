// What the contract suite needs of a back end beside its Store.
#ifndef TIKHAUL_TESTS_CONTRACT_STORE_STORE_HARNESS_H_
#define TIKHAUL_TESTS_CONTRACT_STORE_STORE_HARNESS_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "coordinator/store/store.h"

namespace tikhaul {

using TextRows = std::vector<std::vector<std::string>>;

// An empty store of its own, removed with the harness.
class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  virtual Store& store() = 0;
  // Ends the store and opens it again on the same data, as a restart does.
  virtual void Reopen() = 0;
  // What another program sees: the rows of a plain SELECT, values as text, null as "NULL".
  virtual TextRows Query(const std::string& sql) = 0;
  // Runs a statement as another program would.
  virtual void Execute(const std::string& sql) = 0;
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StoreHarness>()> make;
  friend void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }
};

// The stores that the contract is checked on.
std::vector<StoreKind> AllStores();

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_CONTRACT_STORE_STORE_HARNESS_H_
